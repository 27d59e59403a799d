package server

import (
	"net/http"
	"slices"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

const (
	// refreshAfter is how old the latest poll of a Service Manager may be when only the pipelines are
	// asked for. Older ones are polled again: perhaps another exporter scrapes it, and this one knows of
	// it only so.
	refreshAfter = 90 * time.Second
	// What is older than keptPolls polls no longer says how a hop does. Polls that follow each other
	// faster than usualInterval count as that far apart.
	keptPolls     = 3
	usualInterval = time.Minute
)

// withPipelines adds the pipelines to a scrape that asks for them.
func (s *Server) withPipelines(scrape *collector.Scrape, st *state, o collector.Options, refreshed ...*ogg.Client) *collector.Scrape {
	if !slices.Contains(o.Enabled, collector.Pipeline) {
		return scrape
	}
	return scrape.WithPipelines(func() *pipeline.Graph { return s.graph(st) }, refreshed...)
}

// probePipelines answers a scrape of the pipelines alone.
func (s *Server) probePipelines(w http.ResponseWriter, r *http.Request, st *state, o collector.Options) error {
	if !slices.Contains(s.on(), collector.Pipeline) {
		return &statusError{http.StatusNotFound, "the collector pipeline is off (--no-collector.pipeline)"}
	}
	s.expose(w, r, s.withPipelines(collector.NewScrape(r.Context(), nil, o), st, o, st.outdated()...), nil)
	return nil
}

// outdated returns the clients whose latest poll is too old for the pipelines.
func (st *state) outdated() []*ogg.Client {
	now := time.Now()
	return slices.DeleteFunc(st.clients(), func(c *ogg.Client) bool {
		last := c.Last()
		return last != nil && now.Sub(last.Begin) < refreshAfter
	})
}

// graph joins the latest polls of all Service Managers.
func (s *Server) graph(st *state) *pipeline.Graph {
	now := time.Now()
	sources := make([]pipeline.Source, len(st.targets))
	for i, t := range st.targets {
		sources[i] = t.source(now)
	}
	most := s.options.MaxPipelines
	if most == 0 {
		most = -1
	}
	g := pipeline.New(sources, most)
	s.noteLeftOut(g.LeftOut)
	return g
}

// source returns what is known of the target.
func (t target) source(now time.Time) pipeline.Source {
	last := t.client.Last()
	oldest := now.Add(-keptPolls * max(t.client.Interval(), usualInterval))
	return pipeline.Source{Latest: last, Fresh: last != nil && !last.Begin.Before(oldest), Oldest: oldest, Hosts: t.Hosts()}
}

// noteLeftOut logs when pipelines begin to be left out, and when that ends.
func (s *Server) noteLeftOut(n int) {
	switch before := s.leftOut.Swap(int64(n)); {
	case n > 0 && before == 0:
		s.options.Logger.Warn("There are more pipelines than --collector.pipeline.max", "max", s.options.MaxPipelines, "left_out", n)
	case n == 0 && before > 0:
		s.options.Logger.Info("No pipeline is left out any more")
	}
}

// pipelinesGroup describes the pipelines to Prometheus as a target of their own.
func pipelinesGroup(r *http.Request) targetGroup {
	return target{ServiceManager: config.ServiceManager{Name: config.PipelinesName}}.group(r)
}
