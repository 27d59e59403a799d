package ogg_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// receiving is an installation with two receiver paths.
func receiving(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release, Clock: oggtest.NewManualClock(pathNoon),
		Deployments: []oggtest.Deployment{{
			Name: "north",
			ReceiverPaths: []oggtest.ReceiverPath{
				{Name: "orders", Trail: "rt", SourceTrail: "ea", Lag: 7 * time.Second, Started: 45 * time.Second, BytesPerSecond: 100_000},
				{Name: "stock", Status: "stopped"},
			},
		}},
	}
}

// receiverPath returns a path of north.
func receiverPath(t testing.TB, inst *ogg.Installation, name string) *ogg.ReceiverPath {
	t.Helper()
	for _, p := range deployment(t, inst, "north").ReceiverPaths {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no receiver path %s", name)
	return nil
}

// receiverRequests are those to the Receiver Service in the first and the second poll, more of each
// path included.
func receiverRequests(release oggtest.Release, more ...string) [2][]string {
	requests := func(what ...string) []string { return pathRequests("/targets", bothPaths, append(what, more...)...) }
	switch release {
	case oggtest.Release12c:
		return [2][]string{requests("", "/info", "/checkpoints"), requests("")}
	case oggtest.Release19c:
		all := requests("", "/info", "/checkpoints")
		return [2][]string{all, all}
	default:
		return [2][]string{requests("", "/info", "/checkpoints"), requests("/info", "/checkpoints")}
	}
}

// TestReceiverPathRequests checks every request of the first and the second poll.
func TestReceiverPathRequests(t *testing.T) {
	t.Parallel()
	points := []string{"GET /services/v2/mpoints/RECVSRVR/recvsrvrStats", "GET /services/v2/mpoints/processes"}
	for _, release := range oggtest.Releases {
		t.Run(string(release), func(t *testing.T) {
			s, sm := simulate(t, receiving(release))
			c := newClient(t, sm, "receiver_path")
			for _, want := range receiverRequests(release) {
				poll(t, c)
				if got := asked(s, "north", "pmsrvr"); !slices.Equal(got, points) {
					t.Errorf("pmsrvr got requests %q", got)
				}
				checkAsked(t, s, "recvsrvr", want)
			}
		})
	}
}

// TestReceiverPaths checks that all releases report the same, except what they lack.
func TestReceiverPaths(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		t.Run(string(release), func(t *testing.T) {
			i, clock := receiving(release), oggtest.NewManualClock(pathNoon)
			i.Clock = clock
			_, sm := simulate(t, i)
			clock.Advance(10 * time.Second)
			inst := poll(t, newClient(t, sm, "receiver_path"))
			p := receiverPath(t, inst, "orders")
			if p.Status != "running" || receiverPath(t, inst, "stock").Status != "stopped" {
				t.Errorf("got %+v", p.Path)
			}
			checkReceived(t, p, release)
			counted := release == oggtest.Release23ai || release == oggtest.Release26ai
			received, _ := p.BytesReceived.Value()
			written, _ := p.BytesWritten.Value()
			if (received > 0) != counted || (written > 0) != counted || p.LastData.IsZero() == counted || p.CountersSince.IsZero() == counted {
				t.Errorf("counted %+v since %v", p.ReceiverCounters, p.CountersSince)
			}
		})
	}
}

// checkReceived checks what a path reports about itself from 19c on.
func checkReceived(t testing.TB, p *ogg.ReceiverPath, release oggtest.Release) {
	t.Helper()
	if release == oggtest.Release12c {
		if p.Told || p.Lag != (wire.Number{}) || !p.Started.IsZero() || len(p.Inputs)+len(p.Outputs) != 0 {
			t.Errorf("got %+v", p.Path)
		}
		return
	}
	if !p.Told || !is(p.Lag, 7) || !is(p.LagAge, 5) || !p.Started.Equal(pathNoon.Add(-45*time.Second)) {
		t.Errorf("got %+v", p.Path)
	}
	if len(p.Inputs) != 1 || p.Inputs[0].Trail != "ea" || len(p.Outputs) != 1 || p.Outputs[0].Trail != "rt" || !is(p.Outputs[0].Offset, 5_001_500) {
		t.Errorf("reads at %+v, writes at %+v", p.Inputs, p.Outputs)
	}
}

