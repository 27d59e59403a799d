package server

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// exporterAlone is the value of collect[] that selects only the exporter's own metrics.
const exporterAlone = "exporter"

// metrics answers a scrape of all Service Managers, together with their pipelines, the latest refresh
// of Oracle Cloud and the exporter's own metrics, or with the latter alone, for which
// nothing is read.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	if slices.Equal(r.URL.Query()["collect[]"], []string{exporterAlone}) {
		s.expose(w, r, collector.NewScrape(r.Context(), nil, collector.Options{}), s.own)
		return nil
	}
	o, err := s.scraping(r)
	if err != nil {
		return err
	}
	st := s.acquire()
	defer s.release(st)
	scrape := withClouds(collector.NewScrape(r.Context(), st.clients(), o), r, st.inventories()...)
	s.expose(w, r, s.withPipelines(scrape, st, o), s.own)
	return nil
}

// withClouds adds what the control plane reported, unless the request selects collectors
// with collect[]: it belongs to none of them.
func withClouds(scrape *collector.Scrape, r *http.Request, inventories ...*oci.Inventory) *collector.Scrape {
	if r.URL.Query().Has("collect[]") {
		return scrape
	}
	return scrape.With(inventories...)
}

// withPipelines adds the pipelines to a scrape that asks for them, and polls of clients that are for
// these alone.
func (s *Server) withPipelines(scrape *collector.Scrape, st *state, o collector.Options, refreshed ...*ogg.Client) *collector.Scrape {
	if !slices.Contains(o.Enabled, collector.Pipeline) {
		return scrape
	}
	return scrape.WithPipelines(func() *pipeline.Graph { return s.joins.join(st.sources()) }, refreshed...)
}

// expose answers a scrape with what could be read before its deadline, and with the
// metrics of own. The status is 200 whatever part of GoldenGate is down. Like promhttp, it serves
// what is right if something is not, but one family after the other, so that only one is in memory
// as protobuf messages.
func (s *Server) expose(w http.ResponseWriter, r *http.Request, scrape *collector.Scrape, own prometheus.Gatherer) {
	defer scrape.End()
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", string(format))
	// The time at which a counter was 0 reveals a restart between two scrapes.
	encoder := expfmt.NewEncoder(w, format, expfmt.WithCreatedLines())
	wanted := r.URL.Query()["name[]"]
	exposed := false
	err := scrape.Gatherer(own).Each(func(family *dto.MetricFamily) {
		exposed = true
		if len(wanted) == 0 || slices.Contains(wanted, family.GetName()) {
			s.noteFault("encoding", encoder.Encode(family))
		}
	})
	s.noteFault("gathering", err)
	if err != nil && !exposed {
		http.Error(w, "No metric could be gathered: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if closer, is := encoder.(expfmt.Closer); is { // the last line of OpenMetrics
		s.noteFault("encoding", closer.Close())
	}
}

// noteFault logs what cannot be exposed, once in 10 minutes: it may be so in each scrape.
func (s *Server) noteFault(what string, err error) {
	if err == nil {
		return
	}
	log := s.options.Logger.Error
	if !s.seldom.May("a scrape") {
		log = s.options.Logger.Debug
	}
	log("Answering a scrape failed", "err", fmt.Errorf("error %s metrics: %w", what, err))
}

// panicMetric is the metric about bugs that cost a read.
func (s *Server) panicMetric() prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "ogg_exporter_panics_total",
		Help: "Reads that failed because of a bug of the exporter (a panic), each logged with its stack. (exporter)",
	}, func() float64 { return float64(s.panics.Count()) })
}

// scrape answers with next, until the deadline of the scrape and within the limit of
// concurrent scrapes.
func (s *Server) scrape(next handler) http.Handler {
	return s.timed(s.limited(s.compress(next)))
}

// scraping returns the options of the requested scrape: with the collectors that are on,
// or those of them that the request selects with collect[].
func (s *Server) scraping(r *http.Request) (collector.Options, error) {
	o := collector.Options{Enabled: s.on(), MaxSeries: s.options.MaxSeries, Panics: s.panics, Turns: s.turns}
	wanted := r.URL.Query()["collect[]"]
	if len(wanted) == 0 {
		return o, nil
	}
	for _, name := range wanted {
		if !slices.Contains(o.Enabled, name) {
			return o, &statusError{http.StatusBadRequest, "collect[] names a collector that is unknown or disabled; enabled are: " + strings.Join(o.Enabled, ", ")}
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

// timed answers with next, and puts the deadline of the scrape into its context.
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

// timeout returns how long the scrape may take: what Prometheus states in its header
// minus the offset, or half of it where the offset would leave nothing. What is no time in which
// anything could be read, or none that Prometheus would wait for, does not count.
func (s *Server) timeout(r *http.Request) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || math.IsNaN(seconds) || seconds < 1 || seconds > 3600 {
		return 0, false
	}
	stated := time.Duration(seconds * float64(time.Second))
	if stated <= s.options.TimeoutOffset {
		return stated / 2, true
	}
	return stated - s.options.TimeoutOffset, true
}
