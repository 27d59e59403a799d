package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/oci"
)

// exporterAlone is what collect[] names for the exporter's own metrics and no other.
const exporterAlone = "exporter"

// metrics answers a scrape of all Service Managers, with what Oracle Cloud's control
// plane last told and the exporter's own metrics, or with the latter alone, for which
// nothing is read.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	if slices.Equal(r.URL.Query()["collect[]"], []string{exporterAlone}) {
		s.expose(w, r, collector.NewScrape(r.Context(), nil, collector.Options{}), s.own...)
		return nil
	}
	o, err := s.scraping(r)
	if err != nil {
		return err
	}
	st := s.acquire()
	defer s.release(st)
	s.expose(w, r, withClouds(collector.NewScrape(r.Context(), st.clients(), o), r, st.inventories()...), s.own...)
	return nil
}

// withClouds adds what the control plane told, unless the request names collectors with
// collect[]: it is no collector's.
func withClouds(scrape *collector.Scrape, r *http.Request, inventories ...*oci.Inventory) *collector.Scrape {
	if r.URL.Query().Has("collect[]") {
		return scrape
	}
	return scrape.With(inventories...)
}

// expose answers a scrape with what could be read until its deadline, and with what
// own adds. It is 200 whatever of GoldenGate is down.
func (s *Server) expose(w http.ResponseWriter, r *http.Request, scrape *collector.Scrape, own ...prometheus.Collector) {
	all := prometheus.NewRegistry() // one for all: to merge two would check each sample twice
	all.MustRegister(scrape)
	all.MustRegister(own...)
	promhttp.HandlerFor(all, promhttp.HandlerOpts{
		ErrorLog:          slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelError),
		ErrorHandling:     promhttp.ContinueOnError,
		EnableOpenMetrics: true,
		// When a counter began at 0 is how a restart between two scrapes is told.
		EnableOpenMetricsTextCreatedSamples: true,
		DisableCompression:                  true, // by compressed
	}).ServeHTTP(w, r)
}

// scrape answers with next, as one scrape of those that may be at once and until its
// deadline.
func (s *Server) scrape(next handler) http.Handler {
	return s.limited(s.timed(s.compress(next)))
}

// limited answers with next, and with 503 while as many scrapes as there may be are
// being answered.
func (s *Server) limited(next http.Handler) http.Handler {
	if s.slots == nil {
		return next
	}
	return handler(func(w http.ResponseWriter, r *http.Request) error {
		if !s.slots.TryAcquire(1) {
			return &statusError{http.StatusServiceUnavailable, fmt.Sprintf("too many scrapes at once: the limit is %d (--scrape.max-requests)", s.options.MaxRequests)}
		}
		defer s.slots.Release(1)
		next.ServeHTTP(w, r)
		return nil
	})
}

// scraping returns the options of the scrape that is asked for: with the collectors
// that are on, or those of them that the request names with collect[].
func (s *Server) scraping(r *http.Request) (collector.Options, error) {
	o := collector.Options{Enabled: s.on(), MaxSeries: s.options.MaxSeries}
	wanted := r.URL.Query()["collect[]"]
	if len(wanted) == 0 {
		return o, nil
	}
	for _, name := range wanted {
		if !slices.Contains(o.Enabled, name) {
			return o, &statusError{http.StatusBadRequest, "collect[] names a collector that is unknown or off; on are: " + strings.Join(o.Enabled, ", ")}
		}
	}
	o.Enabled = slices.DeleteFunc(o.Enabled, func(name string) bool { return !slices.Contains(wanted, name) })
	return o, nil
}

// on returns the names of the collectors that are on.
func (s *Server) on() []string {
	if s.options.Client.Collectors != nil {
		return slices.Clone(s.options.Client.Collectors)
	}
	all := make([]string, len(collector.Collectors))
	for i, c := range collector.Collectors {
		all[i] = c.Name
	}
	return all
}

// timed answers with next, in whose context is the deadline of the scrape.
func (s *Server) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if timeout, stated := s.timeout(r); stated {
			ctx, cancel := context.WithTimeout(r.Context(), timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
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
