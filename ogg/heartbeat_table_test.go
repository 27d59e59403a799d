package ogg_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

const table = "/services/v2/connections/OracleGoldenGate.ggadmin/tables/heartbeat"

// tabled is an installation with a heartbeat table, which two paths lead to.
func tabled(release oggtest.Release) (oggtest.Installation, *oggtest.ManualClock) {
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return oggtest.Installation{
		Release: release, Clock: clock,
		Deployments: []oggtest.Deployment{{
			Name: "north",
			Processes: []oggtest.Process{
				{Name: "EXT1"},
				{Name: "REP1", Type: oggtest.Replicat},
				{Name: "REP2", Type: oggtest.Replicat, Status: "stopped"},
			},
			Connections: []oggtest.Connection{
				{Name: "OracleGoldenGate.other"},
				{Name: "OracleGoldenGate.ggadmin", Heartbeats: []oggtest.Heartbeat{
					{Path: "EWEST ==> REP1", Lag: 1250 * time.Millisecond, Age: 7 * time.Second},
					{Path: "EEAST ==> PUMP ==> REP2", Lag: 3 * time.Second},
				}},
			},
		}},
	}, clock
}

// tableClient returns a client that reads heartbeat tables every 5 minutes of the clock.
func tableClient(t testing.TB, sm config.ServiceManager, clock *oggtest.ManualClock) *ogg.Client {
	t.Helper()
	c, err := ogg.NewClient(sm, ogg.Options{
		Collectors: []string{"heartbeat"}, Now: clock.Now, Dial: bubble.Dialer(t),
		HeartbeatTable: ogg.HeartbeatTableOptions{Read: true, Interval: 5 * time.Minute},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestHeartbeatTableRequests checks the requests of a round in every release, and that there
// are none if the table is not wanted.
func TestHeartbeatTableRequests(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		i, clock := tabled(release)
		s, sm := simulate(t, i)
		c := tableClient(t, sm, clock)
		inst := poll(t, c)
		lists := []string{"GET /services/v2/connections", "GET /services/v2/replicats?threads=none"}
		logins := []string{"GET /services/v2/replicats/REP1", "GET /services/v2/replicats/REP2"}
		whole := []string{"GET " + table + "Data"}
		single := []string{"GET " + table + "/REP1", "GET " + table + "/REP2"}
		heartbeats, sessions := 2, 1
		first, later := slices.Concat(lists, logins, whole), slices.Concat(lists, whole)
		switch release {
		case oggtest.Release12c: // has no such table
			heartbeats, sessions = 0, 0
			first, later = append(first, single...), slices.Concat(lists, whole, single)
		case oggtest.Release19c:
			sessions = 2
			first, later = append(first, single...), slices.Concat(lists, whole, single)
		}
		slices.Sort(first)
		slices.Sort(later)
		if got := asked(s, "north", "adminsrvr"); !slices.Equal(got, first) {
			t.Errorf("%s: asked %q, want %q", release, got, first)
		}
		if got := s.DatabaseSessions("north"); got != sessions {
			t.Errorf("%s: %d database sessions, want %d", release, got, sessions)
		}
		if got := len(deployment(t, inst, "north").TableHeartbeats); got != heartbeats {
			t.Errorf("%s: %d heartbeats, want %d", release, got, heartbeats)
		}
		s.ResetRequests()
		clock.Advance(5 * time.Minute)
		poll(t, c)
		if got := asked(s, "north", "adminsrvr"); !slices.Equal(got, later) {
			t.Errorf("%s: then asked %q, want %q", release, got, later)
		}
		s.ResetRequests()
		clock.Advance(55 * time.Minute)
		poll(t, c)
		if got := asked(s, "north", "adminsrvr"); !slices.Equal(got, first) {
			t.Errorf("%s: after an hour asked %q, want %q", release, got, first)
		}
		s.ResetRequests()
		poll(t, newClient(t, sm, "heartbeat"))
		if got := asked(s, "north", "adminsrvr"); len(got) != 0 {
			t.Errorf("%s: asked %q, though the table is not wanted", release, got)
		}
	}
}

// TestHeartbeatTableInterval checks that between reads the last figures remain, with the time
// of their read.
func TestHeartbeatTableInterval(t *testing.T) {
	t.Parallel()
	i, clock := tabled(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := tableClient(t, sm, clock)
	start := clock.Now()
	for n, step := range []struct {
		advance  time.Duration
		sessions int
		read     time.Duration
		age      float64
	}{
		{0, 1, 0, 7},
		{time.Minute, 1, 0, 7},
		{4*time.Minute - time.Second, 1, 0, 7},
		{time.Second, 2, 5 * time.Minute, 7},
		{11 * time.Second, 2, 5 * time.Minute, 7},
		{time.Hour, 3, time.Hour + 5*time.Minute + 11*time.Second, 18},
	} {
		clock.Advance(step.advance)
		inst := poll(t, c)
		if got := s.DatabaseSessions("north"); got != step.sessions {
			t.Errorf("step %d: %d database sessions, want %d", n, got, step.sessions)
		}
		h := *deployment(t, inst, "north").TableHeartbeats[0]
		want := ogg.TableHeartbeat{
			Process: "REP1", Path: "EWEST ==> REP1", Lag: wire.NumberOf(1.25), Age: wire.NumberOf(step.age),
			Read: wire.Timestamp{Time: start.Add(step.read)},
		}
		if h != want {
			t.Errorf("step %d: got %+v, want %+v", n, h, want)
		}
	}
}

// TestHeartbeatTableFails checks that a failure is reported until the next read, affects only
// its Replicat, and is not retried before.
func TestHeartbeatTableFails(t *testing.T) {
	t.Parallel()
	i, clock := tabled(oggtest.Release19c)
	s, sm := simulate(t, i)
	c := tableClient(t, sm, clock)
	mend := s.Fault(oggtest.Target{Path: table + "/REP1"}, oggtest.Fault{Status: http.StatusInternalServerError})
	check := func(failed bool, sessions int, processes ...string) {
		t.Helper()
		inst := c.Poll(context.Background())
		var api *ogg.APIError
		if err := read(t, inst, "north", "heartbeat").Err; errors.As(err, &api) != failed ||
			failed && !strings.HasPrefix(err.Error(), "1 of 2 heartbeat tables: GET ") {
			t.Errorf("got %v", err)
		}
		var got []string
		for _, h := range deployment(t, inst, "north").TableHeartbeats {
			got = append(got, h.Process)
		}
		if !slices.Equal(got, processes) {
			t.Errorf("got heartbeats of %v, want %v", got, processes)
		}
		if n := count(s, "/tables/heartbeat/REP1"); n != sessions {
			t.Errorf("asked %d times, want %d", n, sessions)
		}
	}
	check(true, 1, "REP2")
	mend()
	check(true, 1, "REP2")
	clock.Advance(5 * time.Minute)
	check(false, 2, "REP1", "REP2")
	s.RemoveProcess("north", "REP2")
	check(false, 2, "REP1", "REP2")
	clock.Advance(5 * time.Minute)
	check(false, 3, "REP1")
}

// TestHeartbeatTableListFails checks that the lists, which open no database session, are
// requested again in the next poll.
func TestHeartbeatTableListFails(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/services/v2/connection?", "/services/v2/replicat?"} {
		i, clock := tabled(oggtest.Release26ai)
		s, sm := simulate(t, i)
		c := tableClient(t, sm, clock)
		s.Fault(oggtest.Target{Service: "adminsrvr", Path: path}, oggtest.Fault{Status: http.StatusInternalServerError, Times: 1})
		if inst := c.Poll(context.Background()); read(t, inst, "north", "heartbeat").Err == nil {
			t.Errorf("%s: the failure is not reported", path)
		}
		if got := len(deployment(t, poll(t, c), "north").TableHeartbeats); got != 2 {
			t.Errorf("%s: then %d heartbeats", path, got)
		}
	}
}

// TestHeartbeatTableMissing checks that without a table, a connection or a login there are no
// heartbeats and no failure, and that a table that is added is found.
func TestHeartbeatTableMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(*oggtest.Deployment)
		fault    oggtest.Fault // of the Replicats' configuration
		sessions int
	}{
		"no table":         {func(d *oggtest.Deployment) { d.Connections[1].NoTable = true }, oggtest.Fault{}, 3},
		"no connection":    {func(d *oggtest.Deployment) { d.Connections = nil }, oggtest.Fault{}, 0},
		"other connection": {func(d *oggtest.Deployment) { d.Connections = d.Connections[:1] }, oggtest.Fault{}, 0},
		"no login":         {nil, oggtest.Fault{Body: `{"response":{"name":"REP1"}}`}, 0},
		"no domain":        {nil, oggtest.Fault{Body: `{"response":{"credentials":{"alias":"ggadmin"}}}`}, 1},
	} {
		i, clock := tabled(oggtest.Release26ai)
		if c.change != nil {
			c.change(&i.Deployments[0])
		}
		s, sm := simulate(t, i)
		if c.fault.Body != "" {
			s.Fault(oggtest.Target{Path: "/services/v2/replicats/REP?"}, c.fault)
		}
		client := tableClient(t, sm, clock)
		inst := poll(t, client)
		if got := s.DatabaseSessions("north"); got != c.sessions {
			t.Errorf("%s: %d database sessions, want %d", name, got, c.sessions)
		}
		if got := len(deployment(t, inst, "north").TableHeartbeats); got != 0 && name != "no domain" {
			t.Errorf("%s: %d heartbeats", name, got)
		}
		poll(t, client)
		if got := count(s, "/connections"); got != 1 {
			t.Errorf("%s: asked for connections %d times within the interval", name, got)
		}
	}
	i, clock := tabled(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := tableClient(t, sm, clock)
	mendWhole := s.Fault(oggtest.Target{Path: table + "Data"}, oggtest.Fault{Status: http.StatusNotFound})
	mendSingle := s.Fault(oggtest.Target{Path: table + "/*"}, oggtest.Fault{Status: http.StatusNotFound})
	poll(t, c)
	mendWhole()
	mendSingle()
	clock.Advance(5 * time.Minute)
	if got := len(deployment(t, poll(t, c), "north").TableHeartbeats); got != 2 {
		t.Errorf("of a table that was added: %d heartbeats", got)
	}
}

// TestHeartbeatTableWhole checks what is read of the answer of a connection: the youngest
// heartbeat of each path that ends at a Replicat of the deployment. A Replicat that is not in it,
// whatever the reason, is asked for.
func TestHeartbeatTableWhole(t *testing.T) {
	t.Parallel()
	const rep1, rep2 = "REP1 EWEST ==> REP1 1.25 7", "REP2 EEAST ==> PUMP ==> REP2 3 3600"
	entry := func(path, lag, age string) string {
		return `{"path":"` + path + `","lagSeconds":` + lag + `,"ageSeconds":` + age + `}`
	}
	for name, c := range map[string]struct {
		heartbeats string
		singly     int
		want       []string
	}{
		"both":             {entry("E ==> REP1", "1", "2") + "," + entry("E ==> REP2", "3", `"4.5"`), 0, []string{"REP1 E ==> REP1 1 2", "REP2 E ==> REP2 3 4.5"}},
		"in brackets":      {entry("( E ==> REP1 )", "1", "2") + "," + entry("( E ==> REP2 )", "3", "4"), 0, []string{"REP1 ( E ==> REP1 ) 1 2", "REP2 ( E ==> REP2 ) 3 4"}},
		"of others":        {entry("E ==> REP1", "1", "2") + "," + entry("E ==> ELSEWHERE", "3", "4") + "," + entry("E ==> REP2 ==> X", "5", "6"), 1, []string{"REP1 E ==> REP1 1 2", rep2}},
		"several":          {entry("E ==> REP1", "9", "62") + "," + entry("E ==> REP1", "1", "2") + "," + entry("E ==> REP1", "8", "122") + "," + entry("F ==> REP1", "3", "4"), 1, []string{"REP1 E ==> REP1 1 2", "REP1 F ==> REP1 3 4", rep2}},
		"age unknown":      {entry("E ==> REP1", "9", "null") + "," + entry("E ==> REP1", "1", "2"), 1, []string{"REP1 E ==> REP1 1 2", rep2}},
		"extended":         {`{"incomingPath":"E ==> REP1","incomingLag":1}`, 2, []string{rep1, rep2}},
		"of another form":  {`{"path":"E ==> REP1","lagSeconds":{"value":1}}`, 2, []string{rep1, rep2}},
		"without any path": {`{}`, 2, []string{rep1, rep2}},
		"none":             {"", 2, []string{rep1, rep2}},
	} {
		i, clock := tabled(oggtest.Release26ai)
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: table + "Data"}, oggtest.Fault{Body: `{"response":{"heartbeats":[` + c.heartbeats + `]}}`})
		inst := poll(t, tableClient(t, sm, clock))
		var got []string
		for _, h := range deployment(t, inst, "north").TableHeartbeats {
			lag, _ := h.Lag.Value()
			age, _ := h.Age.Value()
			got = append(got, fmt.Sprint(h.Process, " ", h.Path, " ", lag, " ", age))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if n := count(s, "/heartbeat/REP1") + count(s, "/heartbeat/REP2"); n != c.singly {
			t.Errorf("%s: %d Replicats were asked for, want %d", name, n, c.singly)
		}
	}
}

