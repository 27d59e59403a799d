package config

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const expecting = `expect:
  - {process: 'INI.*', state: any}
service_managers:
  - url: https://a
    expect:
      - {deployment: 'dr.*', process: '.*', state: stopped}
      - {deployment: west, process: 'EXT\.A', state: running, required: true}
      - {path: orders|bills, state: running}
      - {deployment: 'dr.*', state: any}
  - url: https://b
oci:
  - name: cloud
    auth: instance_principal
    region: eu-frankfurt-1
    compartment_ids: [ocid1.compartment.oc1..a]
    scrape: {expect: [{path: p, state: stopped}]}
`

func TestExpect(t *testing.T) {
	c := loadText(t, expecting, Options{})
	own, none, found := c.ServiceManagers[0], c.ServiceManagers[1], c.OCI[0].ServiceManager("d", "", nil)
	for name, sm := range map[string]ServiceManager{"own": own, "none": none, "found": found} {
		if !reflect.DeepEqual(sm.ExpectOfAll, c.Expect) || len(c.Expect) != 1 {
			t.Errorf("%s: the rules for all are %v", name, sm.ExpectOfAll)
		}
	}
	if len(none.Expect) != 0 || len(found.Expect) != 1 || len(own.Expect) != 4 {
		t.Fatalf("%d, %d and %d rules", len(none.Expect), len(found.Expect), len(own.Expect))
	}
	for _, test := range []struct {
		kind             Kind
		deployment, name string
		want             string // which of own apply
	}{
		{KindProcess, "dr1", "EXT", "0"},
		{KindProcess, "xdr", "EXT", ""},
		{KindProcess, "west", "EXT.A", "1"},
		{KindProcess, "west", "EXTXA", ""},
		{KindProcess, "dr", "EXT.A", "0"},
		{KindPath, "west", "orders", "2"},
		{KindPath, "dr", "bills", "2"},
		{KindPath, "dr", "ordersbills", ""},
		{KindDeployment, "dr1", "dr1", "3"},
		{KindDeployment, "west", "west", ""},
	} {
		var applying []string
		for i := range own.Expect {
			if own.Expect[i].AppliesTo(test.kind, test.deployment, test.name) {
				applying = append(applying, strconv.Itoa(i))
			}
		}
		if got := strings.Join(applying, " "); got != test.want {
			t.Errorf("%s %s/%s: rules %q apply, want %q", test.kind, test.deployment, test.name, got, test.want)
		}
	}
	for i, want := range []string{"process//", "process/west/EXT.A", "path//", "deployment//"} {
		kind, deployment, name := own.Expect[i].Names()
		if got := strings.Join([]string{string(kind), deployment, name}, "/"); got != want {
			t.Errorf("rule %d names %q, want %q", i, got, want)
		}
	}
}

// TestExpectIsPrinted loads what is printed again.
func TestExpectIsPrinted(t *testing.T) {
	c := loadText(t, expecting, Options{})
	for _, part := range []any{c.Expect, c.ServiceManagers[0].Expect} {
		text, err := yaml.Marshal(map[string]any{"expect": part})
		if err != nil {
			t.Fatal(err)
		}
		again := loadText(t, string(text)+"service_managers: [{url: 'https://a'}]\n", Options{})
		if !reflect.DeepEqual(again.Expect, part) {
			t.Errorf("printed:\n%s", text)
		}
	}
	if text := printedText(t, c.ServiceManagers[0]); !strings.Contains(text, "process: EXT\\.A") {
		t.Errorf("printed:\n%s", text)
	}
}

// printedText returns what is printed of v.
func printedText(t *testing.T, v any) string {
	t.Helper()
	text, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
