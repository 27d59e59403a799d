package ogg_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// outlined is an installation with everything that a deployment may have.
func outlined() oggtest.Installation {
	i := north(oggtest.Release26ai)
	d := &i.Deployments[0]
	d.Processes[0].Heartbeat, d.Processes[1].Heartbeat = true, true
	d.DistributionPaths = []oggtest.DistributionPath{{Name: "out", Extract: "EXT1"}}
	d.ReceiverPaths = []oggtest.ReceiverPath{{Name: "in", Trail: "ea", TrailPath: "/u02"}}
	d.DataStreams = []oggtest.DataStream{{Name: "stream", Extract: "EXT1"}}
	return i
}

// TestOutline: between polls a client keeps what the status page and the pipelines show: exactly these
// fields of a deployment, and nothing else of what a poll finds.
func TestOutline(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, outlined())
		c := newClient(t, sm, everyCollector...)
		found := deployment(t, c.Poll(context.Background()), "north")
		last := deployment(t, c.Last(), "north")
		want := &ogg.Deployment{
			Name: "north", Status: "running", Enabled: found.Enabled, Ran: true, Unexpected: found.Unexpected, Listed: found.Listed,
			Services: found.Services, Processes: found.Processes, Definitions: found.Definitions, LastErrors: found.LastErrors,
			Trails: found.Trails, ExtractTrails: found.ExtractTrails, Heartbeats: found.Heartbeats,
			DistributionPaths: found.DistributionPaths, ReceiverPaths: found.ReceiverPaths, DataStreams: found.DataStreams,
			Reads: found.Reads,
		}
		if !reflect.DeepEqual(last, want) {
			t.Errorf("kept is %+v, want %+v", last, want)
		}
		for what, n := range map[string]int{
			"processes": len(last.Processes), "definitions": len(last.Definitions), "trails": len(last.Trails),
			"trails of Extracts": len(last.ExtractTrails), "heartbeats": len(last.Heartbeats), "data streams": len(last.DataStreams),
			"distribution paths": len(last.DistributionPaths), "receiver paths": len(last.ReceiverPaths),
			"monitored processes": len(found.Monitored), "tables": len(found.Tables), "tasks": len(found.Checkpoints),
		} {
			if n == 0 {
				t.Errorf("there are no %s", what)
			}
		}
	})
}

// everyCollector names what a deployment may be read for.
var everyCollector = []string{
	"deployment", "service", "process", "definition", "message", "checkpoint", "trail", "task", "heartbeat",
	"distribution_path", "data_stream", "receiver_path", "performance", "worker", "table", "certificate",
}
