package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// hint says what an unknown key of a struct may be meant to be: a key of a mapping inside of it, or one
// that is written almost the same; "" if nothing is close.
func hint(t reflect.Type, key string) string {
	own, inner := slices.Sorted(maps.Keys(keysOf(t))), innerKeys(t)
	if inside := inner[key]; len(inside) > 0 {
		return "; it belongs under " + strings.Join(inside, " or ")
	}
	if near := nearest(own, key); near != "" {
		return "; did you mean " + near + "?"
	}
	if near := nearest(slices.Sorted(maps.Keys(inner)), key); near != "" {
		return "; did you mean " + near + " under " + strings.Join(inner[near], " or ") + "?"
	}
	return ""
}

// innerKeys returns the keys of the structs inside of a struct, each with the keys of those structs.
func innerKeys(t reflect.Type) map[string][]string {
	found := map[string][]string{}
	keys := keysOf(t)
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		inner := t.FieldByIndex(keys[name]).Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct {
			continue
		}
		for key := range keysOf(inner) {
			found[key] = append(found[key], name)
		}
	}
	delete(found, anyKey)
	delete(found, "") // of structs that are no mappings in the file, such as URLs
	return found
}

// maxTypo is the length of the longest key that may be mistyped, in bytes.
const maxTypo = 40

// nearest returns the name that is written almost like the key: with at most a third of the letters
// changed, whatever the case and the hyphens; "" if there is none. Of several, it is the first.
func nearest(names []string, key string) string {
	if len(key) > maxTypo {
		return ""
	}
	plain := strings.NewReplacer("_", "", "-", "").Replace
	best, least := "", len(key)/3+1
	for _, name := range names {
		distance := levenshtein.ComputeDistance(plain(strings.ToLower(key)), plain(name))
		if name != anyKey && distance < least {
			best, least = name, distance
		}
	}
	return best
}
