package rest

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Turns limits the requests in flight to all services of a Service Manager together, which are often
// on one host. Part of them is for services that have none in flight: those that hang, and keep all
// that they can get, do not hold up the others. A nil Turns has no limit.
type Turns struct {
	most int

	mu       sync.Mutex
	services int // that there are
	inFlight int
	more     int     // of those in flight, beyond the first of each service
	waiting  []*turn // in the order in which they came
}

// NewTurns returns a limit of so many requests; 0 is none.
func NewTurns(most int) *Turns {
	if most == 0 {
		return nil
	}
	return &Turns{most: most}
}

// SetServices says how many services there are: for each one turn is kept, but for all of them not
// more than a quarter, because most services have few requests and some have many.
func (t *Turns) SetServices(n int) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.services = n
	t.dispatch()
}

// share is what a service has of the Turns: its requests in flight. Turns.mu guards it.
type share struct{ inFlight int }

// turn is what a request needs to be in flight. Its zero value needs nothing.
type turn struct {
	of    *Turns
	share *share
	held  bool
	given chan struct{} // closed when one that waits gets its turn
}

// take waits for the turn. Whoever takes it has to give it back. The error is the context's.
func (r *turn) take(ctx context.Context) error {
	if r.of == nil || r.of.tryTake(r) {
		return nil
	}
	select {
	case <-r.given:
		return nil
	case <-ctx.Done():
		r.giveBack()
		return fmt.Errorf("not sent: %w", context.Cause(ctx))
	}
}

// giveBack gives the turn back, if it is held, or ends the wait for it.
func (r *turn) giveBack() {
	if r.of == nil {
		return
	}
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if !r.held {
		r.of.waiting = slices.DeleteFunc(r.of.waiting, func(o *turn) bool { return o == r })
		return
	}
	r.held = false
	r.of.inFlight--
	r.share.inFlight--
	if r.share.inFlight > 0 {
		r.of.more--
	}
	r.of.dispatch()
}

// tryTake reports whether the request has its turn at once. Otherwise it waits from now on.
func (t *Turns) tryTake(r *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hasRoom(r.share) {
		t.give(r)
		return true
	}
	r.given = make(chan struct{})
	t.waiting = append(t.waiting, r)
	return false
}

// hasRoom reports whether a service may have one more request in flight.
func (t *Turns) hasRoom(s *share) bool {
	return t.inFlight < t.most && (s.inFlight == 0 || t.more < t.most-min(t.services, (t.most+3)/4))
}

// give gives the request its turn.
func (t *Turns) give(r *turn) {
	if r.share.inFlight > 0 {
		t.more++
	}
	t.inFlight++
	r.share.inFlight++
	r.held = true
}

// dispatch gives the free turns to those that wait: first to services that have none in flight.
func (t *Turns) dispatch() {
	for len(t.waiting) > 0 {
		i := max(0, slices.IndexFunc(t.waiting, func(r *turn) bool { return r.share.inFlight == 0 }))
		next := t.waiting[i]
		if !t.hasRoom(next.share) {
			return
		}
		t.waiting = slices.Delete(t.waiting, i, i+1)
		t.give(next)
		close(next.given)
	}
}
