// Package collector turns what packages ogg and oci read into Prometheus samples: one
// file a resource, listed in Collectors. It is pure, a snapshot in and samples
// out: nothing that reaches for the network, a file or the clock enters here.
package collector

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Collector is the samples of one resource, which a flag switches on and off.
type Collector struct {
	// Name is the word in --collector.NAME and in the label collector.
	Name string
	// Help says what is collected, for the flag.
	Help string
	// Default is whether it is on.
	Default bool
	// Role is the GoldenGate role that its reads need.
	Role string

	metrics []*metric
	collect func(sink, *ogg.Deployment)
}

// Collectors are all there are, the most important first: where there are too many
// series, those of the last, and of each the last of its metrics, are left out
// first. METRICS.md has the same order.
var Collectors = []Collector{
	deploymentCollector,
	serviceCollector,
	processCollector,
	distributionPathCollector,
	receiverPathCollector,
	certificateCollector,
	heartbeatCollector,
	trailCollector,
	performanceCollector,
	tableCollector,
}

// always are the metrics that no flag switches off, nor the bound of series.
var always = []*metric{up, authBlocked, scrapeSuccess, scrapeDuration, seriesDropped, apiRequests, apiRetries, apiDuration}

// Scrape is the prometheus.Collector of one scrape: it polls the clients side by
// side when it is collected.
type Scrape struct {
	ctx         context.Context
	clients     []*ogg.Client
	inventories []*oci.Inventory
	options     Options
}

// Options are what a Scrape needs beside the clients.
type Options struct {
	// Enabled names the Collectors that are on.
	Enabled []string
	// MaxSeries bounds the series of one Service Manager: over it, whole metrics are
	// left out, but never those of whether something is up, its status and its lag,
	// even if they alone are more; 0 is no bound.
	MaxSeries int
}

// NewScrape returns the collector of one scrape, whose polls end with ctx at the
// latest.
func NewScrape(ctx context.Context, clients []*ogg.Client, o Options) *Scrape {
	return &Scrape{ctx: ctx, clients: clients, options: o}
}

// With adds what refreshes of Oracle Cloud found, for which nothing is read. nil is
// nothing.
func (s *Scrape) With(inventories ...*oci.Inventory) *Scrape {
	s.inventories = append(s.inventories, inventories...)
	return s
}

// named returns the Collectors of these names.
func named(names []string) []Collector {
	var found []Collector
	for _, c := range Collectors {
		for _, name := range names {
			if c.Name == name {
				found = append(found, c)
			}
		}
	}
	return found
}

// Describe implements prometheus.Collector.
func (s *Scrape) Describe(descs chan<- *prometheus.Desc) {
	for _, m := range always {
		descs <- m.desc
	}
	for _, c := range named(s.options.Enabled) {
		for _, m := range c.metrics {
			descs <- m.desc
		}
	}
	if len(s.inventories) > 0 {
		for _, m := range ociMetrics() {
			descs <- m.desc
		}
	}
}

// Collect implements prometheus.Collector. It returns when all polls have ended.
func (s *Scrape) Collect(samples chan<- prometheus.Metric) {
	for _, inventory := range s.inventories {
		ExportOCI(inventory, s.options, samples)
	}
	var polls sync.WaitGroup
	for _, client := range s.clients {
		polls.Go(func() {
			Export(client.Poll(s.ctx, s.options.Enabled...), s.options, samples)
		})
	}
	polls.Wait()
}

// Export sends the samples of an installation that the enabled Collectors make, no
// more of them than MaxSeries allows.
func Export(inst *ogg.Installation, o Options, samples chan<- prometheus.Metric) {
	to, enabled := newSink(inst.ServiceManager), named(o.Enabled)
	exportInstallation(to, inst)
	for _, d := range inst.Deployments {
		exportLogins(to, d)
		for _, c := range enabled {
			c.collect(to, d)
		}
		exportReads(to, d, enabled)
	}
	to.limit(o.MaxSeries, enabled)
	to.flush(samples)
}
