package status_test

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// members returns the members of the JSON of a type, with a * for those that may be missing.
func members(of reflect.Type, path string) map[string]bool {
	all := map[string]bool{}
	for field := range of.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		at, inner := path+name, field.Type
		for inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct {
			inner, at = inner.Elem(), at+"[]"
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[time.Time]() {
			maps.Copy(all, members(inner, at+"."))
			continue
		}
		if options == "omitempty" {
			at += "*"
		}
		all[at] = true
	}
	return all
}

// TestDocumentedMembers holds the table of members in docs/status.md to the structs.
func TestDocumentedMembers(t *testing.T) {
	text, err := os.ReadFile("../docs/status.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Status as JSON\n")
	section, _, _ = strings.Cut(section, "\n## ")
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(section, -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`(\\*?)").FindAllStringSubmatch(row[1], -1) {
			documented[m[1]+m[2]] = true
		}
	}
	want := members(reflect.TypeFor[status.Status](), "")
	if !maps.Equal(documented, want) {
		t.Errorf("documented are\n%q, want\n%q", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(want)))
	}
}
