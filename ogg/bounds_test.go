package ogg_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// lists are the routes that return lists, with the name of the list, that of an entry's name, and
// the collector that fails.
var lists = []struct{ route, list, name, collector string }{
	{"/installation/deployments", "deployments", "deploymentName", "deployment"},
	{"/config/health", "criticalResources", "name", "service"},
	{"/extracts", "items", "name", "process"},
	{"/replicats", "items", "name", "process"},
	{"/trails", "items", "name", "trail"},
	{"/connections", "items", "name", "heartbeat"},
	{"/sources", "items", "name", "distribution_path"},
	{"/targets", "items", "name", "receiver_path"},
	{"/stream", "items", "name", "data_stream"},
	{"/mpoints/processes", "processes", "processName", "performance"},
	{"/mpoints/EXT1/heartbeat", "heartbeats", "heartbeatName", "heartbeat"},
	{"/mpoints/DISTSRVR/distsrvrPathStats", "statistics", "name", "distribution_path"},
	{"/mpoints/DISTSRVR/distsrvrNetworkStats", "statistics", "name", "distribution_path"},
	{"/mpoints/RECVSRVR/recvsrvrStats", "recvsrvrStats", "pathName", "receiver_path"},
	{"/mpoints/EXT1/trailOutput", "trailOutputs", "trailName", "performance"},
	{"/deployments/north/certificates", "items", "name", "certificate"},
	{"/deployments/north/certificates/server", "items", "name", "certificate"},
}

// hostile is an installation that has something in every list.
func hostile() oggtest.Installation {
	i := north(oggtest.Release26ai)
	i.Role = oggtest.RoleAdministrator
	d := &i.Deployments[0]
	d.Processes[0].Heartbeat, d.Processes[0].Started = true, time.Hour
	d.DistributionPaths = []oggtest.DistributionPath{{Name: "PATH", Extract: "EXT1", Started: time.Hour}}
	d.ReceiverPaths = []oggtest.ReceiverPath{{Name: "IN", Trail: "ra", Started: time.Hour}}
	d.DataStreams = []oggtest.DataStream{{Name: "STREAM", Extract: "EXT1", Started: time.Hour}}
	d.Certificates = []oggtest.Certificate{{Type: "server", Name: "default", NotAfter: time.Now().Add(time.Hour)}}
	d.Connections = []oggtest.Connection{{Name: "OracleGoldenGate.ggadmin"}}
	return i
}

