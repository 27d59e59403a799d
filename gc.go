package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// How much garbage there may be before it is collected, in percent of the live heap. Collecting
// half as often saves CPU time, and costs little memory while the heap is small: garbageMost at
// most. From there on it is Go's default.
const (
	smallHeapPercent = 200
	largeHeapPercent = 100
	garbageMost      = 32 << 20
	percentStep      = 10 // a smaller change is not worth stopping the world
)

// gcTuner adapts how often garbage is collected to the size of the heap, which may grow
// tenfold within one scrape.
type gcTuner struct {
	percent int // now; only one collection at a time has its sentinel
	ended   atomic.Bool
}

// tuneGC adapts how often garbage is collected, until the function that it returns is called. If
// the environment says so itself, or there is a memory limit, nothing is adapted: near a limit
// Go collects more often by itself.
func tuneGC(env func(string) (string, bool)) (end func()) {
	if value, _ := env("GOGC"); value != "" || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		return func() {}
	}
	t := &gcTuner{}
	t.adapt()
	return func() { t.ended.Store(true) }
}

// gcSentinel is garbage by the time of the next collection.
type gcSentinel struct{ _ *gcTuner }

// adapt sets the percentage, and will do so again after the next collection.
func (t *gcTuner) adapt() {
	if t.ended.Load() {
		return
	}
	if percent := percentFor(liveHeap()); percent != t.percent {
		t.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.AddCleanup(&gcSentinel{}, (*gcTuner).adapt, t)
}

// liveHeap returns how many bytes the latest collection found to be in use.
func liveHeap() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

// percentFor returns the percentage for a live heap of so many bytes.
func percentFor(live uint64) int {
	const most = garbageMost * 100
	percent := most / max(live, most/smallHeapPercent) / percentStep * percentStep
	return max(int(percent), largeHeapPercent) //nolint:gosec // it is at most smallHeapPercent
}
