package collector

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// Gatherer is a prometheus.Gatherer of samples that are right by the way they are made: it does
// not check each of them as a registry does, only that none occurs twice.
type Gatherer struct {
	collect func(take func(*kept))
	own     prometheus.Gatherer // of other metrics; nil if there are none
}

// Gatherer returns the Gatherer of the scrape, and of other metrics, in which no name of this
// package's may occur; own may be nil.
func (s *Scrape) Gatherer(own prometheus.Gatherer) *Gatherer { return &Gatherer{s.collect, own} }

// GathererOf returns the Gatherer of one installation that was polled before.
func GathererOf(inst *ogg.Installation, o Options) *Gatherer {
	return &Gatherer{collect: func(take func(*kept)) {
		made, _, _ := exportTo(inst, o)
		take(made)
	}}
}

// Gather implements prometheus.Gatherer.
func (g *Gatherer) Gather() ([]*dto.MetricFamily, error) {
	var all []*dto.MetricFamily
	err := g.gather(func(family *dto.MetricFamily) *messages {
		all = append(all, family)
		return &messages{}
	})
	return all, err
}

// Each calls do with one family after the other, in the order of their names, and returns what
// Gather returns as error. A family is valid until do returns: the next one is made in its memory.
func (g *Gatherer) Each(do func(*dto.MetricFamily)) error {
	var reused messages
	return g.gather(func(family *dto.MetricFamily) *messages {
		do(family)
		return &reused
	})
}

// gather calls do with each family. do returns the memory for the next one.
func (g *Gatherer) gather(do func(*dto.MetricFamily) *messages) error {
	var errs prometheus.MultiError
	ours := g.collected(&errs)
	others := g.others(&errs)
	names := slices.Sorted(maps.Keys(others))
	for name := range ours {
		names = append(names, name)
	}
	slices.Sort(names)
	in := &messages{}
	for _, name := range slices.Compact(names) {
		family := others[name]
		if f := ours[name]; f != nil {
			if family != nil {
				errs.Append(fmt.Errorf("two sources have metrics named %q; those of Service Managers and Oracle Cloud are served", name))
			}
			family = f.in(in, &errs)
			delete(ours, name)
		}
		if len(family.GetMetric()) > 0 {
			in = do(family)
		}
	}
	return errs.MaybeUnwrap()
}

// family is what all sinks have kept of one family.
type family struct {
	of    *metric
	lists []list
	n     int     // of all lists
	one   [1]list // memory of lists: most families have one
}

// collected collects, and returns the families by name.
func (g *Gatherer) collected(errs *prometheus.MultiError) map[string]*family {
	var mu sync.Mutex
	all := map[string]*family{}
	g.collect(func(made *kept) {
		mu.Lock()
		defer mu.Unlock()
		for rank, l := range made.lists {
			n := l.n + len(l.histograms)
			if n == 0 {
				continue
			}
			m := made.families.all[rank]
			if all[m.name] == nil {
				f := &family{of: m}
				f.lists = f.one[:0]
				all[m.name] = f
			}
			all[m.name].lists = append(all[m.name].lists, l)
			all[m.name].n += n
		}
		for _, failed := range made.failed {
			errs.Append(fmt.Errorf("metric left out: %v: %w", failed.Desc(), failed.Write(&dto.Metric{})))
		}
	})
	return all
}

// others returns the families of the other metrics by name.
func (g *Gatherer) others(errs *prometheus.MultiError) map[string]*dto.MetricFamily {
	if g.own == nil {
		return nil
	}
	families, err := g.own.Gather()
	errs.Append(err)
	all := make(map[string]*dto.MetricFamily, len(families))
	for _, f := range families {
		all[f.GetName()] = f
	}
	return all
}

// in returns the message of the family, made in that memory.
func (f *family) in(memory *messages, errs *prometheus.MultiError) *dto.MetricFamily {
	memory.fit(f.of, f.n)
	list := memory.list[:0]
	for _, l := range f.lists {
		for s := l.first; s != nil; s = s.next {
			at := len(list)
			memory.fill(&memory.metrics[at], f.of, at, s)
			list = append(list, &memory.metrics[at])
		}
		for _, h := range l.histograms {
			out := &dto.Metric{}
			if err := h.Write(out); err != nil {
				errs.Append(err)
				continue
			}
			list = append(list, out)
		}
	}
	return &dto.MetricFamily{
		Name: &f.of.name, Help: &f.of.help, Type: f.of.protobufType().Enum(), Unit: f.of.unit,
		Metric: f.sorted(list, errs),
	}
}

// sorted sorts samples by the values of their labels. Of duplicates it keeps the first.
func (f *family) sorted(list []*dto.Metric, errs *prometheus.MultiError) []*dto.Metric {
	if slices.IsSortedFunc(list, func(a, b *dto.Metric) int { return cmp.Or(byLabels(a, b), -1) }) {
		return list
	}
	slices.SortStableFunc(list, byLabels)
	var first *dto.Metric
	more := 0
	list = slices.CompactFunc(list, func(a, b *dto.Metric) bool {
		if byLabels(a, b) != 0 {
			return false
		}
		if more++; first == nil {
			first = a
		}
		return true
	})
	if first != nil {
		errs.Append(fmt.Errorf("metric %q has %[3]d duplicates, of which the first is served, such as { %[2]s}", f.of.name, first, more))
	}
	return list
}

// byLabels compares two samples of one family by the values of their labels, of which most are
// shared.
func byLabels(a, b *dto.Metric) int {
	for i, pair := range a.Label {
		if other := b.Label[i]; pair != other {
			if c := strings.Compare(*pair.Value, *other.Value); c != 0 {
				return c
			}
		}
	}
	return 0
}
