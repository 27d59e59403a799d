package server_test

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestDebug: a probe shows each request of its own poll, what was decided of it, the
// reads and the samples.
func TestDebug(t *testing.T) {
	t.Parallel()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporterWith(t, io.Discard, server.Options{EnableDebug: true}, sm)
	whole := samples(e.scrapeAt(t, "/probe?target=gg", "60"))
	gg.ResetRequests()
	page := e.scrapeAt(t, "/probe?target=gg&debug=1", "60")
	summary, requests, reads, exposition := sections(t, page)
	if !regexp.MustCompile(`(?m)^result +complete$`).MatchString(summary) || !strings.Contains(summary, "deployment, service, process") {
		t.Errorf("summary:\n%s", summary)
	}
	if got, want := len(requests), len(gg.Requests()); got != want {
		t.Errorf("%d requests are shown, and %d were sent", got, want)
	}
	var latest time.Duration
	for _, line := range requests {
		after, err := time.ParseDuration(strings.Fields(line)[0])
		if err != nil || after < latest {
			t.Errorf("after %s, %v: %s", latest, err, line)
		}
		latest = after
		if !regexp.MustCompile(`^\S+ +(ServiceManager|north|south)/\S+ +/\S+ +1 +200 +\S+ +[1-9]\d* +ok$`).MatchString(line) {
			t.Errorf("request: %s", line)
		}
	}
	if !slices.ContainsFunc(reads, regexp.MustCompile(`^north +process +\S+ +ok$`).MatchString) {
		t.Errorf("reads: %q", reads)
	}
	if got := samples(exposition); !slices.Equal(got, whole) {
		t.Errorf("%d samples, want %d", len(got), len(whole))
	}
	_, narrow, _, _ := sections(t, e.scrapeAt(t, "/probe?target=gg&debug=1&collect[]=process", "60"))
	if len(narrow) == 0 || len(narrow) >= len(requests) {
		t.Errorf("with collect[] %d requests, without %d", len(narrow), len(requests))
	}
}

// TestDebugFailure: a failure is shown with what was decided, on one line.
func TestDebugFailure(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		gg, sm := simulate(t, "gg", twoDeployments(false))
		e := newExporterWith(t, io.Discard, server.Options{EnableDebug: true}, sm)
		gg.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/extracts"}, oggtest.Fault{Status: http.StatusInternalServerError})
		gg.Fault(oggtest.Target{Deployment: "south", Path: "/services/v2/extracts"}, oggtest.Fault{Status: http.StatusServiceUnavailable, Times: 1})
		summary, requests, reads, _ := sections(t, e.scrapeAt(t, "/probe?target=gg&debug=true", "60"))
		if !regexp.MustCompile(`(?m)^result +incomplete: 1 of \d+ reads failed$`).MatchString(summary) {
			t.Errorf("summary:\n%s", summary)
		}
		for _, line := range []string{
			`^\S+ +north/adminsrvr +/extracts\S* +1 +500 +\S+ +\d+ +error: GET http`,
			`^\S+ +south/adminsrvr +/extracts\S* +2 +200 +\S+ +\d+ +retried$`,
		} {
			if !slices.ContainsFunc(requests, regexp.MustCompile(line).MatchString) {
				t.Errorf("no request %s in %q", line, requests)
			}
		}
		if !slices.ContainsFunc(reads, regexp.MustCompile(`^north +process +\S+ +error: `).MatchString) {
			t.Errorf("reads: %q", reads)
		}
	})
}

// sections takes the page apart.
func sections(t testing.TB, page string) (summary string, requests, reads []string, exposition string) {
	t.Helper()
	parts := strings.SplitN(page, "\n\n", 4)
	if len(parts) != 4 {
		t.Fatalf("%d parts:\n%s", len(parts), page)
	}
	lines := func(part string) []string { return strings.Split(strings.TrimSpace(part), "\n")[2:] }
	return parts[0], lines(parts[1]), lines(parts[2]), strings.TrimPrefix(parts[3], "samples\n")
}
