package oggtest

import (
	"testing"
	"time"
)

// TestDataStreams looks at the data streams of each release, one of which has the name of a path.
func TestDataStreams(t *testing.T) {
	t.Parallel()
	for n, release := range Releases {
		s := start(t, Installation{Release: release, Clock: NewManualClock(noon), Deployments: []Deployment{{
			Name:              "west",
			Processes:         []Process{{Name: "EWEST", Trail: "ea", Started: time.Minute}},
			DistributionPaths: []DistributionPath{{Name: "orders", Extract: "EWEST"}},
			DataStreams:       []DataStream{{Name: "orders", Extract: "EWEST", Lag: 7 * time.Second}, {Name: "halted", Status: "stopped"}},
		}}})
		for _, c := range []struct {
			service, path, at string
			since             int // index of the release
			want              string
		}{
			{"distsrvr", "/stream", "response.items.0.name", 3, `"orders"`},
			{"distsrvr", "/stream", "response.items.1.status", 3, `"stopped"`},
			{"distsrvr", "/stream/orders/info", "response.items.0.name", 3, `"errors"`},
			{"distsrvr", "/stream/none/info", "response.items.0.name", 0, ""},
			{"distsrvr", "/sources", "response.items.1", 0, ""},
			{"adminsrvr", "/stream", "response.items", 0, ""},
			{"pmsrvr", "/mpoints/DISTSRVR/distsrvrPathStats", "response.statistics.0.dataStreaming", 4, "true"},
			{"pmsrvr", "/mpoints/DISTSRVR/distsrvrPathStats", "response.statistics.0.lag", 2, map[bool]string{true: "7", false: "0"}[n == 4]},
			{"pmsrvr", "/mpoints/DISTSRVR/distsrvrPathStats", "response.statistics.2.dataStreaming", 4, "false"},
			{"pmsrvr", "/mpoints/DISTSRVR/distsrvrNetworkStats", "response.statistics.1.dataStreaming", 4, "true"},
		} {
			r, err := ask(s, s.ServiceURL("west", c.service)+c.path)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if n >= c.since {
				want = c.want
			}
			if release == Release23ai && want == "0" {
				want = `"0"` // numbers are quoted
			}
			if got := r.at(c.at); got != want {
				t.Errorf("%s %s: %s is %s, want %s\n%s", release, c.path, c.at, got, want, r.body)
			}
		}
	}
}