// TestReceiverPathsAlone checks that without the Performance Metrics Service, which is a failure of
// the collector performance alone, the Receiver Service is asked for the numbers of messages, whose
// start is unknown; and that they are missing where Performance Metrics is up and has none.
func TestReceiverPathsAlone(t *testing.T) {
	t.Parallel()
	pm := oggtest.Target{Deployment: "north", Service: "pmsrvr"}
	for name, turnOff := range map[string]func(*oggtest.Server){
		"refuses connections": func(s *oggtest.Server) { s.Fault(pm, oggtest.Fault{Refused: true}) },
		"answers 404":         func(s *oggtest.Server) { s.Fault(pm, oggtest.Fault{Status: http.StatusNotFound}) },
		"answers 403":         func(s *oggtest.Server) { s.Fault(pm, oggtest.Fault{Forbidden403: true}) },
		"answers 503":         func(s *oggtest.Server) { s.Fault(pm, oggtest.Fault{Status: http.StatusServiceUnavailable}) },
		"is stopped":          func(s *oggtest.Server) { s.SetServiceStatus("north", "pmsrvr", "stopped") },
		"lacks the point": func(s *oggtest.Server) {
			s.Fault(oggtest.Target{Path: "/services/v2/mpoints/RECVSRVR"}, oggtest.Fault{Status: http.StatusNotFound})
		},
	} {
		for _, release := range oggtest.Releases {
			t.Run(name+", "+string(release), func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) {
					s, sm := simulate(t, receiving(release))
					turnOff(s)
					c := newClient(t, sm, "receiver_path", "performance")
					requests, counted := receiverRequests(release, "/stats"), true
					if name == "lacks the point" {
						requests, counted = receiverRequests(release), false
					}
					for _, want := range requests {
						p := receiverPath(t, pollFor(t, c, "receiver_path"), "orders")
						checkAsked(t, s, "recvsrvr", want)
						if p.Status != "running" || p.Told == (release == oggtest.Release12c) {
							t.Errorf("got %+v", p)
						}
						checkMessages(t, p, counted)
					}
				})
			})
		}
	}
}

// checkMessages checks that a path has numbers of messages and no other counters, or none at all.
func checkMessages(t testing.TB, p *ogg.ReceiverPath, counted bool) {
	t.Helper()
	others := p.ReceiverCounters
	others.MessagesSent, others.MessagesReceived = wire.Number{}, wire.Number{}
	if p.MessagesSent.Known() != counted || p.MessagesReceived.Known() != counted || others != (ogg.ReceiverCounters{}) || !p.CountersSince.IsZero() {
		t.Errorf("counted %+v since %v", p.ReceiverCounters, p.CountersSince)
	}
}

// TestReceiverPathsAbsentService checks deployments without a Performance Metrics Service or a
// Receiver Service.
func TestReceiverPathsAbsentService(t *testing.T) {
	t.Parallel()
	i := receiving(oggtest.Release26ai)
	i.Deployments[0].Services = []oggtest.Service{{Name: "recvsrvr"}}
	_, sm := simulate(t, i)
	checkMessages(t, receiverPath(t, poll(t, newClient(t, sm, "receiver_path")), "orders"), true)
	i.Deployments[0].Services = []oggtest.Service{{Name: "pmsrvr"}}
	s, sm := simulate(t, i)
	d := deployment(t, poll(t, newClient(t, sm, "receiver_path")), "north")
	if len(d.ReceiverPaths) != 0 || slices.ContainsFunc(d.Reads, func(r ogg.Read) bool { return r.Collector == "receiver_path" }) {
		t.Errorf("got %v, %v", d.ReceiverPaths, d.Reads)
	}
	checkAsked(t, s, "pmsrvr", nil)
}

