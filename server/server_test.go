package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// exporter is the exporter's HTTP side over simulated Service Managers.
type exporter struct {
	*httptest.Server
	server *server.Server
	client *http.Client // that asks it

	mu   sync.Mutex
	load func() (*config.Config, error)
}

// newExporter starts an exporter that reads each of the configurations, and
// logs to log.
func newExporter(t testing.TB, log io.Writer, managers ...config.ServiceManager) *exporter {
	t.Helper()
	return newExporterWith(t, log, server.Options{}, managers...)
}

// newExporterWith is newExporter with options, of which those that are the same
// for all tests are added.
func newExporterWith(t testing.TB, log io.Writer, o server.Options, managers ...config.ServiceManager) *exporter {
	t.Helper()
	return newExporterOf(t, log, o, &config.Config{ServiceManagers: managers})
}

// newExporterWithClouds is newExporter with entries of oci.
func newExporterWithClouds(t testing.TB, log io.Writer, clouds []config.OCI, managers ...config.ServiceManager) *exporter {
	t.Helper()
	return newExporterOf(t, log, server.Options{}, &config.Config{ServiceManagers: managers, OCI: clouds})
}

// newExporterOf is newExporterWith of a whole configuration.
func newExporterOf(t testing.TB, log io.Writer, o server.Options, c *config.Config) *exporter {
	t.Helper()
	e := &exporter{client: &http.Client{Transport: &http.Transport{DialContext: bubble.Dialer(t)}}}
	o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Client.UserAgent, o.Client.Collectors, o.Client.Dial, o.Client.Logger = "ogg_exporter/test", defaultCollectors(), bubble.Dialer(t), o.Logger
	o.TelemetryPath, o.TimeoutOffset, o.Load = "/metrics", 500*time.Millisecond, e.loadNow
	s, err := server.New(context.Background(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	e.server, e.Server = s, &httptest.Server{Listener: bubble.Listen(t), Config: s.HTTPServer()}
	e.Start()
	t.Cleanup(e.close)
	return e
}

// defaultCollectors names the collectors that are on by default.
func defaultCollectors() []string {
	var names []string
	for _, c := range collector.Collectors {
		if c.Default {
			names = append(names, c.Name)
		}
	}
	return names
}

func (e *exporter) close() {
	e.client.CloseIdleConnections()
	e.Close()
	e.server.Close()
}

// configure lets the next reload find these Service Managers.
func (e *exporter) configure(managers ...config.ServiceManager) {
	e.setLoad(func() (*config.Config, error) { return &config.Config{ServiceManagers: managers}, nil })
}

// setLoad lets the next reload call load.
func (e *exporter) setLoad(load func() (*config.Config, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.load = load
}

func (e *exporter) loadNow() (*config.Config, error) {
	e.mu.Lock()
	load := e.load
	e.mu.Unlock()
	return load()
}

// simulate starts a simulation, and returns it with the configuration that reads
// it under that name.
func simulate(t testing.TB, name string, i oggtest.Installation) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sm := s.Config(name)
	sm.Timeout = bubble.Timeout(t, sm.Timeout)
	return s, sm
}

// scrape asks for the metrics as Prometheus does, with that timeout in seconds.
func (e *exporter) scrape(t testing.TB, timeout string) string {
	t.Helper()
	return e.scrapeAt(t, "/metrics", timeout)
}

// scrapeAt is scrape with another path.
func (e *exporter) scrapeAt(t testing.TB, path, timeout string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, e.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if timeout != "" {
		request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
	}
	status, _, body := e.do(t, request)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d\n%s", path, status, body)
	}
	return body
}

// do sends the request and returns the whole answer.
func (e *exporter) do(t testing.TB, request *http.Request) (int, http.Header, string) {
	t.Helper()
	answer, err := e.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

// ask sends a request without a body.
func (e *exporter) ask(t testing.TB, method, path string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequest(method, e.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e.do(t, request)
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

// get returns the status and the body of a page.
func (e *exporter) get(t testing.TB, path string) (int, string) {
	t.Helper()
	status, _, body := e.ask(t, http.MethodGet, path)
	return status, body
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

// TestPage: the page shows how each Service Manager was last read.
func TestPage(t *testing.T) {
	t.Parallel()
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
	if _, page = e.get(t, "/"); !strings.Contains(page, "north, adminsrvr: process: GET ") || strings.Contains(page, "<script>alert") {
		t.Errorf("after a failure:\n%s", page)
	}
	if status, _ := e.get(t, "/nothing"); status != http.StatusNotFound {
		t.Errorf("an unknown page: status %d", status)
	}
}

// TestOwnMetrics: the exporter's own metrics are there without a Service Manager.
func TestOwnMetrics(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	for name, c := range map[string]struct {
		configured time.Duration
		header     string
		took       time.Duration
	}{
		"Prometheus's":                  {time.Minute, "3.5", 3 * time.Second},
		"the configured":                {3 * time.Second, "60", 3 * time.Second},
		"no header":                     {3 * time.Second, "", 3 * time.Second},
		"hardly more than the offset":   {time.Minute, "1", 500 * time.Millisecond},
		"less than a second":            {3 * time.Second, "0.999", 3 * time.Second},
		"next to nothing":               {3 * time.Second, "0.001", 3 * time.Second},
		"nothing":                       {3 * time.Second, "0", 3 * time.Second},
		"less than nothing":             {3 * time.Second, "-5", 3 * time.Second},
		"a header that is no number":    {3 * time.Second, "soon", 3 * time.Second},
		"not a number":                  {3 * time.Second, "nan", 3 * time.Second},
		"without end":                   {3 * time.Second, "+Inf", 3 * time.Second},
		"months":                        {3 * time.Second, "1e9", 3 * time.Second},
		"a header that is out of range": {3 * time.Second, "1e300", 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				gg, sm := simulate(t, "gg", twoDeployments(false))
				sm.Timeout = c.configured
				e := newExporter(t, io.Discard, sm)
				gg.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/extracts"}, oggtest.Fault{Hang: true})
				begin := time.Now()
				exposition := e.scrape(t, c.header)
				if took := time.Since(begin); took != c.took {
					t.Errorf("took %s, want %s", took, c.took)
				}
				if len(samples(exposition, `deployment="south"`, "ogg_process_up")) != 2 {
					t.Error("south is not complete")
				}
			})
		})
	}
}
