package ogg

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// flights are the polls of a client that are under way, and the scrapes that wait for them.
type flights struct {
	mu  sync.Mutex
	all []*flight
}

// flight is a poll under way.
type flight struct {
	collectors []string
	ctx        context.Context // of the poll
	cancel     context.CancelCauseFunc
	done       chan struct{}
	inst       *Installation // when done is closed
	waiting    int           // scrapes that have not left; guarded by flights.mu
}

// pollFunc polls for the collectors until the context ends.
type pollFunc func(ctx context.Context, collectors []string) *Installation

// wait returns what a poll for the collectors found, one that is under way where there is
// one, and else a new one, which lasts no longer than timeout. It returns nil when the
// context ends and the poll goes on for other scrapes.
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
	<-f.done // what is ready is served
	return f.inst
}

// board returns a flight that reads what the collectors need, a new one where none is under
// way.
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

// leave notes that a scrape's time is up, or that it has gone. It reports true where the
// flight goes on for others; otherwise the flight ends now.
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

// unlist lets nobody board the flight any more. The caller holds fs.mu.
func (fs *flights) unlist(f *flight) {
	fs.all = slices.DeleteFunc(fs.all, func(o *flight) bool { return o == f })
}

// land ends a flight: its waiters have their answer.
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