// TestReceiverPathCounters checks that only entries about a listed path count, whichever member
// names it.
func TestReceiverPathCounters(t *testing.T) {
	t.Parallel()
	for entries, want := range map[string]string{
		`{"pathName":"orders","totalBytesWritten":5,"totalMessagesSent":"2"}`:                       "5 2",
		`{"name":"orders","totalBytesWritten":5}`:                                                   "5 -",
		`{"pathName":"orders","name":"stock","totalBytesWritten":5}`:                                "5 -",
		`{"pathName":"orders","totalBytesWritten":-1,"lastDataTimestamp":null}`:                     "- -",
		`{"localUri":"ws://here/services/v2/targets?trail=rt","totalBytesWritten":5}`:               "- -",
		`{"pathName":"gone","totalBytesWritten":5}`:                                                 "- -",
		`{"pathName":"stock","totalBytesWritten":1},{"localUri":"ws://here","totalBytesWritten":5}`: "- -",
	} {
		s, sm := simulate(t, receiving(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/RECVSRVR/recvsrvrStats"}, oggtest.Fault{Body: `{"response":{"recvsrvrStats":[` + entries + `]}}`})
		p := receiverPath(t, poll(t, newClient(t, sm, "receiver_path")), "orders")
		if got := figure(p.BytesWritten) + " " + figure(p.MessagesSent); got != want {
			t.Errorf("%s: got %q, want %q", entries, got, want)
		}
	}
}

// TestReceiverPathInitiated checks that whether a path is target-initiated is read once an hour, and where
// the path has to be read for its status.
func TestReceiverPathInitiated(t *testing.T) {
	t.Parallel()
	i, clock := receiving(oggtest.Release26ai), oggtest.NewManualClock(pathNoon)
	i.Deployments[0].ReceiverPaths[0].TargetInitiated = true
	i.Clock = clock
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "receiver_path")
	requests := receiverRequests(oggtest.Release26ai)
	for _, want := range [][]string{requests[0], requests[1], requests[0]} {
		if p := receiverPath(t, poll(t, c), "orders"); !isTrue(p.TargetInitiated) {
			t.Errorf("target-initiated: %v", p.TargetInitiated)
		}
		checkAsked(t, s, "recvsrvr", want)
		clock.Advance(40 * time.Minute)
	}
	s.Fault(oggtest.Target{Path: "/services/v2/target[s]"}, oggtest.Fault{Body: `{"response":{"items":[{"name":"orders"},{"name":"stock"}]}}`})
	inst := poll(t, c)
	if p := receiverPath(t, inst, "orders"); p.Status != "running" || !isTrue(p.TargetInitiated) {
		t.Errorf("got %+v, target-initiated %v", p.Path, p.TargetInitiated)
	}
	if p := receiverPath(t, inst, "stock"); !isFalse(p.TargetInitiated) {
		t.Errorf("target-initiated: %v", p.TargetInitiated)
	}
}

// TestReceiverPathPointFails checks that a failing point costs only the counters.
func TestReceiverPathPointFails(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, receiving(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/RECVSRVR/recvsrvrStats"}, oggtest.Fault{Status: http.StatusInternalServerError})
	inst := newClient(t, sm, "receiver_path").Poll(context.Background())
	if read(t, inst, "north", "receiver_path").Err == nil {
		t.Error("the failure is not reported")
	}
	if p := receiverPath(t, inst, "orders"); !p.Told || p.ReceiverCounters != (ogg.ReceiverCounters{}) {
		t.Errorf("got %+v", p)
	}
}

// TestReceiverPathRoutesRemembered checks that a route that all paths lack is requested again
// when the service restarts or has another path.
func TestReceiverPathRoutesRemembered(t *testing.T) {
	t.Parallel()
	clock := oggtest.NewManualClock(pathNoon)
	i := receiving(oggtest.Release12c)
	i.Clock = clock
	s, sm := simulate(t, i)
	c := newClient(t, sm, "service", "receiver_path")
	askedFor := func(want int) {
		t.Helper()
		s.ResetRequests()
		poll(t, c)
		if n := count(s, "/info") + count(s, "/checkpoints"); n != want {
			t.Errorf("asked %d times, want %d", n, want)
		}
	}
	askedFor(4)
	askedFor(0)
	if err := s.AddReceiverPath("north", oggtest.ReceiverPath{Name: "late"}); err != nil {
		t.Fatal(err)
	}
	askedFor(6)
	askedFor(0)
	clock.Advance(time.Minute)
	s.RestartService("north", "recvsrvr")
	poll(t, c) // notices the restart
	poll(t, c)
	askedFor(0)
	s.ResetRequests()
	clock.Advance(time.Minute)
	s.RestartService("north", "recvsrvr")
	poll(t, c)
	poll(t, c)
	if n := count(s, "/info"); n != 3 {
		t.Errorf("after a restart asked %d times, want once for each of 3 paths", n)
	}
}

// TestReceiverPathRoutesLater checks that a route that all paths lack is requested again after
// growing waits, and that what it reports then is there without any restart.
func TestReceiverPathRoutesLater(t *testing.T) {
	t.Parallel()
	clock := oggtest.NewManualClock(pathNoon)
	i := receiving(oggtest.Release26ai)
	i.Clock = clock
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "receiver_path")
	mend := s.Fault(oggtest.Target{Path: "/services/v2/targets/*/info"}, oggtest.Fault{Status: http.StatusNotFound})
	for range 5 { // asked at once, after 1 and after 3 minutes
		if receiverPath(t, poll(t, c), "orders").Told {
			t.Error("it reported something")
		}
		clock.Advance(time.Minute)
	}
	if n := count(s, "/info"); n != 6 {
		t.Errorf("asked %d times, want 3 times for each of 2 paths", n)
	}
	mend()
	clock.Advance(2 * time.Minute)
	for range 2 {
		if !receiverPath(t, poll(t, c), "orders").Told {
			t.Error("it reports nothing")
		}
	}
}

// TestReceiverPathLacksRoute checks that a 404 for one of several paths is neither a failure
// nor remembered.
func TestReceiverPathLacksRoute(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, receiving(oggtest.Release26ai))
	mend := s.Fault(oggtest.Target{Path: "/services/v2/targets/orders"}, oggtest.Fault{Status: http.StatusNotFound})
	c := newClient(t, sm, "receiver_path")
	for _, want := range receiverRequests(oggtest.Release26ai) {
		inst := poll(t, c)
		if p := receiverPath(t, inst, "orders"); p.Told || p.Status != "running" || len(p.Outputs) != 0 {
			t.Errorf("got %+v", p)
		}
		if p := receiverPath(t, inst, "stock"); !p.Told || len(p.Outputs) != 1 {
			t.Errorf("got %+v", p)
		}
		checkAsked(t, s, "recvsrvr", want)
	}
	mend()
	if p := receiverPath(t, poll(t, c), "orders"); !p.Told || len(p.Outputs) != 1 {
		t.Errorf("got %+v", p)
	}
}

