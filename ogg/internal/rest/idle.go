package rest

import (
	"sync"
	"time"
)

// Idle connections are closed after idleIntervals without a poll, but not before idleLeast, so that
// polls in quick succession do not close what the next scrape needs. idleMost is the longest that
// a single connection stays open without use.
const (
	idleIntervals = 2
	idleLeast     = 30 * time.Second
	idleMost      = 5 * time.Minute
)

// idle closes the idle connections of a pool that is not polled any more.
type idle struct {
	mu       sync.Mutex
	last     time.Time     // poll
	interval time.Duration // between polls; 0 after the first
	timer    *time.Timer   // nil while the interval is unknown
	ended    bool
}

// poll marks the start of a poll.
func (i *idle) poll(closeIdle func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	if i.ended {
		return
	}
	if i.last.IsZero() {
		i.last = now
		return // how soon the next comes is not known; idleMost counts
	}
	// With several jobs, two polls may follow each other closely, and then none for a while: the
	// longest interval counts, and is forgotten slowly.
	i.interval, i.last = max(now.Sub(i.last), i.interval/10*9), now
	wait := min(max(idleIntervals*i.interval, idleLeast), idleMost)
	if i.timer == nil {
		i.timer = time.AfterFunc(wait, closeIdle)
		return
	}
	i.timer.Reset(wait)
}

// end closes nothing any more: a timer would keep the pool in memory.
func (i *idle) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	if i.timer != nil {
		i.timer.Stop()
	}
}
