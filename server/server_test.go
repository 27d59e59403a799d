package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// exporter is the exporter's HTTP side over simulated Service Managers.
type exporter struct {
	*httptest.Server
	clients []*ogg.Client
}

// newExporter starts an exporter that reads each of the configurations, and
// logs to log.
func newExporter(t testing.TB, log io.Writer, managers ...config.ServiceManager) *exporter {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var names []string
	for _, c := range collector.Collectors {
		if c.Default {
			names = append(names, c.Name)
		}
	}
	e := &exporter{}
	for _, sm := range managers {
		client, err := ogg.NewClient(sm, ogg.Options{UserAgent: "ogg_exporter/test", Collectors: names, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		e.clients = append(e.clients, client)
	}
	s := server.New(e.clients, server.Options{
		TelemetryPath: "/metrics", Collectors: names, TimeoutOffset: 500 * time.Millisecond, Logger: logger,
	})
	e.Server = httptest.NewServer(s.Handler())
	t.Cleanup(e.close)
	return e
}

func (e *exporter) close() {
	e.Close()
	for _, c := range e.clients {
		c.Close()
	}
}

// simulate starts a simulation, and returns it with the configuration that reads
// it under that name.
func simulate(t testing.TB, name string, i oggtest.Installation) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	login := promconfig.DefaultHTTPClientConfig
	login.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: oggtest.DefaultPassword}
	login.TLSConfig.CA = string(s.CACertificate())
	return s, config.ServiceManager{
		Name: name, URL: u, ReverseProxy: i.ReverseProxy, HTTPClient: login,
		Timeout: 10 * time.Second, MaxConcurrentRequests: 8,
	}
}

// scrape asks for the metrics as Prometheus does, with that timeout in seconds.
func (e *exporter) scrape(t testing.TB, timeout string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, e.URL+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if timeout != "" {
		request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v\n%s", answer.StatusCode, err, body)
	}
	return string(body)
}

// passing are the samples that differ from one scrape to the next.
var passing = regexp.MustCompile(`^(# |ogg_scrape_collector_duration_seconds|ogg_api_|ogg_exporter_|go_|process_)`)

// samples returns the lines about GoldenGate that hold all of the given texts.
func samples(exposition string, texts ...string) []string {
	var lines []string
	for line := range strings.Lines(exposition) {
		if !passing.MatchString(line) && !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	slices.Sort(lines)
	return lines
}

// get returns the body of a page.
func (e *exporter) get(t testing.TB, path string) (int, string) {
	t.Helper()
	answer, err := http.Get(e.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// twoDeployments is an installation whose clock stands still.
func twoDeployments(proxy bool) oggtest.Installation {
	return oggtest.Installation{
		Release: oggtest.Release26ai, ReverseProxy: proxy, RequestLog: 100,
		Clock: oggtest.NewManualClock(time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)),
		Deployments: []oggtest.Deployment{
			{Name: "north", Processes: []oggtest.Process{{Name: "EXT1"}, {Name: "REP1", Type: oggtest.Replicat}}},
			{Name: "south", Processes: []oggtest.Process{{Name: "EXT2"}, {Name: "REP2", Type: oggtest.Replicat}}},
		},
	}
}

// TestLanding: the page shows how each Service Manager was last read.
func TestLanding(t *testing.T) {
	gg, sm := simulate(t, "prod <1>", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	status, page := e.get(t, "/")
	if status != http.StatusOK || !strings.Contains(page, "prod &lt;1&gt;") || !strings.Contains(page, "not yet") ||
		!strings.Contains(page, `href="/metrics"`) || !strings.Contains(page, sm.URL.String()) {
		t.Errorf("before a scrape: status %d\n%s", status, page)
	}
	e.scrape(t, "")
	if _, page = e.get(t, "/"); !strings.Contains(page, "complete") {
		t.Errorf("after a scrape:\n%s", page)
	}
	gg.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/extracts"}, oggtest.Fault{Status: http.StatusBadGateway, Body: "<title><script>alert(1)</script></title>"})
	e.scrape(t, "")
	if _, page = e.get(t, "/"); !strings.Contains(page, "north, process: GET ") || strings.Contains(page, "<script>alert") {
		t.Errorf("after a failure:\n%s", page)
	}
	if status, _ := e.get(t, "/nothing"); status != http.StatusNotFound {
		t.Errorf("an unknown page: status %d", status)
	}
}

// TestOwnMetrics: the exporter's own metrics are there without a Service Manager.
func TestOwnMetrics(t *testing.T) {
	exposition := newExporter(t, io.Discard).scrape(t, "")
	for _, name := range []string{"ogg_exporter_build_info{", "go_goroutines ", "process_open_fds "} {
		if !strings.Contains(exposition, "\n"+name) {
			t.Errorf("no %s", name)
		}
	}
}

// TestTimeout: the shorter of Prometheus's timeout, less the offset, and the
// configured one ends the poll.
func TestTimeout(t *testing.T) {
	for name, c := range map[string]struct {
		configured time.Duration
		header     string
		least      time.Duration
	}{
		"Prometheus's":                  {10 * time.Second, "0.9", 400 * time.Millisecond},
		"the configured":                {300 * time.Millisecond, "10", 300 * time.Millisecond},
		"no header":                     {300 * time.Millisecond, "", 300 * time.Millisecond},
		"less than the offset":          {10 * time.Second, "0.4", 200 * time.Millisecond},
		"a header that is no number":    {300 * time.Millisecond, "soon", 300 * time.Millisecond},
		"a header that is out of range": {300 * time.Millisecond, "1e300", 300 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gg, sm := simulate(t, "gg", twoDeployments(false))
			sm.Timeout = c.configured
			e := newExporter(t, io.Discard, sm)
			gg.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/extracts"}, oggtest.Fault{Hang: true})
			begin := time.Now()
			exposition := e.scrape(t, c.header)
			if took := time.Since(begin); took < c.least || took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if len(samples(exposition, `deployment="south"`, "ogg_process_up")) != 2 {
				t.Error("south is not complete")
			}
		})
	}
}
