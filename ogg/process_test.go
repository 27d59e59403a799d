package ogg

import (
	"slices"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

func TestGroupOfThread(t *testing.T) {
	for name, want := range map[string]string{
		"FIN001":   "FIN",
		"R1001":    "R1",
		"ABCDE500": "ABCDE",
		"REP1":     "",
		"REP01":    "",
		"REP0001":  "REP0",
		"FINANC01": "",
		"ABCDEF01": "",
		"ABCDEF1":  "",
		"001":      "",
	} {
		if got, is := groupOfThread(name); got != want || is != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", name, got, is, want)
		}
	}
}

// TestPosition checks the forms of a Replicat's position, and that an Extract's is ignored.
func TestPosition(t *testing.T) {
	for text, want := range map[string]position{
		`{"name":"lt","path":"/d/","sequence":6,"offset":478324}`: {Name: "lt", Path: "/d/", Sequence: wire.NumberOf(6), Offset: wire.NumberOf(478324)},
		`{"name":"lt","sequence":"6","offset":"1E3"}`:             {Name: "lt", Sequence: wire.NumberOf(6), Offset: wire.NumberOf(1000)},
		`{"name":"load.dat","path":"/d","offset":0}`:              {Name: "load.dat", Path: "/d", Offset: wire.NumberOf(0)},
		`{"name":"lt","offset":-2}`:                               {Name: "lt"},
		`null`:                                                    {},
	} {
		var s replicatStatus
		if odd, err := wire.Unmarshal([]byte(`{"position":`+text+`}`), &s); err != nil || len(odd) > 0 || s.Position != want {
			t.Errorf("%s: got %+v, %v, %v; want %+v", text, s.Position, odd, err, want)
		}
	}
	for _, text := range []string{`9096500`, `"0.4080896"`, `"2026-01-15T09:27:00Z"`, `{"csn":"123"}`, `[{"thread":1,"sequence":2,"offset":3}]`} {
		var s processStatus
		if odd, err := wire.Unmarshal([]byte(`{"status":"running","position":`+text+`}`), &s); err != nil || len(odd) > 0 || s.Status != "running" {
			t.Errorf("%s: got %+v, %v, %v", text, s, odd, err)
		}
	}
}

func TestUnique(t *testing.T) {
	kept, err := unique([]string{"b", "a", "", "b", "c", "b"}, func(s string) string { return s })
	if !slices.Equal(kept, []string{"b", "a", "c"}) {
		t.Errorf("kept %v", kept)
	}
	if err == nil || err.Error() != `2 duplicates, the first is "b": only the first of each name is read; 1 entries without a name` {
		t.Errorf("got %v", err)
	}
	if _, err := unique([]string{"a\n", "a\n"}, func(s string) string { return s }); err == nil || err.Error() != `"a" is listed more than once: only the first is read` {
		t.Errorf("got %v", err)
	}
	if _, err := unique([]string{"a"}, func(s string) string { return s }); err != nil {
		t.Error(err)
	}
}
