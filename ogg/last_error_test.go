package ogg_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

const reportOfEXT1 = "/services/v2/extracts/EXT1/info/reports/EXT1.rpt"

// abending polls for the errors with which processes abended.
type abending struct {
	*testing.T

	server *oggtest.Server
	clock  *oggtest.ManualClock
	client *ogg.Client
	log    bytes.Buffer
}

// newAbending returns a simulation with a client that reads for the collectors.
func newAbending(t *testing.T, i oggtest.Installation, collectors ...string) *abending {
	t.Helper()
	a := &abending{T: t, clock: oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	i.Clock = a.clock
	s, sm := simulate(t, i)
	client, err := ogg.NewClient(sm, ogg.Options{
		Collectors: append(collectors, "message"), Now: a.clock.Now, Dial: bubble.Dialer(t),
		Logger: slog.New(slog.NewTextHandler(&a.log, nil)),
		Mask:   func(text string) string { return "(" + text[:min(len(text), 9)] + ")" },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	a.server, a.client = s, client
	return a
}

// after polls after a time, and returns the errors in words, and how many reports were requested.
func (a *abending) after(d time.Duration) (errors string, reports int) {
	a.Helper()
	a.clock.Advance(d)
	a.server.ResetRequests()
	var all []string
	for _, e := range deployment(a, a.client.Poll(a.Context()), "north").LastErrors {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Process, e.Code, e.At.UTC().Format("15:04:05"))))
	}
	for _, line := range asked(a.server, "north", "adminsrvr") {
		if strings.Contains(line, "/info/reports/") {
			reports++
		}
	}
	return strings.Join(all, ", "), reports
}

// TestLastErrors checks that the report of each abend is read once, that an error stays after a
// restart, and that each is logged once, masked.
func TestLastErrors(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		i := north(release)
		i.Deployments[0].Processes[1].Status, i.Deployments[0].Processes[1].Stopped = "abended", time.Hour
		a := newAbending(t, i, "process")
		for n, step := range []struct {
			does    func()
			after   time.Duration
			errors  string
			reports int
		}{
			{func() {}, 0, "REP1 OGG-01296 11:00:00", 1},
			{func() {}, 24 * time.Hour, "REP1 OGG-01296 11:00:00", 0},
			{func() { a.server.SetProcessStatus("north", "EXT1", "abended") }, 0, "EXT1 OGG-00664 12:00:00, REP1 OGG-01296 11:00:00", 1},
			{func() { a.server.RestartProcess("north", "EXT1") }, time.Minute, "EXT1 OGG-00664 12:00:00, REP1 OGG-01296 11:00:00", 0},
			{func() { a.server.SetProcessStatus("north", "EXT1", "abended") }, time.Minute, "EXT1 OGG-00664 12:01:00, REP1 OGG-01296 11:00:00", 1},
			{func() {
				a.server.RestartProcess("north", "EXT1")
				a.clock.Advance(time.Hour)
				a.server.SetProcessStatus("north", "EXT1", "abended")
			}, time.Hour, "EXT1 OGG-00664 13:02:00, REP1 OGG-01296 11:00:00", 1}, // not seen to run
			{func() { a.server.RemoveProcess("north", "EXT1") }, 0, "REP1 OGG-01296 11:00:00", 0},
		} {
			step.does()
			if errors, reports := a.after(step.after); errors != step.errors || reports != step.reports {
				t.Errorf("%s, step %d: got %q after %d reports, want %q after %d", release, n, errors, reports, step.errors, step.reports)
			}
		}
		if log := a.log.String(); strings.Count(log, "A process has abended") != 3 || !strings.Contains(log, `code=OGG-00664 error="(OCI Error)"`) || strings.Contains(log, oggtest.Secret) {
			t.Errorf("%s: logged %s", release, log)
		}
	}
}

