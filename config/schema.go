package config

import (
	"reflect"
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
		case !field.IsExported():
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
