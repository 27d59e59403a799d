// Package server answers HTTP: the scrapes at /metrics and /probe, what Prometheus
// and an operator need around them, and the status page. What is read, and how it
// becomes samples, belongs to packages ogg and collector.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/server/page"
	"github.com/ogg-exporter/ogg_exporter/status"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Options are what a Server needs beside the configuration.
type Options struct {
	// TelemetryPath is the path of the metrics, such as /metrics.
	TelemetryPath string
	// TimeoutOffset is subtracted from the timeout that Prometheus states, so that the
	// answer arrives in time.
	TimeoutOffset time.Duration
	// MaxRequests limits the scrapes that are answered at once, of all paths together;
	// 0 is no limit.
	MaxRequests int
	// MaxConnections limits the connections that are open at once; 0 is no limit.
	MaxConnections int
	// MaxSeries limits the series of one Service Manager; 0 is no limit.
	MaxSeries int
	// MaxPipelines limits the pipelines that have samples; 0 is no limit.
	MaxPipelines int
	// Client is for each client that the Server creates. Its Collectors are those that
	// are on; nil is all of them.
	Client ogg.Options
	// Load reads the configuration again, for Reload. Its errors hold no secrets. It is
	// nil where the configuration cannot be reloaded.
	Load func() (*config.Config, error)
	// EnableDebug lets /probe show the requests of its poll.
	EnableDebug bool
	// EnablePprof serves Go's profiles under /debug/pprof/.
	EnablePprof bool
	// DisableLifecycle rejects requests to reload.
	DisableLifecycle bool
	// Serving is closed when somebody can scrape the exporter. Nothing is refreshed in the background
	// before: an exporter whose port is taken asks nothing of Oracle Cloud. nil waits for nothing.
	Serving <-chan struct{}
	// Logger logs the errors of scrapes and the results of reloads. nil discards them.
	Logger *slog.Logger
}

// Server is the exporter's HTTP side.
type Server struct {
	options  Options
	start    func(*cloud)                    // starts its refreshes
	panics   *wire.Panics                    // of all reads
	seldom   *wire.Seldom[string]            // of reloads that failed, by why
	own      *prometheus.Registry            // of the exporter's own metrics
	limited  func(http.Handler) http.Handler // to the scrapes at once
	compress func(http.Handler) http.HandlerFunc
	turns    *collector.Turns // of scrapes, after their polls
	clients  *connections
	outbox   *outbox
	joins    *pipelines
	stopping atomic.Bool

	loads     chan struct{} // holds one while the configuration is being loaded
	reloading sync.Mutex    // held while another state comes into force; never during I/O of a load
	closed    bool          // guarded by reloading: nothing comes into force any more
	refreshes sync.WaitGroup
	loaded    atomic.Pointer[loading]

	mu    sync.Mutex // guards the following, and the counts in states
	state *state     // in force
}

// New returns a Server for a configuration. It fails with the errors of all clients that
// cannot be created, and when the path of the metrics cannot be served. The background
// refreshes of Oracle Cloud run until ctx ends or Close is called.
func New(ctx context.Context, c *config.Config, o Options) (*Server, error) {
	if err := CheckTelemetryPath(o.TelemetryPath); err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		options: o, panics: wire.NewPanics(o.Logger), seldom: wire.NewSeldom[string](time.Now), loads: make(chan struct{}, 1),
		limited: atMost(o.MaxRequests, fmt.Sprintf("too many scrapes at once: the limit is %d (--scrape.max-requests)", o.MaxRequests)),
		turns:   collector.NewTurns(scrapesAtOnce),
		clients: newConnections(o.MaxConnections),
		joins:   &pipelines{max: o.MaxPipelines, log: o.Logger},
		outbox:  &outbox{freeBytes: freeWaitingBytes, maxBytes: maxWaitingBytes, maxAnswers: (o.MaxConnections + 3) / 4, log: o.Logger},
	}
	s.options.Client.Panics = s.panics
	s.start = func(c *cloud) {
		var refreshing context.Context
		refreshing, c.end = context.WithCancel(ctx)
		s.refreshes.Go(func() { s.refresh(refreshing, c) })
	}
	var err error
	// The fastest level makes an exposition slightly larger than client_golang's own
	// compression does, in a third of the time.
	if s.compress, err = gzhttp.NewWrapper(gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false)); err != nil {
		return nil, err
	}
	first, err := newState(c, nil, s.options.Client)
	if err != nil {
		return nil, err
	}
	s.begin(first)
	s.note(nil)
	s.own = prometheus.NewRegistry()
	s.own.MustRegister(s.reloadMetrics()...)
	s.own.MustRegister(
		s.panicMetric(),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("ogg_exporter"),
	)
	return s, nil
}

// CheckTelemetryPath returns an error if the metrics cannot be served at this path.
func CheckTelemetryPath(telemetry string) error {
	clean := path.Clean(telemetry)
	switch {
	case !strings.HasPrefix(telemetry, "/") || strings.ContainsAny(telemetry, "{}?# \t") || telemetry != clean && telemetry != clean+"/":
		return fmt.Errorf("--web.telemetry-path: %q is not a path such as /metrics", telemetry)
	case slices.Contains([]string{probePath, sdPath, statusPath, healthyPath, readyPath, reloadPath}, telemetry) || strings.HasPrefix(telemetry, pprofPath):
		return fmt.Errorf("--web.telemetry-path: %s is the path of another page", telemetry)
	default:
		return nil
	}
}

