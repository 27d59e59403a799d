package ogg_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// beating is an installation whose processes pass heartbeats, except EXT2, which is stopped,
// and REP2, which none reach.
func beating(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release, Clock: oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
		Deployments: []oggtest.Deployment{{
			Name: "north",
			Processes: []oggtest.Process{
				{Name: "EXT1", Heartbeat: true, Lag: 2 * time.Second, Started: time.Hour},
				{Name: "EXT2", Heartbeat: true, Status: "stopped", Started: 2 * time.Hour, Stopped: time.Hour},
				{Name: "REP1", Type: oggtest.Replicat, Mode: oggtest.Parallel, Heartbeat: true, Started: time.Hour},
				{Name: "REP2", Type: oggtest.Replicat, Started: time.Hour},
			},
			DistributionPaths: []oggtest.DistributionPath{{Name: "NORTH_SOUTH", Extract: "EXT1", Started: time.Hour}},
		}},
	}
}

// beats returns the requests for heartbeat points.
func beats(s *oggtest.Server) []string {
	return slices.DeleteFunc(asked(s, "north", "pmsrvr"), func(line string) bool {
		return line == "GET /services/v2/mpoints/processes"
	})
}

// TestHeartbeatRequests checks that there is one request for all paths and one for each running
// Extract and Replicat, and that a process without heartbeats is asked only once.
func TestHeartbeatRequests(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		s, sm := simulate(t, beating(release))
		c := newClient(t, sm, "heartbeat")
		poll(t, c)
		want := []string{
			"GET /services/v2/mpoints/DISTSRVR/heartbeat",
			"GET /services/v2/mpoints/EXT1/heartbeat",
			"GET /services/v2/mpoints/REP1/heartbeat",
			"GET /services/v2/mpoints/REP2/heartbeat",
		}
		if got := beats(s); !slices.Equal(got, want) {
			t.Errorf("%s: asked %q, want %q", release, got, want)
		}
		s.ResetRequests()
		inst := poll(t, c)
		want = want[:3]
		if release == oggtest.Release12c || release == oggtest.Release19c {
			want = nil
		}
		if got := beats(s); !slices.Equal(got, want) {
			t.Errorf("%s: then asked %q, want %q", release, got, want)
		}
		var got []string
		for _, h := range deployment(t, inst, "north").Heartbeats {
			got = append(got, h.Process+" "+h.Type+" "+h.Name)
			lag, lagKnown := h.Lag.Value()
			age, ageKnown := h.Age.Value()
			if !lagKnown || !ageKnown || lag <= 0 || lag > 10 || age < 0 || age > 90 {
				t.Errorf("%s: got %+v", release, h)
			}
		}
		slices.Sort(got)
		if want != nil {
			want = []string{"DISTSRVR distserver NORTH_SOUTH", "EXT1 extract EXT1", "REP1 replicat REP1"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", release, got, want)
		}
	}
}

