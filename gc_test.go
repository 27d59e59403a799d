package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// gcPercent returns the percentage in force.
func gcPercent() int {
	now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(now)
	return int(now[0].Value.Uint64())
}

// restoreGC restores what the test changes for the whole process.
func restoreGC(t *testing.T) {
	t.Helper()
	percent, limit := debug.SetGCPercent(150), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
}

// environment returns a lookup in variables.
func environment(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, is := variables[name]
		return value, is
	}
}

// TestGC: a small heap is collected half as often as a large one. That follows each collection,
// so also within one scrape.
//
//nolint:paralleltest // the percentage is that of the process
func TestGC(t *testing.T) {
	restoreGC(t)
	defer tuneGC(environment(map[string]string{"GOGC": ""}))()
	expect := func(when string, want int) {
		t.Helper()
		for range 1000 {
			if gcPercent() == want {
				return
			}
			runtime.GC()
			runtime.Gosched()
		}
		t.Errorf("%s: %d percent, want %d", when, gcPercent(), want)
	}
	expect("at the start", smallHeapPercent)
	var live [][]byte
	for gcPercent() != largeHeapPercent {
		if len(live) > 512<<10 {
			t.Fatalf("still %d percent with %d MiB", gcPercent(), len(live)>>10)
		}
		live = append(live, make([]byte, 1<<10)) // small, as in a scrape
	}
	expect("at the limit", largeHeapPercent)
	runtime.KeepAlive(live)
	expect("when it has shrunk", smallHeapPercent)
}

// TestGCSteps: garbage is at most 32 MiB as long as the live heap is less than that.
func TestGCSteps(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 200, 16 << 20: 200, 20 << 20: 160, 31 << 20: 100, 32 << 20: 100, 1 << 40: 100} {
		if got := percentFor(live); got != want {
			t.Errorf("%d MiB: %d percent, want %d", live>>20, got, want)
		}
	}
}

// TestGCConfigured: what the environment or a memory limit says is not overridden.
//
//nolint:paralleltest // as above
func TestGCConfigured(t *testing.T) {
	restoreGC(t)
	tuneGC(environment(map[string]string{"GOGC": "150"}))()
	if got := gcPercent(); got != 150 {
		t.Errorf("with GOGC: %d percent", got)
	}
	debug.SetMemoryLimit(math.MaxInt64 - 1)
	tuneGC(environment(nil))()
	if got := gcPercent(); got != 150 {
		t.Errorf("with a memory limit: %d percent", got)
	}
}
