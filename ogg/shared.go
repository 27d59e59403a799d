package ogg

import (
	"context"
	"errors"
	"slices"
	"time"
)

// flight is a poll under way and the scrapes that wait for it.
type flight struct {
	collectors []string
	ctx        context.Context // of the poll
	cancel     context.CancelCauseFunc
	done       chan struct{}
	inst       *Installation // when done is closed
	waiting    int           // scrapes that have not left; guarded by Client.mu
}

// Poll reads the installation, of it what the collectors need, or everything that
// the client is configured for if none is named. It ends at the configured timeout
// or the context's deadline, where that is sooner, and always returns an
// Installation: what could be read is in it, and what failed is named in it.
//
// Calls that overlap share one poll, and with it the requests. It ends when the
// first of them has to be answered. One whose context is cancelled gives up, and
// the poll goes on for the others; with the last one it ends.
func (c *Client) Poll(ctx context.Context, collectors ...string) *Installation {
	if len(collectors) == 0 {
		collectors = c.options.Collectors
	}
	if traceOf(ctx) != nil {
		limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
		defer cancel()
		return c.poll(limited, collectors)
	}
	f := c.board(ctx, collectors)
	select {
	case <-f.done:
		return f.inst
	case <-ctx.Done():
	}
	if c.leave(f, context.Cause(ctx)) {
		return &Installation{ServiceManager: c.config.Name, Begin: time.Now(), Err: ctx.Err()}
	}
	<-f.done // what is ready is served
	return f.inst
}

// board returns a flight that reads what the collectors need, a new one where none
// is under way.
func (c *Client) board(ctx context.Context, collectors []string) *flight {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.flights {
		if f.ctx.Err() == nil && includes(f.collectors, collectors) {
			f.waiting++
			return f
		}
	}
	f := &flight{collectors: collectors, done: make(chan struct{}), waiting: 1}
	deadline := time.Now().Add(c.config.Timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	limited, stop := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	f.ctx, f.cancel = context.WithCancelCause(limited)
	c.flights = append(c.flights, f)
	go func() {
		defer stop()
		defer f.cancel(nil)
		f.inst = c.poll(f.ctx, collectors)
		c.land(f)
	}()
	return f
}

// leave says that a scrape's time is up, or that it has gone. It reports true where
// the flight goes on for others; else that ends now.
func (c *Client) leave(f *flight, cause error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting > 0 && errors.Is(cause, context.Canceled) {
		return true
	}
	f.cancel(cause)
	c.unlist(f)
	return false
}

// unlist lets nobody board the flight any more. The caller holds c.mu.
func (c *Client) unlist(f *flight) {
	c.flights = slices.DeleteFunc(c.flights, func(o *flight) bool { return o == f })
}

// land ends a flight: its waiters have their answer.
func (c *Client) land(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unlist(f)
	close(f.done)
}

// includes reports whether a poll for these collectors reads what others need; nil
// is everything.
func includes(collectors, others []string) bool {
	if collectors == nil || others == nil {
		return collectors == nil
	}
	return !slices.ContainsFunc(others, func(name string) bool { return !slices.Contains(collectors, name) })
}