// TestHeartbeatAskedAgain checks that a process that restarts is asked again.
func TestHeartbeatAskedAgain(t *testing.T) {
	t.Parallel()
	i := beating(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := newClient(t, sm, "heartbeat")
	poll(t, c)
	i.Clock.(*oggtest.ManualClock).Advance(time.Minute)
	s.RestartProcess("north", "REP2")
	s.ResetRequests()
	poll(t, c)
	if got := beats(s); !slices.Contains(got, "GET /services/v2/mpoints/REP2/heartbeat") {
		t.Errorf("asked %q", got)
	}
}

// TestHeartbeatFigures checks that milliseconds become seconds, that missing figures remain
// missing, and that of duplicates the first counts.
func TestHeartbeatFigures(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, beating(oggtest.Release21c))
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/DISTSRVR/heartbeat"}, oggtest.Fault{Body: `{"response":{"heartbeats":[
		{"heartbeatName":"A","heartbeatLag":"3175","heartbeatAge":25023},
		{"heartbeatName":"B","heartbeatLag":-1},
		{"heartbeatName":"A","heartbeatLag":1,"heartbeatAge":1}]}}`})
	inst := newClient(t, sm, "heartbeat").Poll(context.Background())
	want := []ogg.Heartbeat{
		{Process: "DISTSRVR", Type: "distserver", Name: "A", Lag: wire.NumberOf(3.175), Age: wire.NumberOf(25.023)},
		{Process: "DISTSRVR", Type: "distserver", Name: "B"},
	}
	var got []ogg.Heartbeat
	for _, h := range deployment(t, inst, "north").Heartbeats {
		if h.Process == "DISTSRVR" {
			got = append(got, *h)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var duplicate *ogg.DuplicateError
	if err := read(t, inst, "north", "heartbeat").Err; !errors.As(err, &duplicate) {
		t.Errorf("got %v", err)
	}
}

// TestHeartbeatsUnlisted checks that an answer without the list of heartbeats is a failure, unlike an
// empty list.
func TestHeartbeatsUnlisted(t *testing.T) {
	t.Parallel()
	for body, fails := range map[string]bool{
		`{"response":{}}`:                  true,
		`{"response":{"heartbeats":null}}`: true,
		`{"response":{"heartbeats":[]}}`:   false,
	} {
		s, sm := simulate(t, beating(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/heartbeat"}, oggtest.Fault{Body: body})
		inst := newClient(t, sm, "heartbeat").Poll(context.Background())
		if err := read(t, inst, "north", "heartbeat").Err; (err != nil) != fails {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// TestHeartbeatsMissing checks that there are no heartbeats without the Performance Metrics
// Service, or without its list, and that the collector performance reports the failure, unless
// it is off.
func TestHeartbeatsMissing(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		off := []oggtest.Service{{Name: "adminsrvr"}, {Name: "pmsrvr", Status: "stopped"}}
		absent := []oggtest.Service{{Name: "adminsrvr"}}
		pm := oggtest.Target{Service: "pmsrvr"}
		for name, c := range map[string]struct {
			services []oggtest.Service
			fault    oggtest.Fault
			reported bool
		}{
			"stopped": {services: off},
			"absent":  {services: absent},
			"refused": {fault: oggtest.Fault{Refused: true}, reported: true},
			"404":     {fault: oggtest.Fault{Status: http.StatusNotFound}, reported: true},
			"503":     {fault: oggtest.Fault{Status: http.StatusServiceUnavailable}, reported: true},
		} {
			i := beating(oggtest.Release26ai)
			i.Deployments[0].Services = c.services
			s, sm := simulate(t, i)
			if c.reported {
				s.Fault(pm, c.fault)
			}
			for _, collectors := range [][]string{{"heartbeat", "performance"}, {"heartbeat"}} {
				d := deployment(t, newClient(t, sm, collectors...).Poll(context.Background()), "north")
				got := slices.ContainsFunc(d.Reads, func(r ogg.Read) bool { return r.Collector == "heartbeat" })
				if want := c.reported && len(collectors) == 1; got != want || len(d.Heartbeats) != 0 {
					t.Errorf("%s: with %v reported %v, want %v; %d heartbeats", name, collectors, got, want, len(d.Heartbeats))
				}
			}
		}
	})
}

// TestHeartbeatFails checks that a process that cannot be read affects no other.
func TestHeartbeatFails(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, beating(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/heartbeat"}, oggtest.Fault{Status: http.StatusInternalServerError})
	inst := newClient(t, sm, "heartbeat").Poll(context.Background())
	var api *ogg.APIError
	if err := read(t, inst, "north", "heartbeat").Err; !errors.As(err, &api) {
		t.Errorf("got %v", err)
	}
	if got := len(deployment(t, inst, "north").Heartbeats); got != 2 {
		t.Errorf("got %d heartbeats, want 2", got)
	}
}
