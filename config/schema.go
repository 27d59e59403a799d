package config

import (
	"reflect"
	"regexp"
	"strings"
)

// anyKey is the entry in keysOf for an inlined map, which takes all unknown keys.
const anyKey = "*"

// keysOf returns the YAML keys of a struct type with the index of the field that each sets,
// including the fields of inlined structs.
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

// freeKey matches fields whose names the user chooses, and which may equal a key of the schema.
var freeKey = regexp.MustCompile(`^(?:service_managers\[\d+\]|oci\[\d+\]\.scrape)(?:\.deployments\[\d+\])?\.(?:oauth2\.)?(labels|endpoint_params)\.`)

// schemaKey returns the key that says what a string is: the last key of its path, or for a field
// whose name the user chooses, that of the mapping around it.
func schemaKey(path string) string {
	if !strings.Contains(path, "labels.") && !strings.Contains(path, "endpoint_params.") {
		_, key := cutLast(path)
		return key
	}
	if m := freeKey.FindStringSubmatch(path); m != nil {
		return m[1]
	}
	_, key := cutLast(path)
	return key
}
