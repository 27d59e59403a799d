package rest

import (
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// TestSparse: the buckets are those into which Prometheus's client library puts the same durations, at the ends of
// buckets, too; what is longer than the last bucket is in the last one.
func TestSparse(t *testing.T) {
	t.Parallel()
	theirs := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "took_seconds", Help: "Time.", NativeHistogramBucketFactor: 1.1, NativeHistogramZeroThreshold: SparseZero,
	})
	stats := NewStats("adminsrvr")
	count := func(took time.Duration) {
		stats.observe(200, took)
		theirs.Observe(took.Seconds())
	}
	count(0)
	for octave := -20; octave <= 11; octave++ {
		for _, end := range []float64{1, math.Exp2(.125), math.Exp2(.5)} {
			at := time.Duration(math.Exp2(float64(octave)) * end * 1e9)
			count(at - 1)
			count(at)
			count(at + 1)
		}
	}
	for range 1000 {
		count(time.Duration(rand.Int64N(int64(4096 * time.Second))))
	}
	want := nativeOf(t, theirs)
	got := stats.Snapshot()
	if !maps.Equal(got.Sparse, want) || got.SparseZeros == 0 {
		t.Errorf("got  %v\nwant %v", got.Sparse, want)
	}
	if n := total(got); n != got.Count {
		t.Errorf("%d are in buckets, of %d", n, got.Count)
	}
	for range 3 {
		stats.observe(0, math.MaxInt64)
	}
	if again := stats.Snapshot(); again.Sparse[12<<SparseSchema] != got.Sparse[12<<SparseSchema]+3 || len(again.Sparse) > 26<<SparseSchema {
		t.Errorf("after what lasts forever: %v", again.Sparse)
	}
}

// total returns how many durations are in the sparse buckets.
func total(s RequestStats) uint64 {
	n := int64(s.SparseZeros)
	for _, count := range s.Sparse {
		n += count
	}
	return uint64(n)
}

// nativeOf returns the populated buckets of a native histogram, by index.
func nativeOf(t *testing.T, of prometheus.Metric) map[int]int64 {
	t.Helper()
	var m dto.Metric
	if err := of.Write(&m); err != nil {
		t.Fatal(err)
	}
	h, all := m.GetHistogram(), map[int]int64{}
	if h.GetSchema() != SparseSchema || h.GetZeroThreshold() != SparseZero {
		t.Fatalf("the library's: schema %d, zero %g", h.GetSchema(), h.GetZeroThreshold())
	}
	at, n, deltas := 0, int64(0), h.GetPositiveDelta()
	for _, span := range h.GetPositiveSpan() {
		at += int(span.GetOffset())
		for range span.GetLength() {
			if n += deltas[0]; n > 0 {
				all[at] = n
			}
			at, deltas = at+1, deltas[1:]
		}
	}
	return all
}

// BenchmarkObserve is the counting of one request.
func BenchmarkObserve(b *testing.B) {
	stats := NewStats("adminsrvr")
	b.ReportAllocs()
	for b.Loop() {
		stats.observe(200, 20*time.Millisecond)
	}
}
