package ogg_test

import (
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestOutline: between polls a client keeps what the pages show, and nothing of what grows with
// the number of processes.
func TestOutline(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, north(oggtest.Release26ai))
		c := newClient(t, sm)
		found := deployment(t, poll(t, c), "north")
		kept := deployment(t, c.Last(), "north")
		if len(found.Processes) == 0 {
			t.Fatal("nothing is found")
		}
		if len(kept.Reads) != len(found.Reads) || len(kept.Services) != len(found.Services) {
			t.Errorf("kept are %d reads and %d services, found %d and %d", len(kept.Reads), len(kept.Services), len(found.Reads), len(found.Services))
		}
		if kept.Processes != nil || kept.Monitored != nil || kept.Trails != nil || kept.Tables != nil {
			t.Error("more is kept")
		}
	})
}
