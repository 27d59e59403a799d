package ogg_test

import (
	"context"
	"errors"
	"fmt"
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

// trailing is an installation with trails: one of an Extract, one that two Replicats read in
// two directories, and one from the specification.
func trailing(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release, Clock: oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
		Deployments: []oggtest.Deployment{{
			Name: "north",
			Processes: []oggtest.Process{
				{Name: "EXT1", Trail: "ea", TrailPath: "/u02/data"},
				{Name: "REP1", Type: oggtest.Replicat, Trail: "eb", TrailPath: "/u02/data"},
			},
			Trails: []oggtest.Trail{
				{Name: "ec", Path: "/u02/data", Remote: true, Sequence: 7, Offset: 1234, SequenceMin: 3, SequenceMax: 9, SequenceMaxInUse: 8},
			},
		}},
	}
}

// trailNamed returns the trail with that label.
func trailNamed(t testing.TB, inst *ogg.Installation, label string) *ogg.Trail {
	t.Helper()
	for _, trail := range deployment(t, inst, "north").Trails {
		if trail.Trail == label {
			return trail
		}
	}
	t.Fatalf("no trail %s", label)
	return nil
}

// labels returns the labels of all trails, sorted.
func labels(t testing.TB, inst *ogg.Installation) []string {
	t.Helper()
	var all []string
	for _, trail := range deployment(t, inst, "north").Trails {
		all = append(all, trail.Trail)
	}
	slices.Sort(all)
	return all
}

// TestTrailRequests checks that the list is requested from 21.3 on, and each trail where the list has
// no details; that earlier releases get two requests, once; and that all get one for the trails of
// Extracts.
func TestTrailRequests(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		s, sm := simulate(t, trailing(release))
		c := newClient(t, sm, "trail")
		inst := poll(t, c)
		want := []string{"GET /services/v2/trails?details=true"}
		has := release != oggtest.Release12c && release != oggtest.Release19c
		switch {
		case !has:
			want = []string{"GET /services/v2/trails", "GET /services/v2/trails?details=true"}
		case release == oggtest.Release21c:
			want = []string{"GET /services/v2/trails/ea", "GET /services/v2/trails/eb", "GET /services/v2/trails/ec", "GET /services/v2/trails?details=true"}
		}
		if got := asked(s, "north", "adminsrvr"); !slices.Equal(got, want) {
			t.Errorf("%s: asked %q, want %q", release, got, want)
		}
		if err := read(t, inst, "north", "trail").Err; err != nil {
			t.Errorf("%s: %v", release, err)
		}
		if got := asked(s, "north", "distsrvr"); !slices.Equal(got, []string{"GET /services/v2/exttrails"}) {
			t.Errorf("%s: asked %q", release, got)
		}
		s.ResetRequests()
		inst = poll(t, c)
		if !has {
			want = nil
		}
		if got := asked(s, "north", "adminsrvr"); !slices.Equal(got, want) {
			t.Errorf("%s: then asked %q, want %q", release, got, want)
		}
		if !has {
			continue
		}
		trail := trailNamed(t, inst, "ec")
		if trail.Sequence != wire.NumberOf(7) || trail.Offset != wire.NumberOf(1234) || trail.SequenceMin != wire.NumberOf(3) ||
			trail.SequenceMax != wire.NumberOf(9) || trail.SequenceMaxInUse != wire.NumberOf(8) || trail.Remote == nil || !*trail.Remote {
			t.Errorf("%s: got %+v", release, trail)
		}
		if trail = trailNamed(t, inst, "ea"); *trail.Remote {
			t.Errorf("%s: the Extract's trail is remote", release)
		}
	}
}