// TestHeartbeatTableWholeFails checks that a database that fails is asked once in an interval, and
// fails all its Replicats, whose logins may have changed; and that one that rejects the whole
// answer is asked for it again later.
func TestHeartbeatTableWholeFails(t *testing.T) {
	t.Parallel()
	i, clock := tabled(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := tableClient(t, sm, clock)
	mend := s.Fault(oggtest.Target{Path: table + "Data"}, oggtest.Fault{Status: http.StatusInternalServerError})
	for range 2 {
		if err := read(t, c.Poll(context.Background()), "north", "heartbeat").Err; err == nil || !strings.HasPrefix(err.Error(), "2 of 2 heartbeat tables: GET ") {
			t.Errorf("got %v", err)
		}
	}
	if count(s, "/heartbeatData") != 1 || count(s, "/heartbeat/REP1") != 0 {
		t.Errorf("asked %q", asked(s, "north", "adminsrvr"))
	}
	mend()
	clock.Advance(5 * time.Minute)
	if got := len(deployment(t, poll(t, c), "north").TableHeartbeats); got != 2 {
		t.Errorf("then %d heartbeats", got)
	}
	if got := count(s, "/replicats/REP1"); got != 2 {
		t.Errorf("the login was read %d times, want 2", got)
	}
	s.Fault(oggtest.Target{Path: table + "Data"}, oggtest.Fault{Status: http.StatusNotFound})
	s.ResetRequests()
	for range 6 {
		clock.Advance(5 * time.Minute)
		if got := len(deployment(t, poll(t, c), "north").TableHeartbeats); got != 2 {
			t.Errorf("without the answer of the connection: %d heartbeats", got)
		}
	}
	if got := count(s, "/heartbeatData"); got != 5 { // not after the wait of 8 minutes began
		t.Errorf("asked for it %d times in half an hour", got)
	}
}

// TestHeartbeatTableOdd checks that what is odd in the answer for a Replicat is reported until the
// next read, and costs only itself.
func TestHeartbeatTableOdd(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a member":    `{"response":{"heartbeats":[{"path":"EWEST ==> REP1","lagSeconds":"soon","ageSeconds":7}]}}`,
		"no path":     `{"response":{"heartbeats":[{"lagSeconds":1,"ageSeconds":7}]}}`,
		"no list":     `{"response":{}}`,
		"a null list": `{"response":{"heartbeats":null}}`,
	} {
		i, clock := tabled(oggtest.Release19c)
		s, sm := simulate(t, i)
		c := tableClient(t, sm, clock)
		s.Fault(oggtest.Target{Path: table + "/REP1"}, oggtest.Fault{Body: body, Times: 1})
		for range 2 {
			inst := c.Poll(context.Background())
			if read(t, inst, "north", "heartbeat").Err == nil {
				t.Errorf("%s: nothing is reported", name)
			}
			if got := deployment(t, inst, "north").TableHeartbeats; len(got) == 0 || got[len(got)-1].Process != "REP2" {
				t.Errorf("%s: got %v", name, got)
			}
		}
		clock.Advance(5 * time.Minute)
		if got := len(deployment(t, poll(t, c), "north").TableHeartbeats); got != 2 {
			t.Errorf("%s: then %d heartbeats", name, got)
		}
	}
}

