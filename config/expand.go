package config

import (
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ogg-exporter/ogg_exporter/secret"
)

// variable matches what expansion handles: $$, ${anything}, and a ${ that is not closed.
var (
	variable     = regexp.MustCompile(`\$\$|\$\{[^}]*\}?`)
	variableName = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)
	reference    = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)
)

// expand replaces ${NAME} in all values of a parsed tree, so that no value can turn into YAML
// syntax. Keys stay as they are. A variable's value loses a byte order mark and one newline.
func (d *decoder) expand(root *yaml.Node, lookup func(string) (string, bool)) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	d.expanded = map[*yaml.Node]bool{}
	d.eachValue(root, "", func(n *yaml.Node, path string) { d.expandScalar(n, path, lookup) })
}

// unexpanded returns a warning for each value with a ${NAME} that stays as it is.
func (d *decoder) unexpanded(root *yaml.Node) []string {
	var warnings []string
	d.eachValue(root, "", func(n *yaml.Node, path string) {
		if reference.MatchString(n.Value) && len(warnings) < maxReported {
			f := finding{file: d.file, line: n.Line, path: path, what: "contains ${...}, which stays as it is without --config.expand-env"}
			warnings = append(warnings, f.Error())
		}
	})
	return warnings
}

// eachValue calls do with every value of a tree that is not a mapping or a list, and its path.
func (d *decoder) eachValue(n *yaml.Node, path string, do func(n *yaml.Node, path string)) {
	if n == nil || !d.spend(len(path)) {
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		do(n, path)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			d.eachValue(item, index(path, i), do)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.eachValue(n.Content[i+1], join(path, n.Content[i].Value), do)
		}
	}
}

// expandScalar replaces a value in place, and records whether that succeeded.
func (d *decoder) expandScalar(n *yaml.Node, path string, lookup func(string) (string, bool)) {
	if !variable.MatchString(n.Value) {
		return
	}
	ok := true
	fail := func(format string, args ...any) string {
		d.addAt(n.Line, path, format, args...)
		ok = false
		return ""
	}
	value := variable.ReplaceAllStringFunc(n.Value, func(s string) string {
		name := variableName.FindStringSubmatch(s)
		switch {
		case s == "$$":
			return "$"
		case !strings.HasSuffix(s, "}"):
			return fail("contains a ${ that is not closed; write $${ for a literal ${")
		case name == nil:
			return fail("contains a ${...} that is not a variable name; write $${ for a literal ${")
		}
		value, found := lookup(name[1])
		if !found {
			return fail("environment variable %s is not defined", name[1])
		}
		return secret.Trim(value)
	})
	d.expanded[n] = ok
	if !ok {
		return
	}
	n.Value = value
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 && n.Style&yaml.TaggedStyle == 0 {
		n.Tag = "" // determined again from the value: a number stays a number
	}
}