// TestTrailItems checks that a trail is requested only if its item is incomplete or malformed.
func TestTrailItems(t *testing.T) {
	t.Parallel()
	const whole = `"sequence":1,"sequenceMin":"2","sequenceMax":3,"offset":4`
	for items, want := range map[string]string{
		`{"name":"ec",` + whole + `,"path":"/u02/data"}`: "",
		`{"name":"ec"}`: "/trails/ec",
		`{"name":"ec","sequenceMin":1,"sequenceMax":3}`:                                      "/trails/ec",
		`{"name":"ec","sequenceMin":{"a":1},"path":5}`:                                       "/trails/ec",
		`{"name":"HumanResources","details":{"name":"ec",` + whole + `,"path":"/u02/data"}}`: "",
		`{"name":"ec","details":{` + whole + `}}`:                                            "",
		`{"name":"ec","details":{"sequence":1}}`:                                             "/trails/ec",
		`{"name":"ec","details":{` + whole + `,"path":5}}`:                                   "",
		`{"name":"ec","details":{` + whole + `,"remote":"?","sizeMB":{}}}`:                   "",
		`{"name":"ec","details":"none"}`:                                                     "/trails/ec",
		`{"name":"ec","path":"/u02/data"}`:                                                   "/trails/ec?path=%2Fu02%2Fdata",
		`{"name":"ec?path=%2Fu02%2Fdata"}`:                                                   "/trails/ec?path=%2Fu02%2Fdata",
		`{"name":"ec"},{"name":"ec","path":"/u02/data"}`:                                     "/trails/ec /trails/ec?path=%2Fu02%2Fdata",
		`{"name":"Human_Resources","path":"north","status":""}`:                              "/trails/Human_Resources",
		`{"trailName":"HumanResources"}`:                                                     "/trails/HumanResources",
		`{"name":""},{"path":"north"},{"name":"?path=north"}`:                                "",
	} {
		s, sm := simulate(t, trailing(oggtest.Release26ai))
		s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trail?"}, oggtest.Fault{Body: `{"response":{"items":[` + items + `]}}`, Times: 1})
		s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trails/Human*"}, oggtest.Fault{Body: `{"response":{"name":"ec","path":"/u02/data"}}`})
		newClient(t, sm, "trail").Poll(context.Background())
		var got []string
		for _, line := range asked(s, "north", "adminsrvr") {
			if route := strings.TrimPrefix(line, "GET /services/v2"); route != "/trails?details=true" {
				got = append(got, route)
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: asked %q, want %s", items, got, want)
		}
	}
}

// TestTrailDetails checks that the facts in the details of an item count, with the trail's own name
// and not the one in the list.
func TestTrailDetails(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, trailing(oggtest.Release26ai))
	s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trail?"}, oggtest.Fault{Body: `{"response":{"items":[` +
		`{"name":"HumanResources","details":{"name":"hr","trailName":"HumanResources","path":"/u02/data","sequence":7,"offset":12,"sequenceMin":3,"sequenceMax":9,"sequenceMaxInUse":8,"remote":true}}]}}`})
	trail := trailNamed(t, poll(t, newClient(t, sm, "trail")), "hr")
	if trail.Sequence != wire.NumberOf(7) || trail.Offset != wire.NumberOf(12) || trail.SequenceMin != wire.NumberOf(3) ||
		trail.SequenceMax != wire.NumberOf(9) || trail.SequenceMaxInUse != wire.NumberOf(8) || trail.Remote == nil || !*trail.Remote {
		t.Errorf("got %+v", trail)
	}
}

// TestTrailFails checks that a trail that cannot be read affects no other, not even its name.
func TestTrailFails(t *testing.T) {
	t.Parallel()
	i := trailing(oggtest.Release21c) // without details
	i.Deployments[0].Trails = append(i.Deployments[0].Trails, oggtest.Trail{Name: "south/ea", Path: "/u03"})
	s, sm := simulate(t, i)
	s.Fault(oggtest.Target{Service: "distsrvr", Path: "/services/v2/exttrails"}, oggtest.Fault{Status: http.StatusNotFound})
	c := newClient(t, sm, "trail")
	if got, want := labels(t, poll(t, c)), []string{"data/ea", "eb", "ec", "south/ea"}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	mend := s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trails/ea"}, oggtest.Fault{Status: http.StatusInternalServerError, Times: 1})
	inst := c.Poll(context.Background())
	var api *ogg.APIError
	if err := read(t, inst, "north", "trail").Err; !errors.As(err, &api) || !strings.HasPrefix(err.Error(), "1 of 4 trails: GET ") {
		t.Errorf("got %v", err)
	}
	got := labels(t, inst) // either of the two named ea may have got the fault
	if len(got) != 3 || got[0] != "data/ea" && got[2] != "south/ea" {
		t.Errorf("got %v", got)
	}
	mend()
	s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trail?"}, oggtest.Fault{Status: http.StatusInternalServerError, Times: 1})
	inst = c.Poll(context.Background())
	if read(t, inst, "north", "trail").Err == nil || len(deployment(t, inst, "north").Trails) != 0 {
		t.Error("the failure is not reported")
	}
	if got := len(labels(t, poll(t, c))); got != 4 {
		t.Errorf("then %d trails", got)
	}
}

