package server

import (
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

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

// pipelines joins what was read to pipelines.
type pipelines struct {
	max     int // that are not left out; 0 is no limit
	log     *slog.Logger
	leftOut atomic.Int64 // when they were last joined
}

// outdated returns the clients whose latest poll is too old for the pipelines.
func outdated(clients []*ogg.Client) []*ogg.Client {
	now := time.Now()
	return slices.DeleteFunc(clients, func(c *ogg.Client) bool {
		last := c.Last()
		return last != nil && now.Sub(last.Begin) < refreshAfter
	})
}

// sourceOf returns what a client knows of a Service Manager that has these hosts.
func sourceOf(client *ogg.Client, hosts []string) pipeline.Source {
	last := client.Last()
	oldest := time.Now().Add(-keptPolls * max(client.Interval(), usualInterval))
	return pipeline.Source{Latest: last, Fresh: last != nil && !last.Begin.Before(oldest), Oldest: oldest, Hosts: hosts}
}

// join joins the sources.
func (p *pipelines) join(sources []pipeline.Source) *pipeline.Graph {
	most := p.max
	if most == 0 {
		most = -1
	}
	g := pipeline.New(sources, most)
	p.noteLeftOut(g.LeftOut)
	return g
}

// noteLeftOut logs when pipelines begin to be left out, and when that ends.
func (p *pipelines) noteLeftOut(n int) {
	switch before := p.leftOut.Swap(int64(n)); {
	case n > 0 && before == 0:
		p.log.Warn("There are more pipelines than --collector.pipeline.max", "max", p.max, "left_out", n)
	case n == 0 && before > 0:
		p.log.Info("No pipeline is left out any more")
	}
}
