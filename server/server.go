// Package server answers HTTP: /metrics and the landing page. What is read, and
// how it becomes samples, belongs to packages ogg and collector.
package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Options are what a Server needs beside the clients.
type Options struct {
	// TelemetryPath is the path of the metrics, such as /metrics.
	TelemetryPath string
	// Collectors names the collectors that are on.
	Collectors []string
	// TimeoutOffset is taken off the timeout that Prometheus states, so that the
	// answer is there in time.
	TimeoutOffset time.Duration
	// Logger gets the errors of scrapes.
	Logger *slog.Logger
}

// Server is the exporter's HTTP side.
type Server struct {
	clients  []*ogg.Client
	options  Options
	exporter *prometheus.Registry // the exporter's own metrics
}

// New returns a Server that reads through clients.
func New(clients []*ogg.Client, o Options) *Server {
	s := &Server{clients: clients, options: o, exporter: prometheus.NewRegistry()}
	s.exporter.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("ogg_exporter"),
	)
	return s
}

// Handler returns all of the exporter's pages.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(s.options.TelemetryPath, s.metrics)
	if s.options.TelemetryPath != "/" {
		mux.HandleFunc("/{$}", s.landing)
	}
	return mux
}
