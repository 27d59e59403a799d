package ogg_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// replicats is an installation with the Replicats, and a clock.
func replicats(release oggtest.Release, all ...oggtest.Process) (oggtest.Installation, *oggtest.ManualClock) {
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	for i := range all {
		all[i].Type = oggtest.Replicat
	}
	return oggtest.Installation{Release: release, Clock: clock, Deployments: []oggtest.Deployment{{
		Name: "north", Processes: all,
		Connections: []oggtest.Connection{{Name: "OracleGoldenGate.ggadmin"}},
	}}}, clock
}

// TestThreads checks that a Replicat whose name looks like a thread's is left out only if the
// Replicat before the digits is coordinated.
func TestThreads(t *testing.T) {
	t.Parallel()
	rep := func(mode oggtest.Mode) []oggtest.Process {
		return []oggtest.Process{{Name: "REP", Mode: mode, Threads: 2}, {Name: "REP007", Status: "abended"}}
	}
	const both = "REP REP007"
	for name, c := range map[string]struct {
		release   oggtest.Release
		processes []oggtest.Process
		fault     oggtest.Fault // of GET /replicats/REP
		want      string
		fails     bool
		remarks   int
	}{
		"coordinated":                      {release: oggtest.Release19c, processes: rep(oggtest.Coordinated)[:1], want: "REP"},
		"coordinated, threads=none taken":  {release: oggtest.Release26ai, processes: rep(oggtest.Coordinated)[:1], want: "REP"},
		"classic":                          {release: oggtest.Release19c, processes: rep(oggtest.Classic), want: both},
		"integrated":                       {release: oggtest.Release12c, processes: rep(oggtest.Integrated), want: both},
		"parallel, threads=none taken":     {release: oggtest.Release26ai, processes: rep(oggtest.Parallel), want: both},
		"alone":                            {release: oggtest.Release19c, processes: rep(oggtest.Classic)[1:], want: "REP007"},
		"mode not reported":                {release: oggtest.Release26ai, processes: rep(oggtest.Classic), fault: oggtest.Fault{Body: `{"response":{}}`}, want: both, remarks: 1},
		"mode null":                        {release: oggtest.Release26ai, processes: rep(oggtest.Classic), fault: oggtest.Fault{Body: `{"response":{"mode":{"type":null}}}`}, want: both, remarks: 1},
		"mode odd":                         {release: oggtest.Release26ai, processes: rep(oggtest.Classic), fault: oggtest.Fault{Body: `{"response":{"mode":7}}`}, want: both, fails: true},
		"mode in capitals":                 {release: oggtest.Release26ai, processes: rep(oggtest.Classic), fault: oggtest.Fault{Body: `{"response":{"mode":{"type":"Coordinated"}}}`}, want: "REP"},
		"mode cannot be read":              {release: oggtest.Release26ai, processes: rep(oggtest.Classic), fault: oggtest.Fault{Status: http.StatusForbidden}, want: both, fails: true},
		"mode cannot be read, coordinated": {release: oggtest.Release19c, processes: rep(oggtest.Coordinated)[:1], fault: oggtest.Fault{Status: http.StatusForbidden}, want: "REP REP001 REP002", fails: true},
	} {
		i, _ := replicats(c.release, c.processes...)
		s, sm := simulate(t, i)
		if c.fault.Body != "" || c.fault.Status != 0 {
			s.Fault(oggtest.Target{Path: "/services/v2/replicats/REP"}, c.fault)
		}
		inst := newClient(t, sm, "process").Poll(context.Background())
		d := deployment(t, inst, "north")
		var got []string
		for _, p := range d.Processes {
			got = append(got, p.Name)
			if p.Name == "REP007" && p.Status != "abended" {
				t.Errorf("%s: REP007 is %s", name, p.Status)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
		if err := read(t, inst, "north", "process").Err; (err != nil) != c.fails {
			t.Errorf("%s: got the error %v", name, err)
		}
		if len(d.Remarks) != c.remarks {
			t.Errorf("%s: got the remarks %q", name, d.Remarks)
		}
	}
}

// TestModesRemembered checks that modes are read every 15 minutes, and only where they matter.
func TestModesRemembered(t *testing.T) {
	t.Parallel()
	i, clock := replicats(oggtest.Release19c,
		oggtest.Process{Name: "FIN", Mode: oggtest.Coordinated, Threads: 2},
		oggtest.Process{Name: "SALES"}, oggtest.Process{Name: "HR"}, oggtest.Process{Name: "HR001"},
	)
	s, sm := simulate(t, i)
	var err error
	if sm.ExcludeProcesses, err = config.NewPattern("HR.*"); err != nil {
		t.Fatal(err)
	}
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"process"}, Now: clock.Now, Dial: bubble.Dialer(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n, step := range []struct {
		advance time.Duration
		asked   int
	}{{0, 1}, {time.Minute, 0}, {14*time.Minute - time.Second, 0}, {time.Second, 1}, {time.Minute, 0}} {
		clock.Advance(step.advance)
		s.ResetRequests()
		inst := poll(t, c)
		if got := len(deployment(t, inst, "north").Processes); got != 2 {
			t.Errorf("step %d: %d processes", n, got)
		}
		if got := count(s, "/replicats/FIN"); got != step.asked {
			t.Errorf("step %d: the mode of FIN was read %d times", n, got)
		}
		if got := count(s, "/replicats/HR") + count(s, "/replicats/SALES"); got != 0 {
			t.Errorf("step %d: other modes were read %d times", n, got)
		}
	}
}

// TestHeartbeatsOfThreads checks that the heartbeat table is read for Replicats that look like
// threads, and not for threads.
func TestHeartbeatsOfThreads(t *testing.T) {
	t.Parallel()
	i, clock := replicats(oggtest.Release19c,
		oggtest.Process{Name: "FIN", Mode: oggtest.Coordinated, Threads: 2},
		oggtest.Process{Name: "REP", Mode: oggtest.Integrated}, oggtest.Process{Name: "REP001"},
	)
	s, sm := simulate(t, i)
	poll(t, tableClient(t, sm, clock))
	for name, want := range map[string]bool{"FIN": true, "FIN001": false, "REP": true, "REP001": true} {
		request := "GET " + table + "/" + name
		if got := slices.Contains(asked(s, "north", "adminsrvr"), request); got != want {
			t.Errorf("%s was sent: %v", request, got)
		}
	}
}

// TestRemarkLogged checks that what is ambiguous is logged once, and fails nothing.
func TestRemarkLogged(t *testing.T) {
	t.Parallel()
	i, _ := replicats(oggtest.Release26ai, oggtest.Process{Name: "REP"}, oggtest.Process{Name: "REP001"}, oggtest.Process{Name: "REP002"})
	s, sm := simulate(t, i)
	s.Fault(oggtest.Target{Path: "/services/v2/replicats/REP"}, oggtest.Fault{Body: `{"response":{}}`})
	var text bytes.Buffer
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"process"}, Dial: bubble.Dialer(t), Logger: slog.New(slog.NewTextHandler(&text, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		poll(t, c)
	}
	got := text.String()
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, `msg="GoldenGate's answers are ambiguous" service_manager=gg deployment=north remark="the mode of REP is not reported`) {
		t.Errorf("logged %q", got)
	}
}
