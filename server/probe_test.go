package server_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestProbe: a probe reads one Service Manager, and has what /metrics has of it.
func TestProbe(t *testing.T) {
	t.Parallel()
	_, one := simulate(t, "one & 1", twoDeployments(false))
	two, other := simulate(t, "http://two", twoDeployments(false))
	e := newExporter(t, io.Discard, one, other)
	whole := e.scrape(t, "60")
	two.ResetRequests()
	got := e.scrapeAt(t, "/probe?target="+url.QueryEscape(one.Name), "60")
	if want := samples(whole, `service_manager="one & 1"`); !slices.Equal(samples(got), want) {
		t.Errorf("%d samples, want %d", len(samples(got)), len(want))
	}
	for _, own := range []string{"ogg_exporter_", "go_", "process_"} {
		if strings.Contains(got, "\n"+own) {
			t.Errorf("the exporter's own %s* is among them", own)
		}
	}
	if n := len(two.Requests()); n > 0 {
		t.Errorf("%d requests to another Service Manager", n)
	}
	if got := e.scrapeAt(t, "/probe?target="+url.QueryEscape(other.Name), "60"); len(samples(got, "ogg_up", "} 1")) != 1 {
		t.Error("a name that looks like a URL is not found")
	}
}

// TestProbeWrong: what is asked for wrongly is refused, with words that help and
// without what was asked for.
func TestProbeWrong(t *testing.T) {
	t.Parallel()
	gg, one := simulate(t, "one", twoDeployments(false))
	two := one
	two.Name = "two <2>"
	e := newExporter(t, io.Discard, one, two)
	for query, c := range map[string]struct {
		status int
		says   string
	}{
		"":                                      {400, "give one parameter target"},
		"?target=":                              {400, "give one parameter target"},
		"?target=one&target=":                   {400, "give one parameter target"},
		"?target=one&target=xx":                 {400, "give one parameter target"},
		"?target=https://user:hunter2@gg:9001/": {400, "takes no address from a request, because credentials go to configured hosts only"},
		"?target=user:hunter2@gg:9001":          {404, `available are: "one", "two <2>"`},
		"?target=One":                           {404, `available are: "one", "two <2>"`},
		"?target=one&collect[]=hunter2":         {400, "enabled are: deployment, service, process"},
		"?target=one&collect[]=":                {400, "enabled are: deployment, service, process"},
		"?target=one&collect[]=process&collect[]=certificate": {400, "enabled are: deployment, service, process"},
		"?target=one&debug=1":     {403, "--web.enable-debug"},
		"?target=one&debug=maybe": {400, "debug is 1 or 0"},
	} {
		status, header, body := e.ask(t, http.MethodGet, "/probe"+query)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: status %d\n%s", query, status, body)
		}
		if header.Get("Content-Type") != "text/plain; charset=utf-8" || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", query, header)
		}
		if strings.Contains(body, "hunter2") {
			t.Errorf("%s: the answer repeats it:\n%s", query, body)
		}
	}
	if n := len(gg.Requests()); n > 0 {
		t.Errorf("%d requests to GoldenGate", n)
	}
}

