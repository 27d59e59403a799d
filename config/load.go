package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ogg-exporter/ogg_exporter/files"
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
// file, and then one for each variable that was not replaced. Each is one line of the form
// "file:line: field: what is wrong" and contains no secret.
func Load(file string, o Options) (*Config, error) {
	text, err := files.Read(file)
	if err != nil {
		return nil, fmt.Errorf("--config.file: %s: cannot be read: %w", file, cause(err))
	}
	f := &findings{file: file, lines: map[string]int{"": 1}}
	root := parse(text, f)
	if len(f.list) > 0 {
		return nil, f.err()
	}
	d := &decoder{findings: f, dir: filepath.Dir(file), broken: map[string]bool{}}
	var warnings []string
	if o.ExpandEnv {
		d.expand(root, o.LookupEnv)
	} else {
		warnings = d.unexpanded(root)
	}
	c := d.config(root)
	if err := f.err(); err != nil {
		for _, warning := range warnings { // which may be what the mistake is
			err = errors.Join(err, errors.New(warning))
		}
		return nil, err
	}
	c.Warnings = warnings
	return c, nil
}

// config decodes, validates and completes the whole tree. The result is valid only without
// findings.
func (d *decoder) config(root *yaml.Node) *Config {
	c := &Config{}
	d.work = 0 // what expanding variables took is not added
	if root != nil && !d.isNull(root) {
		d.decode(root, reflect.ValueOf(c).Elem(), "")
	}
	if !d.exhausted() {
		d.validate(c)
	}
	if d.exhausted() { // what was found until then is not the mistake
		d.list, d.more = nil, 0
		d.add("", "stands for more than %d values, because aliases (*) and merges (<<) repeat too many", maxWork)
	}
	return c
}

// parse returns the root of the only document; nil if the file is empty or there is a finding.
func parse(text []byte, f *findings) *yaml.Node {
	if tooManyValues(text) {
		f.addAt(f.line(""), "", "has more than %d values", maxValues)
		return nil
	}
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

// yamlMessage matches the parser's error: its line, if it has one, and the rest.
var yamlMessage = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// maxReparsed is the size, in bytes, up to which a file with an error is parsed 20 times.
const maxReparsed = 1 << 20

// addSyntaxError turns the parser's error into a finding. The parser often reports the line before
// the list around the mistake. The first line with which the error appears is more accurate.
func addSyntaxError(err error, text []byte, f *findings) {
	message, line := err.Error(), 1
	if m := yamlMessage.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(cmp.Or(m[1], "1"))
		message = m[2]
	}
	if len(text) <= maxReparsed {
		line = firstWith(err, text)
	}
	// The parser takes a value that starts with * for an alias and quotes it, but it may be a password.
	switch {
	case strings.HasPrefix(message, "unknown anchor"):
		message = "alias to an undefined anchor; quote values that start with *"
	case indentedByTab(text, line):
		message = "a tab in the indentation; YAML indents with spaces"
	}
	f.addAt(line, "", "invalid YAML: %s", message)
}

// indentedByTab reports whether a line, counted from 1, begins with white space that has a tab.
func indentedByTab(text []byte, line int) bool {
	lines := bytes.SplitN(text, []byte("\n"), line+1)
	if line < 1 || line > len(lines) {
		return false
	}
	l := lines[line-1]
	return bytes.ContainsRune(l[:len(l)-len(bytes.TrimLeft(l, " \t"))], '\t')
}

// firstWith returns the first line with which the parser's error appears.
func firstWith(err error, text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	before := sort.Search(len(lines), func(i int) bool {
		_, earlier := documents(bytes.Join(lines[:i+1], nil))
		return earlier != nil && earlier.Error() == err.Error()
	})
	return min(before+1, len(lines))
}

// cause returns the reason of a file error without the path, which may be a misplaced secret.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
