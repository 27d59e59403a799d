package config

import (
	"reflect"
	"regexp"
	"strings"
)

// anyKey stands in keysOf for an inlined map, which takes every key that is not known.
const anyKey = "*"

// keysOf returns the YAML keys of a struct type with the field that each sets,
// those of inlined structs included.
func keysOf(t reflect.Type) map[string][]int {
	keys := map[string][]int{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case !field.IsExported() || name == "-":
		case options != "inline":
			keys[name] = field.Index
		case field.Type.Kind() == reflect.Map:
			keys[anyKey] = field.Index
		default:
			for key, at := range keysOf(field.Type) {
				keys[key] = append([]int{i}, at...)
			}
		}
	}
	return keys
}

// freeKey matches the fields that the user names, and so may name like a key of the schema.
var freeKey = regexp.MustCompile(`^(?:service_managers\[\d+\]|oci\[\d+\]\.scrape)(?:\.deployments\[\d+\])?\.(?:oauth2\.)?(labels|endpoint_params)\.`)

// schemaKey returns the key that says what a text is: the last of its path, or for a field that
// the user names, that of the mapping around it.
func schemaKey(path string) string {
	if m := freeKey.FindStringSubmatch(path); m != nil {
		return m[1]
	}
	_, key := cutLast(path)
	return key
}