// TestReceiverPathFails checks that a failing path affects no other.
func TestReceiverPathFails(t *testing.T) {
	t.Parallel()
	for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release19c, oggtest.Release26ai} {
		s, sm := simulate(t, receiving(release))
		s.Fault(oggtest.Target{Path: "/services/v2/targets/orders"}, oggtest.Fault{Status: http.StatusInternalServerError})
		inst := newClient(t, sm, "receiver_path").Poll(context.Background())
		err := read(t, inst, "north", "receiver_path").Err
		var api *ogg.APIError
		if !errors.As(err, &api) || !strings.HasPrefix(err.Error(), "1 of 2 receiver paths: GET ") {
			t.Errorf("%s: got %v", release, err)
		}
		want := map[oggtest.Release]string{oggtest.Release26ai: "running"}[release]
		if p := receiverPath(t, inst, "orders"); p.Status != want || p.Told {
			t.Errorf("%s: got %+v, want status %q", release, p, want)
		}
		if p := receiverPath(t, inst, "stock"); p.Status != "stopped" || p.Told == (release == oggtest.Release12c) {
			t.Errorf("%s: got %+v", release, p)
		}
	}
}

// TestReceiverPathComesAndGoes checks that a removed path is gone at the next poll, and that a
// deployment without paths sends only the request for the list.
func TestReceiverPathComesAndGoes(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, receiving(oggtest.Release26ai))
	c := newClient(t, sm, "receiver_path")
	poll(t, c)
	s.RemovePath("north", "orders")
	if d := deployment(t, poll(t, c), "north"); len(d.ReceiverPaths) != 1 || !d.ReceiverPaths[0].Told {
		t.Errorf("got %+v", d.ReceiverPaths)
	}
	s.RemovePath("north", "stock")
	s.ResetRequests()
	poll(t, c)
	if got := asked(s, "north", "pmsrvr"); got != nil {
		t.Errorf("pmsrvr got requests %q", got)
	}
	checkAsked(t, s, "recvsrvr", pathRequests("/targets", nil))
}

// TestReceiverPathMissing checks that what a path does not report is missing, not 0.
func TestReceiverPathMissing(t *testing.T) {
	t.Parallel()
	i := receiving(oggtest.Release26ai)
	i.Deployments[0].ReceiverPaths = []oggtest.ReceiverPath{{Name: "never", NeverStarted: true, UnknownLag: true}}
	_, sm := simulate(t, i)
	p := receiverPath(t, poll(t, newClient(t, sm, "receiver_path")), "never")
	if p.Status != "stopped" || !p.Told || p.Lag != (wire.Number{}) || !p.Started.IsZero() || len(p.Inputs)+len(p.Outputs) != 0 ||
		p.ReceiverCounters != (ogg.ReceiverCounters{}) || !p.CountersSince.IsZero() {
		t.Errorf("got %+v", p)
	}
}
