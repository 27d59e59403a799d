package collector

import (
	"fmt"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

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
	families  *families
	kept      []list // by rank; those of the sink
	maxSeries int
	total     amount
	of        []amount // by rank
	dropped   []bool   // by rank
	err       error    // what is never dropped exceeds the hard limit
	settled   bool     // whatever comes now has its place
}

func newBound(of *families, kept []list, maxSeries int) *bound {
	n := len(of.all)
	return &bound{families: of, kept: kept, maxSeries: maxSeries, of: make([]amount, n), dropped: make([]bool, n)}
}

// hard returns how many series may be that are never dropped; 0 is no limit.
func (b *bound) hard() int {
	if b.maxSeries <= 0 {
		return 0
	}
	return max(hardLimit*b.maxSeries, leastHard)
}

// admits counts a sample of the family with that rank, and reports whether to keep it.
func (b *bound) admits(rank, series, bytes int) bool {
	if b.settled {
		return true
	}
	more := amount{series, bytes}
	b.of[rank] = b.of[rank].plus(more)
	if b.dropped[rank] {
		return false
	}
	b.total = b.total.plus(more)
	if !b.total.within(b.maxSeries) && !b.families.essential(rank) {
		b.drop()
	}
	if !b.total.within(b.hard()) {
		b.drop()
	}
	return !b.dropped[rank]
}

// drop drops whole families, the least important first, until what is left is within the bound or
// only essential families are left. If these exceed the hard limit, it drops them, too.
func (b *bound) drop() {
	for rank := range slices.Backward(b.families.all) {
		if b.total.within(b.maxSeries) {
			return
		}
		if !b.families.essential(rank) {
			b.dropFamily(rank)
		}
	}
	if b.total.within(b.hard()) {
		return
	}
	b.err = fmt.Errorf("more than the %d series, or %d bytes of their labels, that may be left by --scrape.max-series", b.hard(), max(labelBytes*b.hard(), minLabelBytes))
	for rank := range b.families.all {
		b.dropFamily(rank)
	}
}

// dropFamily drops the family with that rank.
func (b *bound) dropFamily(rank int) {
	if !b.dropped[rank] {
		b.dropped[rank], b.kept[rank] = true, list{}
		b.total = b.total.minus(b.of[rank])
	}
}
