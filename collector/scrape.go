package collector

import (
	"context"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Scrape is the prometheus.Collector of one scrape: when collected, it polls all clients
// at the same time, or as many as places allow.
type Scrape struct {
	ctx         context.Context
	clients     []*ogg.Client
	inventories []*oci.Inventory
	pipelines   func() *pipeline.Graph // nil if there are to be none
	refreshed   []*ogg.Client
	options     Options
	done        func() // with the samples; nil before Collect
}

// Options are what a Scrape needs besides the clients.
type Options struct {
	// Enabled names the Collectors that are on.
	Enabled []string
	// MaxSeries bounds the series of one Service Manager, and in proportion the bytes of their
	// labels: above it, whole metrics are left out, but not those that say whether something
	// is up, its status and its lag. If these alone are more than twice as many, and more than
	// 10,000, the Service Manager counts as down, and none of them is sent. 0 means no bound.
	MaxSeries int
	// Panics catches the panics of polls and of Collectors. nil neither logs nor counts them.
	Panics *wire.Panics
	// Turns bounds the scrapes that make samples at once. nil is no bound. With it, End has to be
	// called.
	Turns *Turns
}

// NewScrape returns the collector of one scrape, whose polls end with ctx at the
// latest.
func NewScrape(ctx context.Context, clients []*ogg.Client, o Options) *Scrape {
	return &Scrape{ctx: ctx, clients: clients, options: o}
}

// With adds what refreshes of Oracle Cloud found; collecting it reads nothing. A nil
// inventory adds nothing.
func (s *Scrape) With(inventories ...*oci.Inventory) *Scrape {
	s.inventories = append(s.inventories, inventories...)
	return s
}

// WithPipelines adds the pipelines of a graph that is made when all polls have ended, among them
// those of clients that are polled for that alone. A nil graph adds nothing.
func (s *Scrape) WithPipelines(graph func() *pipeline.Graph, refreshed ...*ogg.Client) *Scrape {
	s.pipelines, s.refreshed = graph, refreshed
	return s
}

// Describe implements prometheus.Collector.
func (s *Scrape) Describe(descs chan<- *prometheus.Desc) {
	described := always
	for _, c := range named(s.options.Enabled) {
		described = slices.Concat(described, c.metrics)
	}
	if len(s.inventories) > 0 {
		described = slices.Concat(described, ociFamilies.all)
	}
	if s.pipelines != nil {
		described = slices.Concat(described, pipelineFamilies.all)
	}
	for _, m := range described {
		descs <- m.desc
	}
}

// End says that the samples are no longer needed.
func (s *Scrape) End() {
	if s.done != nil {
		s.done()
	}
}

// Collect implements prometheus.Collector. It returns when all polls have ended.
func (s *Scrape) Collect(samples chan<- prometheus.Metric) {
	s.collect(func(k *kept) { k.send(samples) })
}

// collect hands over what each poll gives, from several goroutines at once, and the pipelines last. It
// returns when all polls have ended. It keeps no snapshot longer than it takes to make samples of it.
func (s *Scrape) collect(take func(*kept)) {
	n := len(s.clients) + len(s.refreshed)
	waits := n
	if s.pipelines != nil {
		waits++
	}
	done, polled := s.options.Turns.begin(s.ctx, waits)
	s.done = done
	for _, inventory := range s.inventories {
		s.export("Oracle Cloud", take, func() *kept { return exportOCI(inventory, s.options) })
	}
	places := newPlaces(s.ctx, n)
	var polls sync.WaitGroup
	for _, client := range s.clients {
		polls.Go(func() {
			s.export(client.Name(), take, func() *kept { return s.exportPoll(client, places, polled) })
		})
	}
	for _, client := range s.refreshed {
		polls.Go(func() { s.refresh(client, places, polled) })
	}
	if s.pipelines != nil {
		polls.Go(polled) // the pipelines take a turn even if nothing is polled
	}
	polls.Wait()
	if s.pipelines != nil {
		s.export("pipelines", take, func() *kept { return exportPipelines(s.pipelines(), s.options) })
	}
}

// refresh polls for the pipelines alone.
func (s *Scrape) refresh(client *ogg.Client, places places, polled func()) {
	_ = s.options.Panics.Catch(client.Name(), func() error { // counted there
		s.poll(client, places, polled)
		return nil
	})
}

// exportPoll polls, and makes samples of what was read.
func (s *Scrape) exportPoll(client *ogg.Client, places places, polled func()) *kept {
	inst := s.poll(client, places, polled, s.options.Enabled...)
	defer places.export(s.ctx)()
	made, out, err := exportTo(inst, s.options)
	client.LeaveOut(out, s.options.Enabled...)
	client.NoteExport(err, s.options.Enabled...)
	return made
}

// poll polls in its place, and waits for the turn of the scrape, even if the poll panics.
func (s *Scrape) poll(client *ogg.Client, places places, polled func(), collectors ...string) *ogg.Installation {
	defer polled()
	defer places.poll(s.ctx, client)()
	return client.Poll(s.ctx, collectors...)
}

// export hands over what makes returns, or a sample that fails if it panics, so that the scrape
// reports it and serves everything else.
func (s *Scrape) export(what string, take func(*kept), makes func() *kept) {
	var made *kept
	err := s.options.Panics.Catch(what, func() error {
		made = makes()
		return nil
	})
	if err != nil {
		made = &kept{failed: []prometheus.Metric{prometheus.NewInvalidMetric(up.desc, err)}}
	}
	take(made)
}

// named returns the Collectors of deployments with these names.
func named(names []string) []Collector {
	var found []Collector
	for _, c := range Collectors {
		if c.collect != nil && slices.Contains(names, c.Name) {
			found = append(found, c)
		}
	}
	return found
}

// exportTo returns the samples that the enabled Collectors make of an installation, within
// MaxSeries, and what was dropped and need not be read next time. It fails if there are far too
// many, which are withheld.
func exportTo(inst *ogg.Installation, o Options) (*kept, ogg.LeftOut, error) {
	to := newSink(inst.ServiceManager, oggFamilies, o.MaxSeries)
	dropped, err := export(to, inst, named(o.Enabled), o)
	return to.kept, leftOut(sources, dropped), err
}

func export(to sink, inst *ogg.Installation, enabled []Collector, o Options) (map[*metric]int, error) {
	exportInstallation(to, inst)
	for _, d := range inst.Deployments {
		exportLogins(to, d)
		var broken []string
		for _, c := range enabled {
			err := o.Panics.Catch("collector "+c.Name, func() error {
				c.collect(to, d)
				return nil
			})
			if err != nil {
				broken = append(broken, c.Name)
			}
		}
		exportReads(to, d, enabled, broken)
	}
	exportSums(to, inst, enabled, o.Panics)
	return to.limit(enabled, inst.LeftOut.Series)
}

// exportSums sends what the Collectors make of an installation as a whole.
func exportSums(to sink, inst *ogg.Installation, enabled []Collector, panics *wire.Panics) {
	for _, c := range enabled {
		if c.sum != nil {
			_ = panics.Catch("collector "+c.Name, func() error { // counted there
				c.sum(to, inst)
				return nil
			})
		}
	}
}

// exportOCI returns the samples of what a refresh found, within MaxSeries; none for nil, which
// means no refresh yet.
func exportOCI(inv *oci.Inventory, o Options) *kept {
	if inv == nil {
		return &kept{}
	}
	to := newSink(inv.OCI, ociFamilies, o.MaxSeries)
	exportRefresh(to, inv)
	for _, p := range ociParts {
		p.collect(to, inv)
	}
	n := 0
	for _, series := range to.settle(1) {
		n += series
	}
	if to.bound.err != nil {
		to.sample(ociUp, 0)
	}
	to.sample(ociSeriesDropped, float64(n))
	return to.kept
}

// exportPipelines returns the samples of the pipelines, within MaxSeries.
func exportPipelines(g *pipeline.Graph, o Options) *kept {
	to := newSink("", pipelineFamilies, o.MaxSeries)
	collectPipelines(to, g)
	n := 0
	for _, series := range to.settle(2) {
		n += series
	}
	to.sample(pipelineDropped, float64(g.LeftOut))
	to.sample(pipelineSeriesDropped, float64(n))
	return to.kept
}
