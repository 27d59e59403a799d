package server

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ogg-exporter/ogg_exporter/collector"
)

// metrics answers a scrape with what could be read until its deadline. It is 200
// whatever of GoldenGate is down.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if timeout, stated := s.timeout(r); stated {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	scrape := prometheus.NewRegistry()
	scrape.MustRegister(collector.NewScrape(ctx, s.clients, s.options.Collectors))
	promhttp.HandlerFor(prometheus.Gatherers{s.exporter, scrape}, promhttp.HandlerOpts{
		ErrorLog:          slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelError),
		ErrorHandling:     promhttp.ContinueOnError,
		EnableOpenMetrics: true,
		// When a counter began at 0 is how a restart between two scrapes is told.
		EnableOpenMetricsTextCreatedSamples: true,
	}).ServeHTTP(w, r)
}

// timeout returns how long the scrape may take: what Prometheus states in its
// header, less the offset; half of it where the offset would leave nothing.
func (s *Server) timeout(r *http.Request) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || seconds <= 0 || seconds > 3600 {
		return 0, false
	}
	stated := time.Duration(seconds * float64(time.Second))
	if stated <= s.options.TimeoutOffset {
		return stated / 2, true
	}
	return stated - s.options.TimeoutOffset, true
}
