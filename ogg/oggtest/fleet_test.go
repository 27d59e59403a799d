package oggtest

import (
	"fmt"
	"testing"
	"time"
)

func TestFleet(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("opens many ports")
	}
	fleet := Fleet(FleetSize{ServiceManagers: 100, Deployments: 4, Processes: 25})
	processes := 0
	for _, i := range fleet {
		s := start(t, i)
		for _, d := range i.Deployments {
			admin := s.ServiceURL(d.Name, "adminsrvr")
			n := len(get(t, s, admin+"/extracts", 200).names()) + len(get(t, s, admin+"/replicats", 200).names())
			processes += n
		}
		get(t, s, s.ServiceURL(i.Deployments[3].Name, "adminsrvr")+"/replicats/REP00023/info/status", 200)
	}
	if processes != 10_000 {
		t.Error(processes)
	}
	if a, b := fmt.Sprint(fleet), fmt.Sprint(Fleet(FleetSize{ServiceManagers: 100, Deployments: 4, Processes: 25})); a != b {
		t.Error("another fleet each time")
	}
}

func TestFleetPaths(t *testing.T) {
	t.Parallel()
	s := start(t, Fleet(FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 4, Release: Release26ai, Paths: 3})[0])
	dist, recv := s.ServiceURL("gg001_01", "distsrvr")+"/sources", s.ServiceURL("gg001_01", "recvsrvr")+"/targets"
	if a, b := get(t, s, dist, 200).names(), get(t, s, recv, 200).names(); len(a) != 3 || len(b) != 3 {
		t.Error(a, b)
	}
	if got := get(t, s, dist+"/PATH00001/info", 200).at("response.sourceExtractName"); got != `"EXT00002"` {
		t.Error(got)
	}
}

// TestDemo finds in the demonstration what it promises.
func TestDemo(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, i := range Demo() {
		s := start(t, i)
		for _, d := range i.Deployments {
			found["deployment "+d.Status] = true
			if down(d.Status) {
				continue
			}
			r := get(t, s, s.ServiceURL(d.Name, "adminsrvr")+"/config/health", 200)
			found["healthy "+r.at("response.healthy")] = true
			for _, p := range d.Processes {
				found["process "+p.Status] = true
			}
			for _, p := range d.DistributionPaths {
				found["path "+p.Status] = true
			}
			found["receiver path"] = found["receiver path"] || len(d.ReceiverPaths) > 0
			for _, c := range d.Certificates {
				found["certificate"] = true
				get(t, s, s.URL()+"/services/v2/deployments/"+d.Name+"/certificates/"+c.Type+"/"+c.Name, 200)
			}
			for _, c := range d.Connections {
				for _, h := range c.Heartbeats {
					process := h.processes()[1]
					r := get(t, s, s.ServiceURL(d.Name, "adminsrvr")+"/connections/"+c.Name+"/tables/heartbeat/"+process, 200)
					found["heartbeat"] = r.at("response.heartbeats.0.path") != ""
				}
			}
		}
	}
	for _, want := range []string{"deployment stopped", "healthy false", "healthy true", "process abended", "process stopped", "path stopped", "receiver path", "certificate", "heartbeat"} {
		if !found[want] {
			t.Error("nothing is", want)
		}
	}
}

// TestDemoAcrossInstallations: what sydney gets is what london sends, although each is an
// installation of its own.
func TestDemoAcrossInstallations(t *testing.T) {
	t.Parallel()
	clock, name := NewManualClock(noon), "orders-apac"
	var ends []*distPath
	for n, i := range Demo() {
		i.Clock = clock
		s := start(t, i)
		if n == 0 {
			ends = append(ends, s.find("london").path(distribution, name))
		} else {
			ends = append(ends, s.find("sydney").path(receiver, name))
		}
	}
	for range 20 {
		clock.Advance(77 * time.Second)
		now := clock.Now()
		sender, receives := ends[0].work, ends[1].work
		if a, b := sender.source().bytes(now), receives.source().bytes(now); a != b {
			t.Fatalf("%d bytes are committed for one end, %d for the other", a, b)
		}
		if written, read := sender.in.writer.reached(now), receives.reached(now); read.After(written) {
			t.Errorf("received what was committed until %v, but written only until %v", read, written)
		}
	}
}

// BenchmarkStatus is what one info/status costs, client included.
func BenchmarkStatus(b *testing.B) {
	s := start(b, Fleet(FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 25, Release: Release26ai})[0])
	url := s.ServiceURL("gg001_01", "adminsrvr") + "/replicats/REP00023/info/status"
	for b.Loop() {
		get(b, s, url, 200)
	}
}
