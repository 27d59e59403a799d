package collector

import (
	"context"
	"flag"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Update rewrites the golden files.
var Update = flag.Bool("update", false, "rewrite the golden files and METRICS.md")

// The limits of places.
const (
	PollsAtOnce  = pollsAtOnce
	Silence      = silence
	LongestPlace = longestPlace
	UsualTime    = usualTime
	BeginShare   = beginShare
)

// Export sends the samples of an installation, and fails if there are far too many.
func Export(inst *ogg.Installation, o Options, samples chan<- prometheus.Metric) error {
	made, _, err := exportTo(inst, o)
	made.send(samples)
	return err
}

// Recording is what a Scrape collected, as often as needed.
type Recording struct {
	*Scrape

	all []*kept
}

// Record collects.
func Record(s *Scrape) *Recording {
	r := &Recording{Scrape: s}
	var mu sync.Mutex
	s.collect(func(made *kept) {
		mu.Lock()
		defer mu.Unlock()
		r.all = append(r.all, made)
	})
	return r
}

// RecordOf exports installations. What is made of nil is a panic.
func RecordOf(o Options, installations ...*ogg.Installation) *Recording {
	r := &Recording{Scrape: NewScrape(context.Background(), nil, o)}
	for _, inst := range installations {
		r.export("test", func(made *kept) { r.all = append(r.all, made) }, func() *kept {
			made, _, _ := exportTo(inst, o)
			return made
		})
	}
	return r
}

// Collect implements prometheus.Collector.
func (r *Recording) Collect(samples chan<- prometheus.Metric) {
	r.collect(func(made *kept) { made.send(samples) })
}

func (r *Recording) collect(take func(*kept)) {
	for _, made := range r.all {
		take(made)
	}
}

// Gatherer returns a Gatherer of what was collected.
func (r *Recording) Gatherer(own prometheus.Gatherer) *Gatherer { return &Gatherer{r.collect, own} }

// Names returns the names of all metrics.
func Names() []string {
	var names []string
	for _, m := range slices.Concat(oggFamilies.all, ociFamilies.all, pipelineFamilies.all) {
		names = append(names, m.name)
	}
	return names
}