// TestLastErrorOf checks which error of a report counts, and when it was.
func TestLastErrorOf(t *testing.T) {
	t.Parallel()
	for report, want := range map[string]string{
		`["2026-03-01 11:30:00  INFO    OGG-00992  EXTRACT EXT1 starting.","2026-03-01 12:10:00  ERROR   OGG-00664  OCI Error.","2026-03-01 12:10:01  ERROR   OGG-01296  Then.","2026-03-01 12:10:01  ERROR   OGG-01668  PROCESS ABENDING."]`: "EXT1 OGG-00664 12:10:00",
		`["          Starting at 2026-03-01 13:30:00","2026-03-01 14:10:00  ERROR   OGG-00664  East of Greenwich."]`:                                                                                                                          "EXT1 OGG-00664 12:10:00",
		`["2026-03-01 05:00:02  INFO    OGG-00992  Starting.","2026-03-01 05:40:00  ERROR   OGG-01668  PROCESS ABENDING."]`:                                                                                                                   "EXT1 OGG-01668 12:10:00",
		`["2026-03-01 05:00:02  INFO    OGG-00992  Starting.","2026-03-01 05:39:00  ERROR   OGG-01668  PROCESS ABENDING.","2026-03-01 05:40:00  ERROR   OGG-00001  Late."]`:                                                                   "EXT1 OGG-00001 12:10:00",
		`["2026-03-01T14:10:00.123+0200  ERROR   OGG-00664  With a zone."]`:                                                                                                                                                                   "EXT1 OGG-00664 12:10:00",
		`["2026-03-01T12:10:00Z  ERROR   OGG-00664  With a zone."]`:                                                                                                                                                                           "EXT1 OGG-00664 12:10:00",
		`["2026-02-01 05:00:02  INFO    OGG-00992  Of another run.","2026-02-01 05:40:00  ERROR   OGG-00001  Old."]`:                                                                                                                          "EXT1 OGG-00001 00:00:00",
		`["2026-03-01 12:10:00  WARNING OGG-01154  No error.","-- 2026-03-01 12:10:00  ERROR OGG-00664 in a comment","ERROR OGG-00664"]`:                                                                                                      "",
		`["2026-03-01 12:10:00  ERROR   OGG-00664: ` + oggtest.DefaultPassword + `"]`:                                                                                                                                                         "EXT1 OGG-00664 00:00:00",
		`[]`:                       "",
		`null`:                     "",
		`"` + oggtest.Secret + `"`: " failed",
		`["2026-03-01 11:30:00  INFO    OGG-00992  Odd.", 5, "2026-03-01 12:10:00  ERROR   OGG-00664  X."]`: "EXT1 OGG-00664 12:10:00 failed",
		`{"` + oggtest.Secret + `":"` + oggtest.Secret + `"}`:                                               " failed",
	} {
		i := north(oggtest.Release26ai)
		i.Deployments[0].Processes[0] = oggtest.Process{Name: "EXT1", Status: "abended", Started: 30 * time.Minute, Stopped: 10 * time.Minute}
		a := newAbending(t, i, "process")
		a.server.Fault(oggtest.Target{Path: reportOfEXT1}, oggtest.Fault{Body: `{"response":{"lines":` + report + `}}`})
		got, _ := a.after(0)
		err := read(t, a.client.Poll(t.Context()), "north", "message").Err
		if err != nil {
			got += " failed"
		}
		shown := fmt.Sprint(err) + a.log.String()
		if got != want || strings.Contains(shown, oggtest.Secret) || strings.Contains(shown, oggtest.DefaultPassword) {
			t.Errorf("%s: got %q, want %q; %s", report, got, want, shown)
		}
	}
}

// TestLastErrorUnavailable checks what is known without a report, and without the role for it, and
// that it is not asked for in each poll.
func TestLastErrorUnavailable(t *testing.T) {
	t.Parallel()
	for status, fails := range map[int]bool{http.StatusNotFound: false, http.StatusForbidden: true, http.StatusInternalServerError: true} {
		i := north(oggtest.Release26ai)
		i.Deployments[0].Processes[0].Status = "abended"
		a := newAbending(t, i, "process")
		a.server.Fault(oggtest.Target{Path: reportOfEXT1}, oggtest.Fault{Status: status})
		errors, _ := a.after(0)
		_, again := a.after(15 * time.Second)
		failed := read(t, a.client.Poll(t.Context()), "north", "message").Err != nil
		if errors != "" || again > 0 || failed != fails {
			t.Errorf("%d: got %q, %d requests again, failed: %t", status, errors, again, failed)
		}
	}
}