// TestProbeTimeout: Prometheus's timeout ends a probe.
func TestProbeTimeout(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		gg, sm := simulate(t, "gg", twoDeployments(false))
		sm.Timeout = configured
		e := newExporter(t, io.Discard, sm)
		gg.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/extracts"}, oggtest.Fault{Hang: true})
		begin := time.Now()
		if got := e.scrapeAt(t, "/probe?target=gg", "2"); len(samples(got, `deployment="south"`, "ogg_process_up")) != 2 {
			t.Error("south is not complete")
		}
		if took := time.Since(begin); took != 1500*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

// TestCollect: collect[] narrows what is read and what is exposed.
func TestCollect(t *testing.T) {
	t.Parallel()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	for _, path := range []string{"/metrics?", "/probe?target=gg&"} {
		all := e.scrapeAt(t, path, "60")
		gg.ResetRequests()
		narrow := e.scrapeAt(t, path+"collect[]=process&collect[]=process", "60")
		for _, r := range gg.Requests() {
			if r.Service != "ServiceManager" && r.Service != "adminsrvr" {
				t.Errorf("%s: asked for %s of %s", path, r.Path, r.Service)
			}
		}
		for _, family := range []string{"ogg_process_up", "ogg_process_status", "ogg_process_lag_seconds"} {
			if want := samples(all, family); len(want) == 0 || !slices.Equal(samples(narrow, family), want) {
				t.Errorf("%s: not all of %s", path, family)
			}
		}
		for _, off := range []string{"ogg_service_", "ogg_deployment_", `collector="service"`} {
			if left := samples(narrow, off); len(left) > 0 {
				t.Errorf("%s: %q", path, left)
			}
		}
		if strings.Contains(narrow, "go_goroutines ") != strings.Contains(all, "go_goroutines ") {
			t.Errorf("%s: collect[] is not about the exporter's own metrics", path)
		}
	}
	if status, body := e.get(t, "/metrics?collect[]=certificate"); status != http.StatusBadRequest || !strings.Contains(body, "enabled are: deployment") {
		t.Errorf("one that is off: status %d\n%s", status, body)
	}
}

// TestMaxSeries: the bound of series is in force wherever samples are.
func TestMaxSeries(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporterWith(t, io.Discard, server.Options{MaxSeries: 100, EnableDebug: true}, sm)
	for _, path := range []string{"/metrics", "/probe?target=gg", "/probe?target=gg&debug=1"} {
		const dropped = `ogg_scrape_series_dropped{collector="performance",service_manager="gg"}`
		if got := value(t, e.scrapeAt(t, path, "60"), dropped); got == 0 {
			t.Errorf("%s: nothing was left out", path)
		}
	}
}

// TestMaxRequests: so many scrapes are answered at once, of all paths together, and
// pages that are no scrapes all the same.
func TestMaxRequests(t *testing.T) {
	t.Parallel()
	f, sm := simulateBehind(t, "gg")
	e := newExporterWith(t, io.Discard, server.Options{MaxRequests: 1}, sm)
	for _, path := range []string{"/metrics", "/probe?target=gg"} {
		h, goOn := f.hold(t, "/extracts")
		done := make(chan int)
		go func() {
			status, _ := e.get(t, path)
			done <- status
		}()
		h.await(t)
		for _, other := range []string{"/metrics", "/probe?target=gg", "/probe"} {
			if status, body := e.get(t, other); status != http.StatusServiceUnavailable || !strings.Contains(body, "the limit is 1 (--scrape.max-requests)") {
				t.Errorf("%s during %s: status %d\n%s", other, path, status, body)
			}
		}
		for _, other := range []string{"/", "/api/status.json", "/sd", "/-/healthy", "/-/ready"} {
			if status, _ := e.get(t, other); status != http.StatusOK {
				t.Errorf("%s during %s: status %d", other, path, status)
			}
		}
		goOn()
		if status := <-done; status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		eventually(t, "scrapes are answered again", func() bool {
			status, _ := e.get(t, "/probe")
			return status == http.StatusBadRequest
		})
	}
}

// TestNoTarget: without a Service Manager there is nothing to probe.
func TestNoTarget(t *testing.T) {
	t.Parallel()
	e := newExporterWith(t, io.Discard, server.Options{}, []config.ServiceManager{}...)
	if status, _ := e.get(t, "/probe?target=gg"); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
}

// TestExporterAlone: the exporter's own metrics can be had without reading anything.
func TestExporterAlone(t *testing.T) {
	t.Parallel()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	got := e.scrapeAt(t, "/metrics?collect[]=exporter", "60")
	if !strings.Contains(got, "\nogg_exporter_config_last_reload_successful 1\n") || !strings.Contains(got, "\ngo_goroutines ") {
		t.Error("the exporter's own metrics are missing")
	}
	if strings.Contains(got, "service_manager=") || len(gg.Requests()) > 0 {
		t.Errorf("%d requests, and\n%s", len(gg.Requests()), got)
	}
	if status, _ := e.get(t, "/probe?target=gg&collect[]=exporter"); status != http.StatusBadRequest {
		t.Errorf("status %d of a probe", status)
	}
}