// TestHeartbeatTableAbandoned checks that what an abandoned poll was reading is read by the next.
func TestHeartbeatTableAbandoned(t *testing.T) {
	for _, path := range []string{"/services/v2/replicats/REP1", table + "Data"} {
		t.Run(path, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				i, clock := tabled(oggtest.Release26ai)
				s, sm := simulate(t, i)
				mend := s.Fault(oggtest.Target{Path: path}, oggtest.Fault{Hang: true})
				c := tableClient(t, sm, clock)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				time.AfterFunc(time.Second, cancel)
				c.Poll(ctx)
				cancel()
				mend()
				if got := len(deployment(t, poll(t, c), "north").TableHeartbeats); got != 2 {
					t.Errorf("got %d heartbeats", got)
				}
			})
		})
	}
}

// TestHeartbeatTableAlone checks that concurrent polls read a deployment's tables once, one
// request after the other.
func TestHeartbeatTableAlone(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i, clock := tabled(oggtest.Release19c)
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Service: "adminsrvr"}, oggtest.Fault{Latency: 5 * time.Millisecond})
		c := tableClient(t, sm, clock)
		var polls sync.WaitGroup
		for range 4 {
			polls.Go(func() { c.Poll(context.Background()) })
		}
		polls.Wait()
		if got := s.MaxInFlight("north", "adminsrvr"); got != 1 {
			t.Errorf("%d requests at once", got)
		}
		if got := s.DatabaseSessions("north"); got != 2 {
			t.Errorf("%d database sessions, want 2", got)
		}
	})
}

