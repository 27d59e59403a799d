package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// statusOf returns the status as JSON has it.
func (e *exporter) statusOf(t testing.TB) status.Status {
	t.Helper()
	code, header, body := e.ask(t, http.MethodGet, "/api/status.json")
	if code != http.StatusOK || header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, %v\n%s", code, header, body)
	}
	for _, list := range []string{"pipelines", "rows", "service_managers"} {
		if strings.Contains(body, `"`+list+`": null`) {
			t.Errorf("%s is no list:\n%s", list, body)
		}
	}
	var s status.Status
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return s
}

// TestStatus: the page and the JSON say how everything did in the latest poll, and that nothing was read
// before there was one. They read nothing.
func TestStatus(t *testing.T) {
	t.Parallel()
	i := twoDeployments(false)
	north := i.Deployments[0].Processes
	north[0].Trail, north[1].Trail, north[1].Status = "ea", "ea", "abended"
	gg, sm := simulate(t, "gg", i)
	e := newExporter(t, io.Discard, sm)
	if s := e.statusOf(t); len(s.Rows) != 0 || len(s.ServiceManagers) != 1 || s.ServiceManagers[0].ReadAt != nil || s.ServiceManagers[0].State != status.Unknown {
		t.Errorf("before a scrape: %+v", s)
	}
	if _, page := e.get(t, "/"); !strings.Contains(page, "Nothing has been read yet") {
		t.Errorf("before a scrape:\n%s", page)
	}
	if n := len(gg.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
	e.scrape(t, "60")
	before := len(gg.Requests())
	s := e.statusOf(t)
	if len(s.ServiceManagers) != 1 || s.ServiceManagers[0].ReadAt == nil || time.Since(*s.ServiceManagers[0].ReadAt) > time.Minute || s.ServiceManagers[0].State != status.OK {
		t.Errorf("after a scrape: %+v", s.ServiceManagers)
	}
	if s.Summary.Problems == 0 || s.Summary.OK == 0 || s.Rows[0].State != status.Problem {
		t.Errorf("after a scrape: %+v, and first %+v", s.Summary, s.Rows)
	}
	if len(s.Pipelines) != 1 || len(s.Pipelines[0].Hops) != 2 || s.Pipelines[0].State != status.Problem || s.Pipelines[0].Hops[1].Weakest != "down" {
		t.Errorf("after a scrape: %+v", s.Pipelines)
	}
	_, page := e.get(t, "/")
	for _, r := range s.Rows {
		if !strings.Contains(page, `<th scope="row">`+r.Name+`</th><td>`+r.Status+`</td>`) {
			t.Errorf("the page lacks %+v", r)
		}
	}
	if n := len(gg.Requests()) - before; n > 0 {
		t.Errorf("%d requests", n)
	}
}

// TestStatusGrowsOld: what was read is shown with its age, and after a while says nothing of how things do now.
func TestStatusGrowsOld(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, "gg", twoDeployments(false))
		e := newExporter(t, io.Discard, sm)
		e.scrape(t, "60")
		time.Sleep(90 * time.Second)
		if s := e.statusOf(t); s.Summary.Unknown > 0 || s.Summary.OK == 0 {
			t.Errorf("after 90 s: %+v", s.Summary)
		}
		if _, page := e.get(t, "/"); !strings.Contains(page, ">90 s ago<") {
			t.Errorf("after 90 s:\n%s", page)
		}
		time.Sleep(10 * time.Minute)
		if s := e.statusOf(t); s.Summary.OK > 0 || s.Summary.Unknown == 0 {
			t.Errorf("after 11 minutes: %+v", s.Summary)
		}
		if _, page := e.get(t, "/"); !strings.Contains(page, ">11 min ago<") || !strings.Contains(page, "was last read 00:11:30 ago") {
			t.Errorf("after 11 minutes:\n%s", page)
		}
	})
}

// TestStatusOfNothing: without a Service Manager the lists are empty, and the page says so.
func TestStatusOfNothing(t *testing.T) {
	t.Parallel()
	e := newExporter(t, io.Discard)
	if s := e.statusOf(t); s.Rows == nil || s.Pipelines == nil || s.ServiceManagers == nil {
		t.Errorf("got %+v", s)
	}
	if _, page := e.get(t, "/"); !strings.Contains(page, "No Service Manager is configured, and none was found.") {
		t.Errorf("the page:\n%s", page)
	}
}

// TestStatusIsCompressed: a large status is sent with gzip to those who take it.
func TestStatusIsCompressed(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 2, Processes: 20})[0])
	e := newExporter(t, io.Discard, sm)
	e.scrape(t, "60")
	for _, path := range []string{"/", "/api/status.json"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "gzip")
		_, header, body := e.do(t, request)
		if header.Get("Content-Encoding") != "gzip" || len(body) > 20_000 {
			t.Errorf("%s: %v, %d bytes", path, header, len(body))
		}
	}
}

// BenchmarkStatus answers with the page and the JSON, of which nothing is kept from one to the next.
func BenchmarkStatus(b *testing.B) {
	for _, managers := range []int{1, 20} {
		var all []config.ServiceManager
		for n, i := range oggtest.Fleet(oggtest.FleetSize{ServiceManagers: managers, Deployments: 5, Processes: 100, Paths: 2, Release: oggtest.Release26ai}) {
			_, sm := simulate(b, fmt.Sprintf("gg%02d", n), i)
			sm.Timeout = time.Minute
			all = append(all, sm)
		}
		e := newExporter(b, io.Discard, all...)
		e.scrape(b, "120")
		for _, path := range []string{"/", "/api/status.json"} {
			b.Run(fmt.Sprintf("%dprocesses%s", 500*managers, path), func(b *testing.B) {
				b.ReportAllocs()
				size := 0
				for b.Loop() {
					answer := httptest.NewRecorder()
					e.Config.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
					size = answer.Body.Len()
				}
				b.ReportMetric(float64(size), "bytes")
			})
		}
	}
}
