package oggtest

import (
	"fmt"
	"testing"
)

func TestFleet(t *testing.T) {
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
	if a, b := fmt.Sprint(fleet), fmt.Sprint(Fleet(FleetSize{100, 4, 25, ""})); a != b {
		t.Error("another fleet each time")
	}
}

// TestDemo finds in the demonstration what it promises.
func TestDemo(t *testing.T) {
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
		}
	}
	for _, want := range []string{"deployment stopped", "healthy false", "healthy true", "process abended", "process stopped"} {
		if !found[want] {
			t.Error("nothing is", want)
		}
	}
}

// BenchmarkStatus is what one info/status costs, client included.
func BenchmarkStatus(b *testing.B) {
	s := start(b, Fleet(FleetSize{1, 1, 25, Release26ai})[0])
	url := s.ServiceURL("gg001_01", "adminsrvr") + "/replicats/REP00023/info/status"
	for b.Loop() {
		get(b, s, url, 200)
	}
}
