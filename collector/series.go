package collector

import (
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

// limit drops the series above the bound, and sends how many each of the enabled
// collectors lost. unread is how many there are, by the names of their metrics, of what was
// not even read. It returns what was dropped, as drop does.
func (to sink) limit(maxSeries int, enabled []Collector, unread map[string]int) map[*metric]int {
	dropped := to.drop(maxSeries, len(enabled), unread) // the series of seriesDropped
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
	return dropped
}

// drop drops whole families, the least important first, until the series, including this
// many more to come and those that were not read, are at most maxSeries or only essential
// families are left. It returns how many series each dropped family had.
func (to sink) drop(maxSeries, more int, unread map[string]int) map[*metric]int {
	total := more
	for rank, m := range to.families.all {
		total += m.series(len(to.kept[rank])) + unread[m.name]
	}
	dropped := map[*metric]int{}
	for rank, m := range slices.Backward(to.families.all) {
		if maxSeries <= 0 || total <= maxSeries {
			break
		}
		if !to.families.essential(rank) {
			dropped[m] = m.series(len(to.kept[rank])) + unread[m.name]
			total -= dropped[m]
			to.kept[rank] = nil
		}
	}
	return dropped
}
