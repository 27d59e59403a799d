package config

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// TestOddValues: a number, a duration or a boolean is what it seems to be, or a mistake, under each key that
// has one.
func TestOddValues(t *testing.T) {
	odd := []string{
		"~", "null", `""`, "''", " ", `"1"`, `" 1s"`, "1.0", "1.5", "1e3", "0x10", "0o17", "0b11", "010", "08", "1_", "0_1", "+5", "!!int 5.0",
		"99999999999999999999", "9223372036854775808", ".nan", ".inf", "00:30", "1:30", "30%", "1 000", "1,000", "1S", "1d", "-1s", "0s", "5 s", "9999999h",
		"[1]", "[true]", "[]", "{a: 1}", "{}", `"true"`, "!!bool 1", "tru", "2001-01-01", "٣", "!x 5",
	}
	right := map[reflect.Type]map[string]string{
		reflect.TypeFor[int]():           {"1": "1", "30": "30", "1_000": "1000", "0": "0", "-1": "-1"},
		reflect.TypeFor[time.Duration](): {"1s": "1s", "1.5s": "1.5s", "1h30m": "1h30m0s", "300ms": "300ms"},
		reflect.TypeFor[bool]():          {"true": "true", "True": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"},
	}
	found := map[reflect.Type]int{}
	for _, of := range []reflect.Type{reflect.TypeFor[ServiceManager](), reflect.TypeFor[Deployment](), reflect.TypeFor[OCI](), reflect.TypeFor[Expectation]()} {
		for key, at := range keysOf(of) {
			kind := of.FieldByIndex(at).Type
			if right[kind] == nil {
				continue
			}
			found[kind]++
			for text, want := range right[kind] {
				if got, mistakes := decoded(t, kind, text); got != want || mistakes > 0 {
					t.Errorf("%s.%s: %s is %s, with %d mistakes", of.Name(), key, text, got, mistakes)
				}
			}
			for _, text := range odd {
				if got, mistakes := decoded(t, kind, text); mistakes != 1 {
					t.Errorf("%s.%s: %s is %s, with %d mistakes", of.Name(), key, text, got, mistakes)
				}
			}
		}
	}
	if len(found) != len(right) {
		t.Errorf("keys of %v", found)
	}
}

// decoded returns what a text of YAML is as a value of a type, and how many mistakes it has.
func decoded(t *testing.T, of reflect.Type, text string) (value string, mistakes int) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("key: "+text), &doc); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	d := &decoder{findings: &findings{lines: map[string]int{}}, broken: map[string]bool{}}
	v := reflect.New(of).Elem()
	d.decode(doc.Content[0].Content[1], v, "key")
	return fmt.Sprint(v), len(d.list)
}
