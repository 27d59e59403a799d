package collector

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var seriesDropped = newMetric("gauge", prometheus.GaugeValue, "ogg_scrape_series_dropped",
	"Series of the collector that this scrape left out to stay within --scrape.max-series, 0 when none; those of a metric that two collectors share count for the first.",
	[]string{"service_manager", "collector"})

// families are all there are, the most important first, which is the order of
// METRICS.md: those of always, then those of each of Collectors, then those of
// Oracle Cloud.
var families = ranked()

// ranked lists all metrics, and notes in each its place in the list.
func ranked() []*metric {
	all := slices.Clone(always)
	for _, c := range Collectors {
		for _, m := range c.metrics {
			if !slices.Contains(all, m) { // two collectors share some
				all = append(all, m)
			}
		}
	}
	all = append(all, ociMetrics()...)
	for i, m := range all {
		m.rank = i
	}
	return all
}

// essentialEndings are how the names of the families end that are never left out,
// those of always beside them. A lag is nothing without its age, which tells
// whether it stands still.
var essentialEndings = []string{"_up", "_status", "_lag_seconds", "_age_seconds"}

// essential reports whether the family is never left out.
func (m *metric) essential() bool {
	return m.rank < len(always) ||
		slices.ContainsFunc(essentialEndings, func(end string) bool { return strings.HasSuffix(m.name, end) })
}

// series is how many series so many samples of the family are.
func (m *metric) series(samples int) int {
	if m.typ == "histogram" {
		return samples * (len(ogg.DurationBuckets) + 3) // +Inf, sum and count
	}
	return samples
}

// limit leaves out what is too much, and samples what that cost each of the enabled
// collectors.
func (to sink) limit(maxSeries int, enabled []Collector) {
	dropped := to.drop(maxSeries, len(enabled)) // the series of seriesDropped
	for _, c := range enabled {
		n := 0
		for _, m := range c.metrics {
			n += dropped[m.rank]
			dropped[m.rank] = 0 // counted
		}
		to.sample(seriesDropped, float64(n), c.Name)
	}
}

// drop leaves out whole families, the least important first, until the series, with
// so many more to come, are no more than maxSeries or only essential families are
// left. It returns how many series that cost, by rank.
func (to sink) drop(maxSeries, more int) (dropped []int) {
	total := more
	for i, m := range families {
		total += m.series(len(to.families[i]))
	}
	dropped = make([]int, len(families))
	for i, m := range slices.Backward(families) {
		if maxSeries <= 0 || total <= maxSeries {
			break
		}
		if !m.essential() {
			dropped[i] = m.series(len(to.families[i]))
			total -= dropped[i]
			to.families[i] = nil
		}
	}
	return dropped
}
