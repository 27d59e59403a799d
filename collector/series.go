package collector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var seriesDropped = newMetric("gauge", prometheus.GaugeValue, "ogg_scrape_series_dropped",
	"Series of the collector that this scrape dropped, or did not read, to stay within --scrape.max-series, 0 if none. Series of a metric that two collectors share count for the first.",
	[]string{"service_manager", "collector"})

// essentialEndings are the endings of the names of families that are never left out, in
// addition to those of always. A lag means nothing without its age, which shows whether
// it is frozen.
var essentialEndings = []string{"_up", "_status", "_lag_seconds", "_age_seconds"}

// essential reports whether the family with that rank is never left out.
func (f *families) essential(rank int) bool {
	return rank < f.always ||
		slices.ContainsFunc(essentialEndings, func(end string) bool { return strings.HasSuffix(f.all[rank].name, end) })
}

// series returns how many series this many samples of the family are.
func (m *metric) series(samples int) int {
	if m.typ == "histogram" {
		return samples * (len(ogg.DurationBuckets) + 3) // +Inf, sum and count
	}
	return samples
}

const (
	// labelBytes is how many bytes of label values there may be for each series of the bound, and
	// minLabelBytes how many there may be in any case.
	labelBytes    = 256
	minLabelBytes = 1 << 20
	// What is never dropped may be hardLimit times the bound, and leastHard series in any case, so
	// that a low bound can mean nothing but what is never dropped.
	hardLimit = 2
	leastHard = 10_000
)

// amount is how many series there are, and how many bytes their labels have.
type amount struct{ series, bytes int }

// plus returns the sum.
func (a amount) plus(other amount) amount {
	return amount{a.series + other.series, a.bytes + other.bytes}
}

// minus returns the difference.
func (a amount) minus(other amount) amount {
	return amount{a.series - other.series, a.bytes - other.bytes}
}

// within reports whether the amount is at most that of so many series.
func (a amount) within(series int) bool {
	return series <= 0 || a.series <= series && a.bytes <= max(labelBytes*series, minLabelBytes)
}

// bound is what a sink has got so far, and what of it was dropped. As a sum only grows, what is too
// much by now is too much at the end, so that it need not be kept until then.
type bound struct {
	maxSeries int
	total     amount
	of        []amount // by rank
	dropped   []bool   // by rank
	err       error    // what is never dropped exceeds the hard limit
	settled   bool     // whatever comes now has its place
}

func newBound(families, maxSeries int) *bound {
	return &bound{maxSeries: maxSeries, of: make([]amount, families), dropped: make([]bool, families)}
}

// hard returns how many series may be that are never dropped; 0 is no limit.
func (b *bound) hard() int {
	if b.maxSeries <= 0 {
		return 0
	}
	return max(hardLimit*b.maxSeries, leastHard)
}

// admits counts a sample of the family with that rank, and reports whether to keep it.
func (to sink) admits(rank, series, bytes int) bool {
	if to.bound.settled {
		return true
	}
	more := amount{series, bytes}
	to.bound.of[rank] = to.bound.of[rank].plus(more)
	if to.bound.dropped[rank] {
		return false
	}
	to.bound.total = to.bound.total.plus(more)
	if !to.bound.total.within(to.bound.maxSeries) && !to.families.essential(rank) {
		to.drop()
	}
	if !to.bound.total.within(to.bound.hard()) {
		to.drop()
	}
	return !to.bound.dropped[rank]
}

// drop drops whole families, the least important first, until what is left is within the bound or
// only essential families are left. If these exceed the hard limit, it drops them, too.
func (to sink) drop() {
	b := to.bound
	for rank := range slices.Backward(to.families.all) {
		if b.total.within(b.maxSeries) {
			return
		}
		if !to.families.essential(rank) {
			to.dropFamily(rank)
		}
	}
	if b.total.within(b.hard()) {
		return
	}
	b.err = fmt.Errorf("more than the %d series, or %d bytes of their labels, that may be left by --scrape.max-series", b.hard(), max(labelBytes*b.hard(), minLabelBytes))
	for rank := range to.families.all {
		to.dropFamily(rank)
	}
}

// dropFamily drops the family with that rank.
func (to sink) dropFamily(rank int) {
	if !to.bound.dropped[rank] {
		to.bound.dropped[rank], to.kept[rank] = true, nil
		to.bound.total = to.bound.total.minus(to.bound.of[rank])
	}
}

// limit drops the series above the bound, and sends how many each of the enabled
// collectors lost. unread is how many there are, by the names of their metrics, of what was
// not even read. It returns how many series each dropped family had. If what is left is far too
// much even so, nothing else is sent, and there is an error.
func (to sink) limit(enabled []Collector, unread map[string]int) (map[*metric]int, error) {
	for rank, m := range to.families.all {
		to.admits(rank, unread[m.name], 0)
	}
	dropped := to.settle(len(enabled)) // the series of seriesDropped
	if to.bound.err != nil {
		to.sample(up, 0)
	}
	counted := map[*metric]bool{}
	for _, c := range enabled {
		n := 0
		for _, m := range c.metrics {
			if !counted[m] {
				n += dropped[m]
				counted[m] = true
			}
		}
		to.sample(seriesDropped, float64(n), c.Name)
	}
	return dropped, to.bound.err
}

// settle drops what is too much with that many more series to come, which have their place then,
// and returns how many series each dropped family had.
func (to sink) settle(more int) map[*metric]int {
	b := to.bound
	b.total.series += more
	to.drop()
	b.settled = true
	dropped := map[*metric]int{}
	for rank, m := range to.families.all {
		if b.dropped[rank] {
			dropped[m] = b.of[rank].series
		}
	}
	return dropped
}