// pollHostile polls while a route returns the entries, and returns the error of the collector.
func pollHostile(t *testing.T, route, list, collector, entries string) error {
	t.Helper()
	s, sm := simulate(t, hostile())
	s.Fault(oggtest.Target{Path: "/services/v2" + route}, oggtest.Fault{Body: `{"response":{"` + list + `":[` + entries + `]}}`})
	all := []string{"deployment", "service", "process", "trail", "distribution_path", "receiver_path", "data_stream", "performance", "heartbeat", "certificate"}
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: all, HeartbeatTable: ogg.HeartbeatTableOptions{Read: true, Interval: time.Minute}, Dial: bubble.Dialer(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	inst := c.Poll(t.Context())
	if inst.Err != nil {
		t.Errorf("%s: the Service Manager counts as down: %v", route, inst.Err)
	}
	var failed error
	for _, d := range inst.Deployments {
		for _, r := range d.Reads {
			if r.Err != nil && r.Collector == collector {
				failed = errors.Join(failed, r.Err)
			}
		}
	}
	return failed
}

// TestLongLists checks for each route that a list with too many entries costs its collector, that
// the error says so, and that a name that is too long for a label costs its object.
func TestLongLists(t *testing.T) {
	t.Parallel()
	for _, l := range lists {
		t.Run(strings.ReplaceAll(l.route, "/", "_"), func(t *testing.T) {
			t.Parallel()
			var entries strings.Builder
			for i := range 20_001 {
				fmt.Fprintf(&entries, `{"%s":"n%d"},`, l.name, i)
			}
			err := pollHostile(t, l.route, l.list, l.collector, strings.TrimSuffix(entries.String(), ","))
			if err == nil || !strings.Contains(err.Error(), "a list of 20001 entries, more than the 20000 that are read") {
				t.Errorf("too many entries: got %v", err)
			}
			err = pollHostile(t, l.route, l.list, l.collector, fmt.Sprintf(`{"%s":"ServiceManager"},{"%s":"%s"}`, l.name, l.name, strings.Repeat("n", 513)))
			if err == nil || !strings.Contains(err.Error(), "a text of 513 bytes, more than the 512 of a label") {
				t.Errorf("a long name: got %v", err)
			}
			if err != nil && len(err.Error()) > 3000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// TestManyDuplicates checks that duplicates are counted, and not listed.
func TestManyDuplicates(t *testing.T) {
	t.Parallel()
	for _, l := range lists {
		if strings.Contains(l.route, "/mpoints/EXT1/trail") || l.route == "/mpoints/processes" {
			continue // one trail in two forms; the run that started last counts
		}
		t.Run(strings.ReplaceAll(l.route, "/", "_"), func(t *testing.T) {
			t.Parallel()
			entry := fmt.Sprintf(`{"%s":"server"}`, l.name)
			err := pollHostile(t, l.route, l.list, l.collector, strings.Repeat(entry+",", 5000)+entry)
			if err == nil || !strings.Contains(err.Error(), "5000 duplicates, the first is ") || strings.Count(err.Error(), "duplicates") > 6 {
				t.Errorf("got %.2000v", err)
			}
		})
	}
}

// TestTooManyDeployments checks that more deployments than are read are an error of the Service
// Manager, unless they are excluded, and that too many services of one cost that one.
func TestTooManyDeployments(t *testing.T) {
	t.Parallel()
	var deployments, services strings.Builder
	for i := range 2001 {
		fmt.Fprintf(&deployments, `{"deploymentName":"d%d","status":"running"},`, i)
	}
	for i := range 150 {
		fmt.Fprintf(&services, `{"serviceName":"s%d","deploymentName":"d0","status":"running"},`, i)
	}
	s, sm := simulate(t, north(oggtest.Release26ai))
	list := func(what, entries string) func() {
		return s.Fault(oggtest.Target{Path: "/services/v2/installation/" + what}, oggtest.Fault{Body: `{"response":{"` + what + `":[` + strings.TrimSuffix(entries, ",") + `]}}`})
	}
	ends := []func(){list("deployments", deployments.String()), list("services", services.String())}
	inst := newClient(t, sm, "deployment", "service").Poll(t.Context())
	if want := "2001 deployments, more than the 2000 that are read; see exclude_deployments"; inst.Err == nil || inst.Err.Error() != want {
		t.Errorf("got %v", inst.Err)
	}
	for _, end := range ends {
		end()
	}
	list("deployments", `{"deploymentName":"ServiceManager"},{"deploymentName":"d0"},{"deploymentName":"d1"}`)
	list("services", services.String()+`{"serviceName":"s0","deploymentName":"d1"}`)
	inst = newClient(t, sm, "deployment", "service").Poll(t.Context())
	if inst.Err != nil || len(deployment(t, inst, "d0").Services) != 100 {
		t.Errorf("got %v, %d services", inst.Err, len(deployment(t, inst, "d0").Services))
	}
	if err := read(t, inst, "d0", "service").Err; err == nil || !strings.Contains(err.Error(), "50 services more than the 100 that are read") {
		t.Errorf("got %v", err)
	}
	for _, r := range deployment(t, inst, "d1").Reads {
		if r.Err != nil {
			t.Errorf("d1, %s: got %v", r.Collector, r.Err)
		}
	}
}

// TestAllLists checks that lists each of which would be read are not read once they are too many
// in one poll, and that the next poll begins anew.
func TestAllLists(t *testing.T) {
	t.Parallel()
	i := oggtest.Installation{Release: oggtest.Release26ai}
	for n := range 8 {
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: fmt.Sprintf("d%d", n)})
	}
	s, sm := simulate(t, i)
	var entries strings.Builder
	for n := range 15_000 {
		fmt.Fprintf(&entries, `{"name":"c%d"},`, n)
	}
	s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/config/health"}, oggtest.Fault{Body: `{"response":{"healthy":true,"criticalResources":[` + strings.TrimSuffix(entries.String(), ",") + `]}}`})
	c := newClient(t, sm, "service")
	for range 2 {
		inst, failed := c.Poll(t.Context()), 0
		for _, d := range inst.Deployments {
			for _, r := range d.Reads {
				if r.Err != nil && strings.Contains(r.Err.Error(), "with the 32 MiB in use that the answers of one poll may take") {
					failed++
				}
			}
		}
		if failed != 4 || inst.Err != nil {
			t.Errorf("%d deployments failed, %v", failed, inst.Err)
		}
	}
}