// TestLastErrorAlone checks that without the collector process the lists say which have abended.
func TestLastErrorAlone(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.Deployments[0].Processes[0].Status = "abended"
	if errors, _ := newAbending(t, i).after(0); !strings.HasPrefix(errors, "EXT1 OGG-00664") {
		t.Errorf("got %q", errors)
	}
}

// TestLargeReport checks that a report that is too large is a failure for as long as the process does
// not run, but is not requested again and again.
func TestLargeReport(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.Deployments[0].Processes[0].Status = "abended"
	a := newAbending(t, i, "process")
	mend := a.server.Fault(oggtest.Target{Path: reportOfEXT1}, oggtest.Fault{Body: `{"response":{"lines":["` + strings.Repeat("x", 32<<20) + `"]}}`})
	requests := 0
	for range 60 {
		_, n := a.after(time.Minute)
		requests += n
	}
	if err := read(t, a.client.Poll(t.Context()), "north", "message").Err; requests != 1 || err == nil {
		t.Errorf("%d requests, %v", requests, err)
	}
	mend()
	a.server.RestartProcess("north", "EXT1")
	a.after(time.Minute)
	if err := read(t, a.client.Poll(t.Context()), "north", "message").Err; err != nil {
		t.Errorf("it runs again: %v", err)
	}
	a.server.SetProcessStatus("north", "EXT1", "abended")
	if errors, n := a.after(time.Minute); n != 1 || !strings.HasPrefix(errors, "EXT1 OGG-00664") {
		t.Errorf("after the next abend: %q in %d requests", errors, n)
	}
	if err := read(t, a.client.Poll(t.Context()), "north", "message").Err; err != nil {
		t.Error(err)
	}
}

// TestReportUnread checks that a report that cannot be read is a failure until the process runs again,
// and is asked for after growing waits.
func TestReportUnread(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.Deployments[0].Processes[0].Status = "abended"
	a := newAbending(t, i, "process")
	a.server.Fault(oggtest.Target{Path: reportOfEXT1}, oggtest.Fault{Status: http.StatusInternalServerError})
	requests := 0
	for range 60 {
		_, n := a.after(time.Minute)
		requests += n
	}
	if err := read(t, a.client.Poll(t.Context()), "north", "message").Err; requests > 10 || err == nil {
		t.Errorf("%d requests, %v", requests, err)
	}
	a.server.RestartProcess("north", "EXT1")
	a.after(time.Minute)
	if err := read(t, a.client.Poll(t.Context()), "north", "message").Err; err != nil {
		t.Errorf("it runs again: %v", err)
	}
}

// TestReportLater checks that a report that says nothing yet, or is not there, is read again a few times
// for each abend.
func TestReportLater(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]oggtest.Fault{
		"not there": {Status: http.StatusNotFound}, "no lines": {Body: `{"response":{"lines":[]}}`}, "no error": {Body: `{"response":{"lines":["2026-03-01 12:00:00  WARNING OGG-00001 x"]}}`},
	} {
		i := north(oggtest.Release26ai)
		i.Deployments[0].Processes[0].Status = "abended"
		a := newAbending(t, i, "process")
		for _, abend := range []string{"first", "second"} {
			mend := a.server.Fault(oggtest.Target{Path: reportOfEXT1}, fault)
			requests := 0
			for range 60 {
				errors, n := a.after(15 * time.Second)
				if requests += n; errors != "" {
					t.Errorf("%s, %s abend: got %q", name, abend, errors)
				}
			}
			if requests != 3 {
				t.Errorf("%s, %s abend: %d requests", name, abend, requests)
			}
			a.server.RestartProcess("north", "EXT1")
			a.after(time.Minute)
			a.server.SetProcessStatus("north", "EXT1", "abended")
			mend()
		}
		mend := a.server.Fault(oggtest.Target{Path: reportOfEXT1}, fault)
		a.after(0)
		mend()
		if errors, n := a.after(time.Minute); n != 1 || !strings.HasPrefix(errors, "EXT1 OGG-00664") {
			t.Errorf("%s: then %q in %d requests", name, errors, n)
		}
	}
}
