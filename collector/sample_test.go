package collector

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestWrongLabels: a sample with too few or too many label values is an error of the
// scrape, not a panic.
func TestWrongLabels(t *testing.T) {
	for _, labels := range [][]string{nil, {"north"}, {"north", "EXT1", "extract", "more"}} {
		to := newSink("gg", oggFamilies, 0)
		to.number(processLag, wire.NumberOf(1), labels...)
		if err := to.kept.failed[0].Write(&dto.Metric{}); !errors.Is(err, errLabels) {
			t.Errorf("%q: got %v", labels, err)
		}
	}
}

// sent returns what a sink sends.
func sent(to sink) []prometheus.Metric {
	samples := make(chan prometheus.Metric, 100)
	to.kept.send(samples)
	close(samples)
	var all []prometheus.Metric
	for sample := range samples {
		all = append(all, sample)
	}
	return all
}

// TestSharedLabels: samples that share labels with others still have the right ones,
// sorted by name.
func TestSharedLabels(t *testing.T) {
	to := newSink("gg", oggFamilies, 0)
	for _, process := range []string{"EXT1", "EXT2", "EXT1"} {
		to.number(processLag, wire.NumberOf(1), "north", process, "extract")
	}
	to.number(processLagAge, wire.NumberOf(2), "south", "EXT2", "extract")
	want := []string{"north gg EXT1 extract", "north gg EXT2 extract", "north gg EXT1 extract", "south gg EXT2 extract"}
	for i, sample := range sent(to) {
		var m dto.Metric
		if err := sample.Write(&m); err != nil {
			t.Fatal(err)
		}
		values := map[string]string{}
		for _, pair := range m.GetLabel() {
			values[pair.GetName()] = pair.GetValue()
		}
		got := values["deployment"] + " " + values["service_manager"] + " " + values["process"] + " " + values["process_type"]
		if got != want[i] || m.GetLabel()[0].GetName() != "deployment" {
			t.Errorf("%d: got %v, want %s", i, m.GetLabel(), want[i])
		}
	}
}

// TestCreated checks that a counter has a created timestamp only if the expositions can express it.
func TestCreated(t *testing.T) {
	for text, want := range map[string]bool{
		"1969-12-31T23:59:59Z": false, "1970-01-01T00:00:00Z": true, "2026-11-20T00:00:00Z": true,
		"2262-04-11T00:00:00Z": true, "2262-04-12T00:00:00Z": false, "9999-12-31T00:00:00Z": false, "0001-01-01T00:00:00Z": false,
	} {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		to := newSink("gg", oggFamilies, 0)
		to.count(tableOperations, wire.NumberOf(1), wire.TimestampOf(moment), "north", "EXT1", "extract", "T", "insert")
		var m dto.Metric
		if err := sent(to)[0].Write(&m); err != nil {
			t.Fatal(err)
		}
		if got := m.GetCounter().GetCreatedTimestamp() != nil; got != want {
			t.Errorf("%s: created %v", text, got)
		}
	}
}