// TestTrailNamesAgree checks that a trail has the same name as where processes and paths use
// it, even if only part of its directory is reported.
func TestTrailNamesAgree(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.Deployments[0].Processes = append(i.Deployments[0].Processes, oggtest.Process{Name: "REP2", Type: oggtest.Replicat})
	s, sm := simulate(t, i)
	s.Fault(oggtest.Target{Service: "distsrvr", Path: "/services/v2/exttrails"}, oggtest.Fault{Status: http.StatusNotFound})
	c := newClient(t, sm, "process", "trail")
	inst := poll(t, c)
	for _, p := range deployment(t, inst, "north").Processes {
		if p.Position != nil {
			trailNamed(t, inst, p.Position.Trail)
		}
	}
	// Two items that turn out to be the same trail: the first counts.
	s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trail?"}, oggtest.Fault{
		Body: fmt.Sprintf(`{"response":{"items":[{"name":"ea",%s,"path":"/u02"},{"name":"ea",%s,"path":"/u02/"}]}}`, `"sequence":1,"sequenceMin":1,"sequenceMax":1,"offset":1`, `"sequence":2,"sequenceMin":2,"sequenceMax":2,"offset":2`),
	})
	inst = c.Poll(context.Background())
	var duplicate *ogg.DuplicateError
	if err := read(t, inst, "north", "trail").Err; !errors.As(err, &duplicate) {
		t.Errorf("got %v", err)
	}
	if got := labels(t, inst); !slices.Equal(got, []string{"ea"}) || trailNamed(t, inst, "ea").Sequence != wire.NumberOf(1) {
		t.Errorf("got %v", got)
	}
}

// TestTrailNamesStay checks that the trail that a Replicat reads keeps its name while the Extract
// that writes another one of that name stops and starts again.
func TestTrailNamesStay(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		s, sm := simulate(t, oggtest.Installation{Release: release, Deployments: []oggtest.Deployment{{
			Name: "north", Processes: []oggtest.Process{
				{Name: "EXT1", Trail: "ea", TrailPath: "/u02/north/data"},
				{Name: "REP1", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/u02/south/data"},
			},
		}}})
		c := newClient(t, sm, "process", "performance")
		for _, status := range []string{"running", "stopped", "running"} {
			s.SetProcessStatus("north", "EXT1", status)
			if got := deployment(t, poll(t, c), "north").Processes[1].Position.Trail; got != "south/data/ea" {
				t.Errorf("%s: while the Extract is %s: got %s", release, status, got)
			}
		}
	}
}

// TestTrailsMissingAtFirst checks that a route that answers 404 for a while, as behind a proxy that
// has just started, is requested again.
func TestTrailsMissingAtFirst(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, trailing(oggtest.Release26ai))
		g := newGuarded(t, sm, "trail")
		mend := s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trails"}, oggtest.Fault{Status: http.StatusNotFound})
		g.Poll(t.Context())
		mend()
		time.Sleep(time.Minute)
		if got := len(labels(t, g.Poll(t.Context()))); got != 3 {
			t.Errorf("%d trails after a minute, want 3", got)
		}
	})
}

// TestThreadsNotFound checks that a release that answers 404 to a parameter that it does not know is
// asked without it.
func TestThreadsNotFound(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, trailing(oggtest.Release26ai))
	for _, route := range []string{"extracts", "replicats"} {
		s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/" + route}, oggtest.Fault{Status: http.StatusNotFound, Times: 1})
	}
	if got := len(deployment(t, poll(t, newClient(t, sm, "process")), "north").Processes); got != 2 {
		t.Errorf("%d processes, want 2", got)
	}
}
