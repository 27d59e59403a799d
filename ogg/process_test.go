package ogg

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

func TestWithoutThreads(t *testing.T) {
	for names, want := range map[string]string{
		"FIN FIN001 FIN002 FIN500": "FIN",
		"FIN001 FIN":               "FIN",
		"REP1 REP2":                "REP1 REP2",
		"REP001 REP002":            "REP001 REP002", // no group REP
		"REP REP01 REP0001":        "REP REP01 REP0001",
		"FINANC FINANC01":          "FINANC FINANC01",
		"R1 R1001":                 "R1",
		"ABCDE ABCDE001":           "ABCDE",
		"001":                      "001",
	} {
		var items []item
		for name := range strings.FieldsSeq(names) {
			items = append(items, item{Name: name})
		}
		var got []string
		for _, i := range withoutThreads(items) {
			got = append(got, i.Name)
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", names, got, want)
		}
	}
}

// TestPosition: only a place in a trail or a file is one; no form is an error.
func TestPosition(t *testing.T) {
	for text, want := range map[string]position{
		`{"name":"lt","path":"/d/","sequence":6,"offset":478324}`: {Name: "lt", Path: "/d/", Sequence: wire.NumberOf(6), Offset: wire.NumberOf(478324)},
		`{"name":"lt","sequence":"6","offset":"1E3"}`:             {Name: "lt", Sequence: wire.NumberOf(6), Offset: wire.NumberOf(1000)},
		`{"name":"load.dat","path":"/d","offset":0}`:              {Name: "load.dat", Path: "/d", Offset: wire.NumberOf(0)},
		`{"name":"lt","offset":-2}`:                               {Name: "lt"},
		`9096500`:                                                 {},
		`"0.4080896"`:                                             {},
		`"2026-01-15T09:27:00Z"`:                                  {},
		`{"csn":"123"}`:                                           {},
		`[{"thread":1,"sequence":2,"offset":3}]`:                  {},
		`null`:                                                    {},
		`{"name":5}`:                                              {},
	} {
		var s processStatus
		if err := json.Unmarshal([]byte(`{"position":`+text+`}`), &s); err != nil || s.Position != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, s.Position, err, want)
		}
	}
}

func TestUnique(t *testing.T) {
	kept, err := unique([]string{"b", "a", "", "b", "c", "b"}, func(s string) string { return s })
	if !slices.Equal(kept, []string{"b", "a", "c"}) {
		t.Errorf("kept %v", kept)
	}
	if err == nil || !strings.Contains(err.Error(), `"b" is listed more than once`) {
		t.Errorf("got %v", err)
	}
	if _, err := unique([]string{"a"}, func(s string) string { return s }); err != nil {
		t.Error(err)
	}
}