// TestHeartbeatTableTime checks that slow databases take half of a poll, and that the next one
// continues where it ended.
func TestHeartbeatTableTime(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i, clock := tabled(oggtest.Release19c)
		s, sm := simulate(t, i)
		sm.Timeout = 2 * time.Second
		s.Fault(oggtest.Target{Path: table}, oggtest.Fault{Latency: 1100 * time.Millisecond})
		c := tableClient(t, sm, clock)
		for n, want := range []int{1, 2, 2} {
			inst := poll(t, c)
			if got := len(deployment(t, inst, "north").TableHeartbeats); got != want || s.DatabaseSessions("north") != want {
				t.Errorf("poll %d: %d heartbeats, want %d", n+1, got, want)
			}
		}
	})
}

// TestHeartbeatTableForgotten checks that a deployment's heartbeats are forgotten with it.
func TestHeartbeatTableForgotten(t *testing.T) {
	t.Parallel()
	i, clock := tabled(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := tableClient(t, sm, clock)
	poll(t, c)
	s.RemoveDeployment("north")
	poll(t, c)
	if err := s.AddDeployment(i.Deployments[0]); err != nil {
		t.Fatal(err)
	}
	poll(t, c)
	if got := s.DatabaseSessions("north"); got != 1 {
		t.Errorf("%d database sessions of the new deployment, want 1", got)
	}
}
