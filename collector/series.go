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

// amount is how much a sink has kept.
type amount struct{ series, bytes int }

// within reports whether the amount is at most that of so many series.
func (a amount) within(series int) bool {
	return series <= 0 || a.series <= series && a.bytes <= max(labelBytes*series, minLabelBytes)
}

// of returns the amount of the family with that rank.
func (to sink) of(rank int, unread map[string]int) amount {
	m := to.families.all[rank]
	return amount{m.series(len(to.kept[rank])) + unread[m.name], to.samples.bytes[rank]}
}

// limit drops the series above the bound, and sends how many each of the enabled
// collectors lost. unread is how many there are, by the names of their metrics, of what was
// not even read. It returns what was dropped, as drop does. If what is left is too much
// even so, it withholds everything, and returns an error.
func (to sink) limit(maxSeries int, enabled []Collector, unread map[string]int) (map[*metric]int, error) {
	dropped, err := to.drop(maxSeries, len(enabled), unread) // the series of seriesDropped
	if err != nil {
		to.withhold(dropped)
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
	return dropped, err
}

// drop drops whole families, the least important first, until the series, including this
// many more to come and those that were not read, are at most maxSeries, and the bytes of their
// labels in proportion, or only essential families are left. It returns how many series each
// dropped family had, and an error if those that are left exceed the hard limit.
func (to sink) drop(maxSeries, more int, unread map[string]int) (map[*metric]int, error) {
	total := amount{series: more}
	for rank := range to.families.all {
		one := to.of(rank, unread)
		total.series, total.bytes = total.series+one.series, total.bytes+one.bytes
	}
	dropped := map[*metric]int{}
	for rank, m := range slices.Backward(to.families.all) {
		if total.within(maxSeries) {
			break
		}
		if !to.families.essential(rank) {
			one := to.of(rank, unread)
			dropped[m] = one.series
			total.series, total.bytes = total.series-one.series, total.bytes-one.bytes
			to.kept[rank] = nil
		}
	}
	if hard := max(hardLimit*maxSeries, leastHard); maxSeries > 0 && !total.within(hard) {
		return dropped, fmt.Errorf("%d series that --scrape.max-series never drops, with %d bytes of labels, are too many: at most %d, with %d bytes", total.series, total.bytes, hard, max(labelBytes*hard, minLabelBytes))
	}
	return dropped, nil
}

// withhold drops everything that is left, and adds it to what was dropped.
func (to sink) withhold(dropped map[*metric]int) {
	for rank, m := range to.families.all {
		if n := m.series(len(to.kept[rank])); n > 0 {
			dropped[m] = n
		}
		to.kept[rank] = nil
	}
}
