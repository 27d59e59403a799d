package collector

import (
	"context"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Scrape is the prometheus.Collector of one scrape: when collected, it polls all clients
// at the same time.
type Scrape struct {
	ctx         context.Context
	clients     []*ogg.Client
	inventories []*oci.Inventory
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

// Describe implements prometheus.Collector.
func (s *Scrape) Describe(descs chan<- *prometheus.Desc) {
	described := always
	for _, c := range named(s.options.Enabled) {
		described = slices.Concat(described, c.metrics)
	}
	if len(s.inventories) > 0 {
		described = slices.Concat(described, ociFamilies.all)
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
	done, polled := s.options.Turns.begin(s.ctx, len(s.clients))
	s.done = done
	for _, inventory := range s.inventories {
		s.export("Oracle Cloud", samples, func() { ExportOCI(inventory, s.options, samples) })
	}
	var polls sync.WaitGroup
	for _, client := range s.clients {
		polls.Go(func() {
			s.export(client.Name(), samples, func() {
				inst := s.poll(client, polled)
				out, err := exportTo(inst, s.options, samples)
				client.LeaveOut(out, s.options.Enabled...)
				client.NoteExport(err, s.options.Enabled...)
			})
		})
	}
	polls.Wait()
}

// poll polls, and waits for the turn of the scrape, even if the poll panics.
func (s *Scrape) poll(client *ogg.Client, polled func()) *ogg.Installation {
	defer polled()
	return client.Poll(s.ctx, s.options.Enabled...)
}

// export calls send, and sends a sample that fails if send panics, so that the scrape reports it
// and serves everything else.
func (s *Scrape) export(what string, samples chan<- prometheus.Metric, send func()) {
	err := s.options.Panics.Catch(what, func() error {
		send()
		return nil
	})
	if err != nil {
		samples <- prometheus.NewInvalidMetric(up.desc, err)
	}
}

// named returns the Collectors with these names.
func named(names []string) []Collector {
	var found []Collector
	for _, c := range Collectors {
		if slices.Contains(names, c.Name) {
			found = append(found, c)
		}
	}
	return found
}

// Export sends the samples that the enabled Collectors make of an installation, within
// MaxSeries. It fails if there are far too many, which are withheld.
func Export(inst *ogg.Installation, o Options, samples chan<- prometheus.Metric) error {
	_, err := exportTo(inst, o, samples)
	return err
}

// exportTo is Export, and returns what was dropped and need not be read next time.
func exportTo(inst *ogg.Installation, o Options, samples chan<- prometheus.Metric) (ogg.LeftOut, error) {
	to := newSink(inst.ServiceManager, oggFamilies, o.MaxSeries)
	dropped, err := export(to, inst, named(o.Enabled), o)
	to.flush(samples)
	return leftOut(sources, dropped), err
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

// ExportOCI sends the samples of what a refresh found, within MaxSeries; none for nil, which
// means no refresh yet.
func ExportOCI(inv *oci.Inventory, o Options, samples chan<- prometheus.Metric) {
	if inv == nil {
		return
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
	to.flush(samples)
}
