package server

import (
	"context"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Once reads Oracle Cloud and then every Service Manager once, each within its timeout, and calls do with
// each metric family of a scrape, in the order of their names. The exporter's own metrics are not among
// them. Like a capture, it also reads what scrapes read only from time to time. What cannot be read is said
// by the metrics; an error means that one could not be made, or that ctx has ended.
func (s *Server) Once(ctx context.Context, do func(*dto.MetricFamily)) error {
	s.refreshOnce(ctx)
	err := s.read(ogg.WithTrace(ctx, func(ogg.Exchange) {}), do)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Warm reads every Service Manager like a scrape whose answer nobody wants: the status page then has
// something to show.
func (s *Server) Warm(ctx context.Context) {
	s.noteFault("gathering", s.read(ctx, func(*dto.MetricFamily) {}))
}

// read calls do with each metric family of a scrape that is not asked for by HTTP.
func (s *Server) read(ctx context.Context, do func(*dto.MetricFamily)) error {
	st := s.acquire()
	defer s.release(st)
	o := collector.Options{Enabled: s.on(), MaxSeries: s.options.MaxSeries, Panics: s.panics}
	scrape := collector.NewScrape(ctx, st.clients(), o).With(st.inventories()...)
	defer scrape.End()
	return s.withPipelines(scrape, st, o).Gatherer(nil).Each(do)
}

// refreshOnce refreshes every entry of oci, and brings what they find into force.
func (s *Server) refreshOnce(ctx context.Context) {
	clouds := s.current().clouds
	var refreshes sync.WaitGroup
	for _, c := range clouds {
		refreshes.Go(func() {
			_ = s.panics.Catch("refresh of "+c.Name, func() error { // logged there
				c.client.Refresh(ctx)
				return nil
			})
		})
	}
	refreshes.Wait()
	if len(clouds) > 0 {
		s.takeFound()
	}
}
