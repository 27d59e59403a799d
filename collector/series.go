package collector

import "github.com/prometheus/client_golang/prometheus"

var seriesDropped = newMetric("gauge", prometheus.GaugeValue, "ogg_scrape_series_dropped",
	"Series of the collector that this scrape dropped, or did not read, to stay within --scrape.max-series, 0 if none. Series of a metric that two collectors share count for the first.",
	[]string{"service_manager", "collector"})

// limit drops the series above the bound, and sends how many each of the enabled
// collectors lost. unread is how many there are, by the names of their metrics, of what was
// not even read. It returns how many series each dropped family had. If what is left is far too
// much even so, nothing else is sent, and there is an error.
func (to sink) limit(enabled []Collector, unread map[string]int) (map[*metric]int, error) {
	for rank, m := range to.families.all {
		to.bound.admits(rank, unread[m.name], 0)
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
	b.drop()
	b.settled = true
	dropped := map[*metric]int{}
	for rank, m := range to.families.all {
		if b.dropped[rank] {
			dropped[m] = b.of[rank].series
		}
	}
	return dropped
}
