package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder decodes a YAML tree into a Go type by its yaml tags. The YAML library's own decoder stops
// at the first error from a type with its own UnmarshalYAML, knows no field paths, and quotes
// values.
type decoder struct {
	*findings
	dir      string                            // base of relative paths
	expanded map[*yaml.Node]bool               // values that had a ${NAME}; false if expanding it failed
	merging  []*yaml.Node                      // mappings whose keys are being listed, to stop at one that merges itself
	keys     map[reflect.Type]map[string][]int // keysOf the types that have been decoded
	broken   map[string]bool                   // fields of the wrong shape, to report nothing more about
	work                                       // what decoding has cost so far
}

// entry is a key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

// decode sets v from a node. It records what does not fit as a finding, and continues.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, path string) {
	n = target(n)
	kind := v.Kind()
	switch {
	case !d.spend(len(path) + len(n.Value)):
	case d.isNull(n):
		if kind != reflect.Slice && kind != reflect.Map && kind != reflect.Interface {
			d.add(path, "has no value")
			d.broken[path] = true
		}
	case isScalar(v.Type()):
		d.scalar(n, v, path)
	case kind == reflect.Pointer:
		value := reflect.New(v.Type().Elem())
		setDefaults(value)
		if d.decode(n, value.Elem(), path); !d.broken[path] {
			v.Set(value)
		}
	case kind == reflect.Struct && d.isKind(n, yaml.MappingNode, path):
		d.structure(n, v, path)
	case kind == reflect.Slice && d.isKind(n, yaml.SequenceNode, path):
		d.sequence(n, v, path)
	case kind == reflect.Map && d.isKind(n, yaml.MappingNode, path):
		d.table(n, v, path)
	case kind == reflect.Interface && d.spendOn(n, 0):
		if n.Decode(v.Addr().Interface()) != nil {
			d.add(path, "cannot be decoded")
		}
	}
}

// isKind reports whether a node has the shape that the field needs, and records a finding if not.
func (d *decoder) isKind(n *yaml.Node, kind yaml.Kind, path string) bool {
	if n.Kind != kind {
		d.add(path, "must be %s, not %s", kindName(kind), kindName(n.Kind))
		d.broken[path] = true
	}
	return n.Kind == kind
}

// structure decodes a mapping with known keys.
func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	known := d.keysOf(v.Type())
	for _, e := range d.entries(n, path) {
		key := e.key.Value
		field, ok := known[key]
		rest, open := known[anyKey]
		switch {
		case ok:
			at := join(path, key)
			d.lines[at] = e.key.Line
			d.decode(e.value, v.FieldByIndex(field), at)
			if name, is := strings.CutSuffix(key, "_ref"); is { // promconfig has such keys
				d.add(at, "is not supported: the exporter has no secret manager; use %s_file", name)
			}
		case open:
			d.tableEntry(e, v.FieldByIndex(rest), path)
		case n.Style&yaml.FlowStyle != 0 && e.value.Kind == yaml.ScalarNode && e.value.Value == "":
			// {password: abc,def}: "def" may be part of the password.
			d.addAt(e.key.Line, path, "unknown key without a value; quote values that contain a comma")
		default:
			meant := ""
			if len(d.list) < maxReported { // with more, a hint takes time and nobody reads it
				meant = hint(v.Type(), key)
			}
			d.addAt(e.key.Line, path, "unknown key %s%s", quote(key), meant)
		}
	}
}

// keysOf is the function of that name, which is slow, once for each type.
func (d *decoder) keysOf(t reflect.Type) map[string][]int {
	if d.keys == nil {
		d.keys = map[reflect.Type]map[string][]int{}
	}
	if d.keys[t] == nil {
		d.keys[t] = keysOf(t)
	}
	return d.keys[t]
}

// table decodes a mapping with arbitrary keys.
func (d *decoder) table(n *yaml.Node, v reflect.Value, path string) {
	for _, e := range d.entries(n, path) {
		d.tableEntry(e, v, path)
	}
}

// tableEntry decodes one entry into a map with string keys.
func (d *decoder) tableEntry(e entry, m reflect.Value, path string) {
	if m.IsNil() {
		m.Set(reflect.MakeMap(m.Type()))
	}
	at := join(path, e.key.Value)
	d.lines[at] = e.key.Line
	item := reflect.New(m.Type().Elem()).Elem()
	d.decode(e.value, item, at)
	m.SetMapIndex(reflect.ValueOf(e.key.Value).Convert(m.Type().Key()), item)
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		at := index(path, i)
		if d.exhausted() {
			return
		}
		d.lines[at] = item.Line
		setDefaults(v.Index(i).Addr())
		d.decode(item, v.Index(i), at)
	}
}

// setDefaults sets the defaults of what v points to, if its type has any.
func setDefaults(v reflect.Value) {
	if x, ok := reflect.TypeAssert[interface{ setDefaults() }](v); ok {
		x.setDefaults()
	}
}

// entries lists the keys of a mapping, plus those of merged mappings that it does not set itself.
// Keys that are not strings, and duplicates, are left out and reported.
func (d *decoder) entries(n *yaml.Node, path string) []entry {
	switch {
	case slices.Contains(d.merging, n):
		d.addAt(n.Line, path, "<< must not merge a mapping into itself")
		return nil
	case len(d.merging) == maxMerging:
		d.addAt(n.Line, path, "<< must not merge mappings that merge others more than %d deep", maxMerging)
		return nil
	}
	d.merging = append(d.merging, n)
	defer func() { d.merging = d.merging[:len(d.merging)-1] }()
	var own, merged []entry
	first := map[string]int{} // by key, its line
	for i := 0; i+1 < len(n.Content) && d.spend(len(path)); i += 2 {
		e := entry{target(n.Content[i]), n.Content[i+1]}
		line, again := first[e.key.Value]
		switch {
		case isMerge(e.key):
			merged = append(merged, d.merged(e.value, path)...)
		case e.key.Kind != yaml.ScalarNode:
			d.addAt(e.key.Line, path, "keys must be strings")
		case len(e.key.Value) > maxKey:
			d.addAt(e.key.Line, path, "keys must not be longer than %d bytes", maxKey)
		case again:
			d.addAt(e.key.Line, join(path, e.key.Value), "is set twice, first on line %d", line)
		default:
			own, first[e.key.Value] = append(own, e), e.key.Line
		}
	}
	for _, e := range merged {
		if _, again := first[e.key.Value]; !again {
			own, first[e.key.Value] = append(own, e), e.key.Line
		}
	}
	return own
}

// merged lists the keys that a merge key adds: those of one mapping, or of a list of mappings.
func (d *decoder) merged(n *yaml.Node, path string) []entry {
	n = target(n)
	if n.Kind == yaml.MappingNode {
		return d.entries(n, path)
	}
	var all []entry
	for _, item := range n.Content {
		if !d.spend(0) {
			return nil
		}
		if target(item).Kind == yaml.MappingNode {
			all = append(all, d.entries(target(item), path)...)
		}
	}
	if n.Kind != yaml.SequenceNode || len(all) == 0 {
		d.addAt(n.Line, path, "<< must merge a mapping")
	}
	return all
}

// isNull reports whether a node is an empty value; an expanded string never is.
func (d *decoder) isNull(n *yaml.Node) bool {
	_, expanded := d.expanded[n]
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && !expanded
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.ShortTag() == "!!merge"
}

func kindName(k yaml.Kind) string {
	switch k {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

// quote shows a short text from the file in a message.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
