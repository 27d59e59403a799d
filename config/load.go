package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Options change how Load reads a file. The zero value expands no variables.
type Options struct {
	// ExpandEnv replaces ${NAME} in values with the environment variable NAME, and $$ with a dollar
	// sign.
	ExpandEnv bool
	// LookupEnv looks up a variable; os.LookupEnv if nil.
	LookupEnv func(string) (string, bool)
}

// Load reads and validates a configuration file. Relative paths in it start at its directory.
//
// On failure, Config is nil and the error joins one error for each mistake, in the order of the
// file. Each is one line of the form "file:line: field: what is wrong" and contains no secret.
func Load(file string, o Options) (*Config, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the user says which file
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", file, cause(err))
	}
	f := &findings{file: file, lines: map[string]int{"": 1}}
	root := parse(text, f)
	if len(f.list) > 0 {
		return nil, f.err()
	}
	d := &decoder{findings: f, dir: filepath.Dir(file), broken: map[string]bool{}}
	if o.ExpandEnv {
		d.expand(root, o.LookupEnv)
	}
	c := d.config(root)
	if err := f.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// config decodes, validates and completes the whole tree. The result is valid only without
// findings.
func (d *decoder) config(root *yaml.Node) *Config {
	c := &Config{}
	if root != nil && !d.isNull(root) {
		d.decode(root, reflect.ValueOf(c).Elem(), "")
	}
	d.validate(c)
	return c
}

// parse returns the root of the only document; nil if the file is empty or there is a finding.
func parse(text []byte, f *findings) *yaml.Node {
	docs, err := documents(text)
	switch {
	case err != nil:
		addSyntaxError(err, text, f)
		return nil
	case len(docs) == 0:
		return nil
	case len(docs) > 1:
		f.addAt(docs[1].Line, "", "only one YAML document is allowed; a second one starts here")
		return nil
	}
	return docs[0].Content[0]
}

func documents(text []byte) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		doc := &yaml.Node{}
		switch err := dec.Decode(doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, err
		}
		docs = append(docs, doc)
	}
}

// yamlMessage matches the parser's error without its prefix.
var yamlMessage = regexp.MustCompile(`(?s)^yaml: (?:line \d+: )?(.*)$`)

// addSyntaxError turns the parser's error into a finding. The parser often reports the line before
// the list around the mistake. The first line with which the error appears is more accurate.
func addSyntaxError(err error, text []byte, f *findings) {
	message := err.Error()
	lines := bytes.SplitAfter(text, []byte("\n"))
	before := sort.Search(len(lines), func(i int) bool {
		_, earlier := documents(bytes.Join(lines[:i+1], nil))
		return earlier != nil && earlier.Error() == message
	})
	if m := yamlMessage.FindStringSubmatch(message); m != nil {
		message = m[1]
	}
	// The parser takes a value that starts with * for an alias and quotes it, but it may be a password.
	if strings.HasPrefix(message, "unknown anchor") {
		message = "alias to an undefined anchor; quote values that start with *"
	}
	f.addAt(min(before+1, len(lines)), "", "invalid YAML: %s", message)
}

// cause returns the reason of a file error without the path, which may be a misplaced secret.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
