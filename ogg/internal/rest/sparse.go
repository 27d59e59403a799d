package rest

import (
	"math"
	"sort"
)

// The buckets of a native histogram of Prometheus, of which bucket i ends at 2^(i/8) seconds, as far as
// requests need them: their number is fixed, so that nothing that GoldenGate does makes them grow.
const (
	// SparseSchema says that 2^3 buckets lead from one power of 2 to the next: each ends 9% later than the one before.
	SparseSchema = 3
	// SparseZero is how many seconds count as none: 61 µs.
	SparseZero = 1. / (1 << 14)

	sparseFirst = -14<<SparseSchema + 1 // the bucket that begins at SparseZero
	sparseLast  = 12 << SparseSchema    // the one that ends at 4096 s, and has whatever takes longer
)

// sparseEnds are the ends of the buckets between 1/2 and 1, except for the last.
var sparseEnds = [1 << SparseSchema]float64{
	.5, .5452538663326288, .5946035575013605, .6484197773255048,
	.7071067811865475, .7711054127039704, .8408964152537144, .9170040432046711,
}

// sparse counts durations in the buckets of a native histogram.
type sparse struct {
	zero    uint64
	buckets [sparseLast - sparseFirst + 1]int64
}

// observe counts a duration.
func (s *sparse) observe(seconds float64) {
	if seconds <= SparseZero {
		s.zero++
		return
	}
	fraction, exponent := math.Frexp(seconds)
	bucket := sort.SearchFloat64s(sparseEnds[:], fraction) + (exponent-1)<<SparseSchema
	s.buckets[min(bucket, sparseLast)-sparseFirst]++
}

// counts returns the buckets that have counted something.
func (s *sparse) counts() map[int]int64 {
	all := map[int]int64{}
	for i, n := range s.buckets {
		if n > 0 {
			all[sparseFirst+i] = n
		}
	}
	return all
}
