package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

// source is what is read for some metrics alone.
type source struct {
	reads   []string // a collector, or points of the Performance Metrics Service
	metrics []*metric
	// shared are metrics that come from elsewhere, too: only if they are dropped as well, there
	// is nothing to read.
	shared []*metric
}

// leftOut returns what need not be read as long as these families are dropped: the sources of
// which every metric is.
func leftOut(sources []source, dropped map[*metric]int) ogg.LeftOut {
	out := ogg.LeftOut{Series: map[string]int{}}
	for _, s := range sources {
		if !allDropped(s.metrics, dropped) || !allDropped(s.shared, dropped) {
			continue
		}
		out.Reads = append(out.Reads, s.reads...)
		for _, m := range s.metrics {
			out.Series[m.name] = dropped[m]
		}
	}
	return out
}

func allDropped(metrics []*metric, dropped map[*metric]int) bool {
	for _, m := range metrics {
		if _, is := dropped[m]; !is {
			return false
		}
	}
	return true
}
