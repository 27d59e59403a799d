package collector

import (
	"slices"
	"strings"
)

// families are the metrics that a sink can hold, the most important first, which is the
// order of METRICS.md. They never change.
type families struct {
	all    []*metric
	always int             // this many, from the first, are never left out
	ranks  map[*metric]int // index in all
}

// familiesOf ranks the metrics, each where it first appears.
func familiesOf(listed []*metric, always int) *families {
	f := &families{always: always, ranks: make(map[*metric]int, len(listed))}
	for _, m := range listed {
		if _, known := f.ranks[m]; !known { // two collectors can share a metric
			f.ranks[m] = len(f.all)
			f.all = append(f.all, m)
		}
	}
	return f
}

// essentialEndings are the endings of the names of families that are never left out, in
// addition to those of always. A lag means nothing without its age, which shows whether
// it is frozen.
var essentialEndings = []string{"_up", "_status", "_lag_seconds", "_age_seconds"}

// essential reports whether the family with that rank is never left out.
func (f *families) essential(rank int) bool {
	return rank < f.always ||
		slices.ContainsFunc(essentialEndings, func(end string) bool { return strings.HasSuffix(f.all[rank].name, end) })
}
