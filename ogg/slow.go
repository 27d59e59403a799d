package ogg

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// slowFact is something that seldom changes. It is read once in an interval and kept between
// polls; after a failure it is read again after growing waits. The zero value is due.
type slowFact[T any] struct {
	// reading is held by the poll that reads, and guards next and wait. Other polls use what
	// is known.
	reading sync.Mutex
	next    time.Time
	wait    wire.Wait

	mu     sync.Mutex
	latest slowRead[T]
}

// slowRead is the outcome of a read: what is known since, whether there was anything to read, and
// what failed or was odd.
type slowRead[T any] struct {
	known T
	asked bool
	err   error
}

// read returns the outcome of the latest read, which is one by from if that is due, unless the poll
// is hurried. From gets what was known before, and returns what is known now.
func (f *slowFact[T]) read(ctx context.Context, v *visit, interval time.Duration,
	from func(ctx context.Context, v *visit, before T) (T, bool, error),
) (T, bool, error) {
	if !v.hurried && f.reading.TryLock() {
		if now := v.options.Now(); f.wait.Over(now) && !now.Before(f.next) {
			f.refresh(ctx, v, interval, from)
		}
		f.reading.Unlock()
	}
	r := f.outcome()
	return r.known, r.asked, r.err
}

// refresh reads. It ignores the outcome if the poll was abandoned.
func (f *slowFact[T]) refresh(ctx context.Context, v *visit, interval time.Duration,
	from func(ctx context.Context, v *visit, before T) (T, bool, error),
) {
	within, odd := rest.WithOddities(ctx)
	known, asked, err := from(within, v, f.outcome().known)
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return
	}
	if err = wire.Join(err, odd.Err()); err != nil {
		f.wait.Grow(v.options.Now())
	} else {
		f.next, f.wait = v.options.Now().Add(interval), wire.Wait{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latest = slowRead[T]{known, asked, err}
}

// outcome returns that of the latest read.
func (f *slowFact[T]) outcome() slowRead[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.latest
}
