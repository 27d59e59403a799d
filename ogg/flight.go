package ogg

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// flights are the polls in progress of a client, and the scrapes that wait for them.
type flights struct {
	mu  sync.Mutex
	all []*flight
}

// flight is a poll in progress.
type flight struct {
	collectors []string
	ctx        context.Context // of the poll
	cancel     context.CancelCauseFunc
	done       chan struct{}
	inst       *Installation // set before done is closed
	waiting    int           // scrapes that have not left; guarded by flights.mu
}

// pollFunc polls for the collectors until the context ends.
type pollFunc func(ctx context.Context, collectors []string) *Installation

// wait returns the result of a poll for the collectors: of one in progress if possible, or of
// a new one, which takes at most timeout. It returns nil if the context ends while the poll
// continues for other scrapes.
func (fs *flights) wait(ctx context.Context, collectors []string, timeout time.Duration, poll pollFunc) *Installation {
	f := fs.board(ctx, collectors, timeout, poll)
	select {
	case <-f.done:
		return f.inst
	case <-ctx.Done():
	}
	if fs.leave(f, context.Cause(ctx)) {
		return nil
	}
	<-f.done // return what has been read so far
	return f.inst
}

// board returns a flight that reads what the collectors need, starting one if necessary.
func (fs *flights) board(ctx context.Context, collectors []string, timeout time.Duration, poll pollFunc) *flight {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.all {
		if f.ctx.Err() == nil && includes(f.collectors, collectors) {
			f.waiting++
			return f
		}
	}
	f := &flight{collectors: collectors, done: make(chan struct{}), waiting: 1}
	deadline := time.Now().Add(timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	limited, stop := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	f.ctx, f.cancel = context.WithCancelCause(limited)
	fs.all = append(fs.all, f)
	go func() {
		defer stop()
		defer f.cancel(nil)
		defer fs.land(f)
		f.inst = poll(f.ctx, collectors)
	}()
	return f
}

// leave notes that a scrape has run out of time or was cancelled. It reports true if the
// flight continues for others; otherwise it ends the flight.
func (fs *flights) leave(f *flight, cause error) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.waiting--; f.waiting > 0 && errors.Is(cause, context.Canceled) {
		return true
	}
	f.cancel(cause)
	fs.unlist(f)
	return false
}

// unlist closes the flight to further scrapes. The caller holds fs.mu.
func (fs *flights) unlist(f *flight) {
	fs.all = slices.DeleteFunc(fs.all, func(o *flight) bool { return o == f })
}

// land ends a flight: its scrapes have their answer.
func (fs *flights) land(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.unlist(f)
	close(f.done)
}

// includes reports whether a poll for these collectors reads what others need; nil is
// everything.
func includes(collectors, others []string) bool {
	if collectors == nil || others == nil {
		return collectors == nil
	}
	return !slices.ContainsFunc(others, func(name string) bool { return !slices.Contains(collectors, name) })
}
