package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/server"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// readOnce reads everything once and prints the exposition, or with --print-cardinality how large it is.
func (f *flags) readOnce(ctx context.Context, c *config.Config, options server.Options, stdout io.Writer) error {
	options.Serving = make(chan struct{}) // never closed: nothing is read in the background
	s, err := server.New(ctx, c, options)
	if err != nil {
		return err
	}
	defer s.Close()
	if f.cardinality {
		sizes := newCardinality()
		if err := s.Once(ctx, sizes.add); err != nil {
			return fmt.Errorf("--print-cardinality: %w", err)
		}
		if err := sizes.write(stdout); err != nil || sizes.complete {
			return err
		}
		return errors.New("--print-cardinality: not everything could be read, so there may be more series")
	}
	encoder := expfmt.NewEncoder(stdout, expfmt.NewFormat(expfmt.TypeTextPlain))
	var encoded error
	err = s.Once(ctx, func(family *dto.MetricFamily) {
		if err := encoder.Encode(family); encoded == nil { // the rest says the same, as of a full disk
			encoded = err
		}
	})
	if err := errors.Join(err, encoded); err != nil {
		return fmt.Errorf("--once: %w", err)
	}
	return nil
}

// cardinality counts the metrics and series of an exposition.
type cardinality struct {
	metrics, series map[string]int // by collector
	managers        map[string]int // series by Service Manager
	complete        bool           // nothing says that something could not be read
}

func newCardinality() *cardinality {
	return &cardinality{map[string]int{}, map[string]int{}, map[string]int{}, true}
}

// add counts a metric family.
func (c *cardinality) add(family *dto.MetricFamily) {
	name := cmp.Or(collector.Of(family.GetName()), "(always)")
	c.metrics[name]++
	for _, m := range family.GetMetric() {
		n := seriesOf(m)
		if slices.Contains(successes, family.GetName()) && m.GetGauge().GetValue() == 0 {
			c.complete = false
		}
		c.series[name] += n
		for _, pair := range m.GetLabel() {
			if pair.GetName() == "service_manager" {
				c.managers[pair.GetValue()] += n
			}
		}
	}
}

// successes are the metrics that are 0 where something could not be read.
var successes = []string{"ogg_up", "ogg_scrape_collector_success", "ogg_oci_up", "ogg_oci_read_success"}

// seriesOf returns how many series Prometheus makes of a metric: of a histogram one for each bucket, one
// for all above, the sum and the count.
func seriesOf(m *dto.Metric) int {
	if h := m.GetHistogram(); h != nil {
		return len(h.GetBucket()) + 3
	}
	return 1
}

// write prints the counts as tables, the largest first.
func (c *cardinality) write(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	metrics, series := 0, 0
	fmt.Fprintln(w, "COLLECTOR\tMETRICS\tSERIES")
	for _, name := range largest(c.series) {
		fmt.Fprintf(w, "%s\t%d\t%d\n", name, c.metrics[name], c.series[name])
		metrics, series = metrics+c.metrics[name], series+c.series[name]
	}
	fmt.Fprintf(w, "total\t%d\t%d\n\nSERVICE MANAGER\tSERIES\n", metrics, series)
	for _, name := range largest(c.managers) {
		fmt.Fprintf(w, "%s\t%d\n", wire.Line(name), c.managers[name])
	}
	return w.Flush()
}

// largest returns the keys, those of the largest numbers first.
func largest(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}