// The paths besides that of the metrics.
const (
	probePath   = "/probe"
	sdPath      = "/sd"
	statusPath  = "/api/status.json"
	healthyPath = "/-/healthy"
	readyPath   = "/-/ready"
	reloadPath  = "/-/reload"
	pprofPath   = "/debug/pprof/"
)

// The limits of what a client may make the exporter wait for or hold.
const (
	headerTimeout    = 10 * time.Second // to send a request, and for the handshake of TLS
	idleTimeout      = 3 * time.Minute  // between two requests; longer than most scrape intervals
	writeTimeout     = 30 * time.Second // to read an answer, other than that of a scrape
	writeGrace       = 10 * time.Second // to read that of a scrape, after the scrape's own timeout
	maxHeaderBytes   = 64 << 10
	freeWaitingBytes = 32 << 20 // of answers that are being written, of all clients together
	maxWaitingBytes  = 96 << 20 // the same, while all of the clients read
	scrapesAtOnce    = 4        // that make and write samples, after their polls
	maxViews         = 2        // of the status that are made at once: with 10,000 processes each takes some 50 MiB
)

// HTTPServer returns a server of all pages, with limits on what its clients may do.
func (s *Server) HTTPServer() *http.Server {
	h := &http.Server{
		Handler:           s.Handler(),
		ReadTimeout:       headerTimeout,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          100,
			MaxReceiveBufferPerConnection: 64 << 10, // no request has a body
			MaxReceiveBufferPerStream:     64 << 10,
			SendPingTimeout:               time.Minute,
			WriteByteTimeout:              writeGrace,
		},
	}
	s.clients.limit(h)
	return h
}

// Handler returns all of the exporter's pages. A pattern with GET also answers HEAD, and
// any other method with 405 and the methods that are allowed.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	v := view{status: func() *status.Status { return s.current().status(time.Now()) }, exporter: s.exporter}
	viewed := atMost(maxViews, "too many requests for the status at once")
	if s.options.TelemetryPath == "/" {
		mux.Handle("GET /{$}", s.scrape(s.metrics))
	} else {
		mux.Handle("GET "+s.options.TelemetryPath, s.scrape(s.metrics))
		mux.Handle("GET /{$}", viewed(s.compress(handler(v.page))))
	}
	mux.Handle("GET "+statusPath, viewed(s.compress(handler(v.json))))
	mux.Handle("GET "+probePath, s.scrape(s.probe))
	mux.Handle("GET "+sdPath, handler(s.discovery))
	mux.HandleFunc("GET "+healthyPath, s.healthy)
	mux.Handle("GET "+readyPath, handler(s.ready))
	reload := atMost(maxReloads, "too many reloads at once")(handler(s.reload))
	mux.Handle("POST "+reloadPath, reload)
	mux.Handle("PUT "+reloadPath, reload)
	pages := bodiless(s.kept(mux))
	if s.options.EnablePprof {
		handlePprof(mux)
		pages = withProfiles(mux, pages)
	}
	return s.clients.inUse(secured(pages))
}

// exporter returns the state of the exporter itself.
func (s *Server) exporter() page.Exporter {
	last := s.loaded.Load()
	about := page.Exporter{
		Build: version.Info(), Since: last.succeeded,
		Pages: []page.Page{
			{Path: s.options.TelemetryPath, Name: "Metrics", About: "of all Service Managers and of the exporter"},
			{Path: statusPath, Name: "Status as JSON", About: "what this page shows"},
			{Path: sdPath, Name: "Service discovery", About: "the Service Managers as targets, for Prometheus's http_sd_configs"},
			{Path: healthyPath, Name: "Healthy", About: "whether the exporter runs"},
			{Path: readyPath, Name: "Ready", About: "whether it takes scrapes"},
		},
		Metrics: s.options.TelemetryPath, Probe: probePath, Debug: s.options.EnableDebug, JSON: statusPath,
	}
	if last.err != nil {
		about.Failed = &page.Failure{At: last.at, Lines: strings.Split(strings.TrimSpace(last.err.Error()), "\n")}
	}
	if s.options.EnablePprof {
		about.Profiles = pprofPath
	}
	for _, c := range s.current().clouds {
		about.Clouds = append(about.Clouds, pageCloud(c.client))
	}
	return about
}

// kept answers with next, keeps the answer in memory, and only then writes it to the client.
func (s *Server) kept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		s.outbox.serve(w, r, next, func() time.Time {
			timeout, stated := s.timeout(r)
			if !stated {
				return time.Now().Add(writeTimeout)
			}
			return later(begin.Add(timeout), time.Now()).Add(writeGrace)
		})
	})
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Stop makes /-/ready report that the exporter is stopping. Everything else continues.
func (s *Server) Stop() { s.stopping.Store(true) }

// closeGrace is how long Close may take.
const closeGrace = 400 * time.Millisecond

// Close stops the refreshes and closes the connections of all clients. Call it when
// nothing is served any more: a connection that a scrape still uses stays open. It returns
// even if something hangs, such as a refresh; that is then left behind.
func (s *Server) Close() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.end()
	}()
	limit := time.NewTimer(closeGrace)
	defer limit.Stop()
	select {
	case <-ended:
	case <-limit.C:
		s.options.Logger.Warn("Something hangs and is left behind")
	}
}

// end is Close, however long it takes.
func (s *Server) end() {
	s.reloading.Lock()
	s.closed = true
	for _, c := range s.current().clouds {
		c.end()
	}
	s.reloading.Unlock()
	s.refreshes.Wait()
	for _, client := range s.current().clients() {
		client.Close()
	}
}
