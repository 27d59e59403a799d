package ogg_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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

// seen says what is kept of north: its Extract, its paths, and since when they are not read any more.
func seen(t testing.TB, c *ogg.Client) string {
	t.Helper()
	for _, d := range c.Last().Deployments {
		if d.Name != "north" {
			continue
		}
		var words []string
		for _, p := range d.Processes {
			words = append(words, fmt.Sprintf("%s %q lag %t", p.Name, p.Status, p.Lag.Known()))
		}
		for _, p := range d.DistributionPaths {
			words = append(words, fmt.Sprintf("%s %q to %s from %d", p.Name, p.Status, p.Target.Host, len(p.Inputs)))
		}
		for _, p := range d.ReceiverPaths {
			words = append(words, fmt.Sprintf("%s %q into %d", p.Name, p.Status, len(p.Outputs)))
		}
		for _, t := range d.ExtractTrails {
			words = append(words, t.Extract+" writes "+t.Trail)
		}
		for name, since := range map[string]time.Time{"processes": d.Kept.Processes, "sources": d.Kept.DistributionPaths, "targets": d.Kept.ReceiverPaths} {
			if !since.IsZero() {
				words = append(words, "~"+name)
			}
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	}
	return "nothing"
}

// TestKept: what a poll was not to read stays as it was, and of what it could not read only what does not
// change, so that it does not look as if there were no such thing. What is not there any more goes.
func TestKept(t *testing.T) {
	const (
		all   = `EXT1 "running" lag true, EXT1 writes ee, in "running" into 1, out "running" to target.example from 1`
		clear = `EXT1 "" lag false, EXT1 writes ee, in "" into 1, out "" to target.example from 1, ~processes, ~sources, ~targets`
	)
	bubble.Run(t, func(t *bubble.T) {
		i := oggtest.Installation{Release: oggtest.Release26ai, Deployments: []oggtest.Deployment{{
			Name: "north", Processes: []oggtest.Process{{Name: "EXT1", Trail: "ee"}},
			DistributionPaths: []oggtest.DistributionPath{{Name: "out", Extract: "EXT1"}}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "in"}},
		}}}
		s, sm := simulate(t, i)
		c := newClient(t, sm, everyCollector...)
		check := func(title, want string) {
			t.Helper()
			if got := seen(t, c); got != want {
				t.Errorf("%s: kept is\n%s, want\n%s", title, got, want)
			}
		}
		begin := c.Poll(t.Context()).Begin
		check("everything is read", all)
		time.Sleep(time.Minute)
		c.Poll(t.Context(), "certificate")
		check("only certificates are read", all+", ~processes, ~sources, ~targets")
		if kept := deployment(t, c.Last(), "north").Kept; !kept.Processes.Equal(begin) || !kept.ReceiverPaths.Equal(begin) {
			t.Errorf("it was read at %v, not %v", kept, begin)
		}
		c.Poll(t.Context(), "process")
		check("only processes are read", all+", ~sources, ~targets")
		s.SetServiceStatus("north", "distsrvr", "stopped")
		c.Poll(t.Context())
		check("the Distribution Service is stopped", strings.Replace(all, `out "running"`, `out ""`, 1)+", ~sources")
		s.SetDeploymentStatus("north", "stopped")
		c.Poll(t.Context())
		check("the deployment is stopped", clear)
		s.SetServiceStatus(ogg.ServiceManager, ogg.ServiceManager, "stopped")
		c.Poll(t.Context())
		check("the Service Manager is stopped", clear)
		s.SetServiceStatus(ogg.ServiceManager, ogg.ServiceManager, "running")
		s.SetServiceStatus("north", "distsrvr", "running")
		s.SetDeploymentStatus("north", "running")
		s.RemovePath("north", "in")
		for range 3 {
			time.Sleep(5 * time.Minute)
			c.Poll(t.Context())
		}
		check("all run again, but one path is gone", strings.Replace(all, `, in "running" into 1`, "", 1))
		s.RemoveDeployment("north")
		c.Poll(t.Context())
		check("the deployment is gone", "nothing")
	})
}

// TestKeptOfOthers: where one job reads some collectors and a second one the others, each of their polls leaves
// what the other found: also that a service is not healthy, that something could not be read, and since when
// heartbeats and data streams are known.
func TestKeptOfOthers(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, oggtest.Installation{Release: oggtest.Release26ai, Deployments: []oggtest.Deployment{{
			Name: "north", DataStreams: []oggtest.DataStream{{Name: "orders"}},
			Processes: []oggtest.Process{{Name: "EXT1", Status: "abended", Critical: true}, {Name: "REP1", Type: oggtest.Replicat, Heartbeat: true}},
		}}})
		mend := s.Fault(oggtest.Target{Deployment: "north", Service: "distsrvr", Path: "/services/v2/sources"}, oggtest.Fault{Status: 500})
		c := newClient(t, sm, "service", "process", "distribution_path", "data_stream", "heartbeat")
		seen := func() string {
			d := deployment(t, c.Last(), "north")
			failed := []string{}
			for _, r := range d.Reads {
				if r.Err != nil {
					failed = append(failed, r.Collector)
				}
			}
			admin := d.Service("adminsrvr")
			return fmt.Sprint(admin.Healthy != nil && !*admin.Healthy, len(admin.CriticalResources), failed, len(d.Heartbeats), len(d.DataStreams))
		}
		begin := c.Poll(t.Context()).Begin
		all := seen()
		if all != "true 1 [distribution_path] 1 1" {
			t.Fatalf("found %s", all)
		}
		for range 2 {
			time.Sleep(time.Minute)
			c.Poll(t.Context(), "process")
			if got := seen(); got != all {
				t.Errorf("after a poll of processes: %s, want %s", got, all)
			}
			if kept := deployment(t, c.Last(), "north").Kept; !kept.Heartbeats.Equal(begin) || !kept.DataStreams.Equal(begin) {
				t.Errorf("known since %v, want %v", kept, begin)
			}
		}
		mend()
		c.Poll(t.Context())
		if got, want := seen(), "true 1 [] 1 1"; got != want {
			t.Errorf("after a poll of everything: %s, want %s", got, want)
		}
	})
}

// TestKeptOfRules: what rules require and apply to stays known when another job polls, up to five of the
// objects with their names.
func TestKeptOfRules(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		d := oggtest.Deployment{Name: "north"}
		for n := range 7 {
			d.Processes = append(d.Processes, oggtest.Process{Name: fmt.Sprintf("EXT%d", n)})
		}
		_, sm := simulate(t, oggtest.Installation{Deployments: []oggtest.Deployment{d}})
		sm.Expect = expecting(t, "{process: GONE, state: running, required: true}\n{process: 'EXT.*', state: running}\n{deployment: north, state: running}", "").Expect
		c := newClient(t, sm, "deployment", "service", "process", "distribution_path", "receiver_path", "data_stream")
		const want = "[{ process GONE true}] [{1 0 []} {2 7 [north/EXT0 north/EXT1 north/EXT2 north/EXT3 north/EXT4]} {3 1 [north]}]"
		for _, collectors := range [][]string{nil, {"data_stream"}, {"deployment"}} {
			c.Poll(t.Context(), collectors...)
			if got := fmt.Sprint(c.Last().Requirements, c.Last().Rules); got != want {
				t.Errorf("after a poll of %v: %s, want %s", collectors, got, want)
			}
		}
	})
}
