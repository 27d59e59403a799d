package status_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/status"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// hostile are names that would break a table, or tell a terminal something.
var hostile = []string{
	`it's "quoted"`, "tab\there", "two\nlines", "red\x1b[31m", "csi\u009b31m", "back\b\b", "nul\x00", "rtl\u202eevil",
	"broken\xff", "<b>bold</b>", "日本語", "e\u0301cole", "🚨", "\u200b", "",
}

// TestHostileNames checks that names from outside neither break the table nor reach the terminal as
// anything but text, and that JSON has them as they are.
func TestHostileNames(t *testing.T) {
	var rows []status.Row
	var errs []string
	for _, name := range hostile {
		rows = append(rows, status.Row{ServiceManager: "gg", Deployment: name, Program: "extract", Name: name, Status: name, State: status.Problem, Why: name, LastErrorLine: name})
		errs = append(errs, name)
	}
	s := &status.Status{
		At: time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC), Rows: rows,
		Pipelines:       []status.Pipeline{{Pipeline: strings.Join(hostile, ">"), State: status.Problem, Hops: []status.Hop{{Kind: "extract", Name: strings.Join(hostile, "")}}}},
		ServiceManagers: []status.ServiceManager{{Name: strings.Join(hostile, ""), URL: "https://gg", State: status.Unknown, Errors: errs}},
	}
	var text, doc strings.Builder
	if err := status.WriteText(&text, s, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "hostile.txt", text.String())
	if err := status.WriteJSON(&doc, s); err != nil {
		t.Fatal(err)
	}
	for form, out := range map[string]string{"text": text.String(), "JSON": doc.String()} {
		for _, r := range out {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%s has %U", form, r)
			}
		}
	}
	var back status.Status
	if err := json.Unmarshal([]byte(doc.String()), &back); err != nil {
		t.Fatal(err)
	}
	for i, name := range hostile {
		if got := back.Rows[i].Name; got != strings.ToValidUTF8(name, "\ufffd") {
			t.Errorf("JSON has %q for %q", got, name)
		}
	}
}

// TestColors checks that colors change nothing but the color.
func TestColors(t *testing.T) {
	s := &status.Status{Rows: []status.Row{
		{Name: "A", State: status.Problem, Why: "x"}, {Name: "B", State: status.Warning}, {Name: "C", State: status.Unknown}, {Name: "D", State: status.OK}, {Name: "E", State: status.Off},
	}}
	var plain, colored strings.Builder
	if err := status.WriteText(&plain, s, false); err != nil {
		t.Fatal(err)
	}
	if err := status.WriteText(&colored, s, true); err != nil {
		t.Fatal(err)
	}
	without := colored.String()
	for _, code := range []string{"1;31", "33", "35", "32", "2", "0"} {
		if !strings.Contains(without, "\x1b["+code+"m") {
			t.Errorf("there is no color %s", code)
		}
		without = strings.ReplaceAll(without, "\x1b["+code+"m", "")
	}
	if without != plain.String() {
		t.Errorf("without its colors it is\n%s, want\n%s", without, plain.String())
	}
}

// TestDuration checks times as INFO ALL shows them.
func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "00:00:00", 0.6: "00:00:01", 59.4: "00:00:59", 3661: "01:01:01", 100 * 3600: "100:00:00", -1: "00:00:00", 1e300: "277777777:46:40",
	} {
		if got := status.Duration(seconds); got != want {
			t.Errorf("%g: %s, want %s", seconds, got, want)
		}
	}
}

// place is where something is in the graph.
func place(kind, deployment, name string) pipeline.Place {
	return pipeline.Place{Kind: kind, ServiceManager: "gg", Deployment: deployment, Name: name}
}

// graph has a pipeline of each kind, through what everything has.
func graph() *pipeline.Graph {
	hop := func(kind, name, state string, lag float64) pipeline.Hop {
		return pipeline.Hop{Place: place(kind, "north", name), Status: state, Effective: wire.NumberOf(lag), Backlog: wire.NumberOf(2.5e6 * lag), Trail: "ea"}
	}
	external := pipeline.Place{Kind: "external", Name: "dr:9013"}
	return &pipeline.Graph{Pipelines: []*pipeline.Pipeline{
		{
			ID: "gg/north/FINE>gg/north/STUCK", Complete: true, Lag: wire.NumberOf(1201), Weakest: &pipeline.Weakest{Hop: 1, Reason: "stuck"},
			Hops: []pipeline.Hop{hop("extract", "FINE", "running", 2), hop("replicat", "STUCK", "running", 1201)},
		},
		{
			ID: "gg/north/FINE>dr:9013", Last: external, Lag: wire.NumberOf(2),
			Hops: []pipeline.Hop{hop("extract", "FINE", "running", 2), hop("distribution_path", "fine", "running", 2)},
		},
		{
			ID: "dr:9013>gg/north/X", First: external, Hops: []pipeline.Hop{hop("receiver_path", "in", "stopped", 4800), {Place: place("replicat", "north", "X")}},
		},
		{ID: "gg/north/PLANNED>gg/north/Y", Complete: true, Hops: []pipeline.Hop{hop("extract", "PLANNED", "stopped", 4800), hop("extract", "FINE", "running", 0)}},
		{ID: "slow", Complete: true, Lag: wire.NumberOf(2000), Hops: []pipeline.Hop{hop("extract", "FINE", "running", 0)}},
		{ID: "unread", Complete: true, Hops: []pipeline.Hop{hop("extract", "FINE", "running", 0), {Place: place("replicat", "north", "X")}}},
	}}
}

// TestSize: a number of bytes is as short as people read it.
func TestSize(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[float64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 150 << 20: "150 MiB", 3 << 40: "3.0 TiB"} {
		if got := status.Size(bytes); got != want {
			t.Errorf("%v bytes: %q", bytes, got)
		}
	}
}
