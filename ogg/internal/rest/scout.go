package rest

import (
	"context"
	"sync/atomic"
	"time"
)

// scout is a request that goes first, and whose outcome others wait for.
type scout struct {
	queued atomic.Pointer[chan struct{}] // closed when it no longer waits for its turn; nil if it does not
	back   chan struct{}                 // closed when the request has ended
	hasty  bool                          // it tries a dead service
	late   bool                          // others lost patience with it; guarded by Account.mu
}

func newScout(hasty bool) *scout { return &scout{back: make(chan struct{}), hasty: hasty} }

// queue notes that the request waits for its turn, until the function that it returns is called.
func (s *scout) queue() (end func()) {
	queued := make(chan struct{})
	s.queued.Store(&queued)
	return func() {
		s.queued.Store(nil)
		close(queued)
	}
}

// Other requests wait for a scout for at most scoutPatience, which is hastyPatience for one at
// a dead service, and at most 1/scoutShare of the remaining time, so that a short poll reaches
// the other services and routes too.
const (
	scoutPatience = time.Second
	hastyPatience = scoutPatience / 10
	scoutShare    = 4
)

func (s *scout) patience() time.Duration {
	if s.hasty {
		return hastyPatience
	}
	return scoutPatience
}

// waited reports whether done was closed in time: within patience, and within 1/scoutShare of
// the time that is left to ctx.
func waited(ctx context.Context, done <-chan struct{}, patience time.Duration) bool {
	share, cancelShare := ShareOf(ctx, scoutShare)
	defer cancelShare()
	limited, cancel := context.WithTimeout(share, patience)
	defer cancel()
	select {
	case <-done:
		return true
	case <-limited.Done():
		return false
	}
}

// ShareOf returns a context with 1/n of the time that is left to ctx, so that a service that
// hangs cannot use up all of it.
func ShareOf(ctx context.Context, n time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/n)
}
