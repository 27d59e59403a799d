package ogg_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// horizon is an installation with Extracts, and a clock.
func horizon(release oggtest.Release) (oggtest.Installation, *oggtest.ManualClock) {
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return oggtest.Installation{Release: release, Clock: clock, Deployments: []oggtest.Deployment{{
		Name: "north",
		Processes: []oggtest.Process{
			{Name: "EXT1", Started: 3 * time.Hour, OpenTransactions: 2, OldestTransaction: 2 * time.Hour, RedoThreads: 2},
			{Name: "EXTNEW", NeverStarted: true},
			{Name: "EXTSTOP", Status: "stopped", Stopped: time.Hour, Started: 5 * time.Hour},
			{Name: "REP1", Type: oggtest.Replicat},
		},
	}}}, clock
}

// checkpointsOf returns the checkpoints of north: process, thread, and the minutes since those of
// recovery and of reading.
func checkpointsOf(t testing.TB, inst *ogg.Installation, now time.Time) string {
	t.Helper()
	var all []string
	for _, c := range deployment(t, inst, "north").Checkpoints {
		var text strings.Builder
		text.WriteString(c.Process + "/" + c.Thread)
		for _, p := range []ogg.LogPosition{c.Recovery, c.Read} {
			if p.Time.IsZero() {
				text.WriteString(" -")
			} else {
				fmt.Fprintf(&text, " %.0f", now.Sub(p.Time.Time).Minutes())
			}
			if !p.Sequence.Known() {
				text.WriteString("!")
			}
		}
		all = append(all, text.String())
	}
	return strings.Join(all, ", ")
}

// checkpointRequests returns the Extracts that were asked for their checkpoints.
func checkpointRequests(s *oggtest.Server) string {
	var got []string
	for _, line := range asked(s, "north", "adminsrvr") {
		if name, is := strings.CutSuffix(line, "/info/checkpoints"); is {
			got = append(got, name[strings.LastIndex(name, "/")+1:])
		}
	}
	slices.Sort(got)
	return strings.Join(got, " ")
}

// TestCheckpoints reads the checkpoints in each release, each minute those of Extracts that run, the
// others once, and again when one stops. What stands still stays as it is.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		i, clock := horizon(release)
		s, sm := simulate(t, i)
		c := clockClient(t, sm, clock, "process", "checkpoint")
		const known = "EXT1/1 120 0, EXT1/2 0 0, EXTNEW/1 -! -!, EXTSTOP/1 60 60"
		for _, step := range []struct {
			what       string
			pass       time.Duration
			do         func()
			asked, got string
		}{
			{"first", 0, nil, "EXT1 EXTNEW EXTSTOP", known},
			{"at once", time.Second, nil, "", known},
			{"after a minute", time.Minute, nil, "EXT1", "EXT1/1 121 0, EXT1/2 0 0, EXTNEW/1 -! -!, EXTSTOP/1 61 61"},
			{"stopped", time.Second, func() { s.SetProcessStatus("north", "EXT1", "stopped") }, "EXT1", "EXT1/1 121 0, EXT1/2 0 0, EXTNEW/1 -! -!, EXTSTOP/1 61 61"},
			{"still stopped", 10 * time.Minute, nil, "", "EXT1/1 131 10, EXT1/2 10 10, EXTNEW/1 -! -!, EXTSTOP/1 71 71"},
			{"after an hour", time.Hour, nil, "EXT1 EXTNEW EXTSTOP", "EXT1/1 191 70, EXT1/2 70 70, EXTNEW/1 -! -!, EXTSTOP/1 131 131"},
		} {
			clock.Advance(step.pass)
			if step.do != nil {
				step.do()
			}
			s.ResetRequests()
			inst := poll(t, c)
			if got := checkpointRequests(s); got != step.asked {
				t.Errorf("%s, %s: %q were asked, want %q", release, step.what, got, step.asked)
			}
			if got := checkpointsOf(t, inst, clock.Now()); got != step.got {
				t.Errorf("%s, %s: got %s\nwant %s", release, step.what, got, step.got)
			}
		}
	}
}

// TestCheckpointsFail: what was known stays after a failed read, which is reported.
func TestCheckpointsFail(t *testing.T) {
	t.Parallel()
	i, clock := horizon(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c := clockClient(t, sm, clock, "process", "checkpoint")
	before := checkpointsOf(t, poll(t, c), clock.Now())
	s.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/extracts/EXT1/info/checkpoints"}, oggtest.Fault{Status: http.StatusForbidden})
	clock.Advance(time.Minute)
	inst := c.Poll(t.Context())
	if read(t, inst, "north", "checkpoint").Err == nil {
		t.Error("no failure")
	}
	if got := checkpointsOf(t, inst, clock.Now().Add(-time.Minute)); got != before {
		t.Errorf("got %s, want %s", got, before)
	}
}

// TestCheckpointForms: sources of other databases have other forms, and none of them is a failure.
func TestCheckpointForms(t *testing.T) {
	t.Parallel()
	const place = `{"timestamp": "2026-03-01T11:59:00Z", "thread": 3, "sequence": 7, "offset": 12}`
	for name, c := range map[string]struct{ inputs, want string }{
		"Oracle":           {`{"recovery": ` + place + `, "current": ` + place + `}`, "EXT1/3 1 1"},
		"no recovery":      {`{"current": ` + place + `}`, "EXT1/3 -! 1"},
		"no thread":        {`{"current": {"timestamp": "2026-03-01T11:59:00Z", "lsn": "0/16B3748"}}, {"current": {"offset": "0/16B3748"}}`, "EXT1/1 -! 1!, EXT1/2 -! -!"},
		"begin now, 21.1":  {`{"current": {"timestamp": null, "thread": 1, "sequence": 0, "offset": -2}}`, "EXT1/1 -! -!"},
		"begin now, 21.3":  {`{"current": {"timestamp": "2026-03-01T11:59:00Z", "thread": 1, "sequence": 0, "offset": "-2"}}`, "EXT1/1 -! -!"},
		"sequence unknown": {`{"current": {"timestamp": "2026-03-01T11:59:00Z", "thread": 1, "sequence": -2, "offset": 5}}`, "EXT1/1 -! 1!"},
		"nothing":          {``, ""},
	} {
		i, clock := horizon(oggtest.Release26ai)
		i.Deployments[0].Processes = i.Deployments[0].Processes[:1]
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1/info/checkpoints"}, oggtest.Fault{Body: `{"response": {"current": {"input": [` + c.inputs + `]}}}`})
		if got := checkpointsOf(t, poll(t, clockClient(t, sm, clock, "process", "checkpoint")), clock.Now()); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestCheckpointThread checks that a thread has a short label, whatever its number.
func TestCheckpointThread(t *testing.T) {
	t.Parallel()
	i, clock := horizon(oggtest.Release26ai)
	s, sm := simulate(t, i)
	s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1/info/checkpoints"}, oggtest.Fault{Body: `{"response":{"current":{"input":[` +
		`{"current":{"thread":1e300,"sequence":1}},{"current":{"thread":"12","sequence":1}},{"current":{"thread":-2,"sequence":1}}]}}}`})
	var got []string
	for _, c := range deployment(t, poll(t, clockClient(t, sm, clock, "checkpoint")), "north").Checkpoints {
		if c.Process == "EXT1" {
			got = append(got, c.Thread)
		}
	}
	if want := []string{"1e+300", "12", "3"}; !slices.Equal(got, want) {
		t.Errorf("got the threads %q, want %q", got, want)
	}
}
