package collector

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// Turns bounds the scrapes that make samples and write them at once: many scrapes that share a
// poll get its answers at the same time, and the samples of one take several times the memory
// of its exposition. Meanwhile nothing is read and no client is waited for, so that a turn is
// a matter of the processor alone.
type Turns struct {
	early *semaphore.Weighted // of scrapes that make samples of each poll when it has ended
	late  *semaphore.Weighted // of those that begin when all have
}

// NewTurns returns a bound of n scrapes, and of as many again whose polls have all ended.
func NewTurns(n int64) *Turns {
	return &Turns{early: semaphore.NewWeighted(n), late: semaphore.NewWeighted(n)}
}

// begin returns what a scrape calls when each of its polls has ended, which waits for its turn, and
// what it calls at the end. A scrape that finds no early turn waits for all of its polls first:
// otherwise one slow Service Manager would hold the turns of other scrapes.
func (t *Turns) begin(ctx context.Context, polls int) (end, polled func()) {
	if t == nil || polls == 0 {
		return func() {}, func() {}
	}
	if t.early.TryAcquire(1) {
		return func() { t.early.Release(1) }, func() {}
	}
	var left sync.WaitGroup
	left.Add(polls)
	taken := sync.OnceFunc(func() { _ = t.late.Acquire(context.WithoutCancel(ctx), 1) }) // which comes soon
	polled = func() {
		left.Done()
		left.Wait()
		taken()
	}
	return func() { t.late.Release(1) }, polled
}
