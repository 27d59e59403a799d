package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestMethods: each page takes the methods that it is for, and says which.
func TestMethods(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporterWith(t, io.Discard, server.Options{EnablePprof: true}, sm)
	e.configure(sm)
	for path, allowed := range map[string]string{
		"/": "GET, HEAD", "/api/status.json": "GET, HEAD", "/metrics": "GET, HEAD", "/probe?target=gg": "GET, HEAD", "/sd": "GET, HEAD",
		"/-/healthy": "GET, HEAD", "/-/ready": "GET, HEAD", "/-/reload": "POST, PUT", "/debug/pprof/": "GET, HEAD",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
			status, header, _ := e.ask(t, method, path)
			want := http.StatusMethodNotAllowed
			if strings.Contains(allowed, method) {
				want = http.StatusOK
			}
			if status != want || want != http.StatusOK && header.Get("Allow") != allowed {
				t.Errorf("%s %s: status %d, allowed are %q", method, path, status, header.Get("Allow"))
			}
		}
	}
}

// TestHealth: the exporter is healthy, and ready until it is told to stop, whatever
// of GoldenGate is down; saying so reads nothing.
func TestHealth(t *testing.T) {
	t.Parallel()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	want := func(path string, want int) {
		t.Helper()
		if status, body := e.get(t, path); status != want || !strings.HasPrefix(body, "ogg_exporter is ") {
			t.Errorf("%s: status %d\n%s", path, status, body)
		}
	}
	want("/-/healthy", http.StatusOK)
	want("/-/ready", http.StatusOK)
	e.server.Stop()
	want("/-/healthy", http.StatusOK)
	want("/-/ready", http.StatusServiceUnavailable)
	if n := len(gg.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
	if len(samples(e.scrape(t, "60"), "ogg_up", "} 1")) != 1 {
		t.Error("a scrape is not answered to the end")
	}
}

// TestPprof: profiles are there if they are asked for.
func TestPprof(t *testing.T) {
	t.Parallel()
	off, on := newExporter(t, io.Discard), newExporterWith(t, io.Discard, server.Options{EnablePprof: true})
	for path, says := range map[string]string{
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/goroutine?debug=1": "goroutine profile",
		"/debug/pprof/cmdline":           "server.test",
	} {
		if status, body := on.get(t, path); status != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: status %d\n%s", path, status, body)
		}
		if status, _ := off.get(t, path); status != http.StatusNotFound {
			t.Errorf("%s: status %d though it is off", path, status)
		}
	}
	const link = `href="/debug/pprof/`
	if _, page := on.get(t, "/"); !strings.Contains(page, link) {
		t.Errorf("the page does not lead there:\n%s", page)
	}
	if _, page := off.get(t, "/"); strings.Contains(page, link) {
		t.Errorf("the page leads there:\n%s", page)
	}
}

// TestDiscovery compares what Prometheus's service discovery gets.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	gg, one := simulate(t, `one "1"`, twoDeployments(false))
	two, three := one, one
	two.Name, two.Labels = "two", map[string]string{"team": "dba", "instance": "mine"}
	three.Name, three.Labels = "three", map[string]string{"env": "prod"}
	s, err := server.New(t.Context(), &config.Config{ServiceManagers: []config.ServiceManager{one, two, three}}, server.Options{TelemetryPath: "/metrics"})
	if err != nil {
		t.Fatal(err)
	}
	for address, golden := range map[string]string{
		"http://exporter:17809/sd":   "testdata/sd.json",
		"https://exporter:17809/sd/": "",
		"https://[::1]:17809/sd":     "testdata/sd_tls.json",
	} {
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
		if golden == "" {
			if answer.Code != http.StatusNotFound {
				t.Errorf("%s: status %d", address, answer.Code)
			}
			continue
		}
		if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: status %d, %v", address, answer.Code, answer.Header())
		}
		checkGolden(t, golden, answer.Body.String())
	}
	if n := len(gg.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
	if _, body := newExporter(t, io.Discard).get(t, "/sd"); body != "[]" {
		t.Errorf("no Service Managers are %s", body)
	}
}

// checkGolden compares with a golden file.
func checkGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s:\n%s", golden, got)
	}
}

// TestPageLinks: the page leads to all others.
func TestPageLinks(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "a&b=<c>/ü", twoDeployments(false))
	for name, c := range map[string]struct {
		options server.Options
		debug   bool
	}{"plain": {}, "debug": {server.Options{EnableDebug: true}, true}} {
		e := newExporterWith(t, io.Discard, c.options, sm)
		_, page := e.get(t, "/")
		for _, link := range []string{"/metrics", "/api/status.json", "/sd", "/-/healthy", "/-/ready", "/probe?target=a%26b%3d%3cc%3e%2f%c3%bc"} {
			if !strings.Contains(page, `href="`+link+`"`) {
				t.Errorf("%s: no link to %s in\n%s", name, link, page)
			}
		}
		if strings.Contains(page, "debug=1") != c.debug {
			t.Errorf("%s: the link to debug:\n%s", name, page)
		}
		if !strings.Contains(page, "In force since 20") || strings.Contains(page, "failed") {
			t.Errorf("%s: the state of the configuration:\n%s", name, page)
		}
		if status, _ := e.get(t, "/probe?target=a%26b%3d%3cc%3e%2f%c3%bc"); status != http.StatusOK {
			t.Errorf("%s: the link leads to status %d", name, status)
		}
	}
}
