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

// Options change how Load reads a file. The zero value reads it as it is.
type Options struct {
	// ExpandEnv replaces ${NAME} in values by the variable of that name, and $$ by a dollar.
	ExpandEnv bool
	// LookupEnv finds a variable; nil stands for os.LookupEnv.
	LookupEnv func(string) (string, bool)
}

// Load reads and validates a configuration file. Relative paths in it start at its directory.
//
// The error joins one error for each mistake, in the order of the file, each a line of the form
// "file:line: field: what is wrong" that holds no secret. With an error there is no Config.
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

// config decodes, validates and completes the whole tree. It is of use only if nothing was found.
func (d *decoder) config(root *yaml.Node) *Config {
	c := &Config{}
	if root != nil && !d.isNull(root) {
		d.decode(root, reflect.ValueOf(c).Elem(), "")
	}
	d.validate(c)
	return c
}

// parse returns the root of the only document, or nil for an empty file or after a finding.
func parse(text []byte, f *findings) *yaml.Node {
	docs, err := documents(text)
	switch {
	case err != nil:
		addSyntaxError(err, text, f)
		return nil
	case len(docs) == 0:
		return nil
	case len(docs) > 1:
		f.addAt(docs[1].Line, "", "only one YAML document is allowed, a second one starts here")
		return nil
	}
	return docs[0].Content[0]
}

// documents parses all YAML documents of a text.
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

// yamlMessage takes apart the parser's error.
var yamlMessage = regexp.MustCompile(`(?s)^yaml: (?:line \d+: )?(.*)$`)

// addSyntaxError turns the parser's error into a finding. The line that the parser gives is often
// that of the list around the mistake, less one: the first line that brings the error up is better.
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
	// The parser takes a value that starts with * for an alias and quotes it: it may be a password.
	if strings.HasPrefix(message, "unknown anchor") {
		message = "alias of an anchor that is not defined; put a value that starts with * in quotes"
	}
	f.addAt(min(before+1, len(lines)), "", "invalid YAML: %s", message)
}

// cause is the reason of a file error without the path, which may be a misplaced secret.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
