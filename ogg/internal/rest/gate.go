package rest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync"
	"time"
)

// gate decides for each request to a service whether it is sent: as it comes, as
// the scout whose answer the others wait for, or not at all. A scout goes first
// where it is not known whether the service takes the user, so that a wrong
// password is one failed login and not one for each request, and whether it
// answers at all.
type gate struct {
	mu      sync.Mutex
	scout   *scout // nil when none is out
	login   login
	circuit circuit
}

// scout is a request that goes first.
type scout struct {
	back chan struct{} // closed when it has its answer
	// hasty is whether it tries a dead service: it gets a short time and is not
	// repeated.
	hasty bool
}

// pass is the leave to send one request.
type pass struct {
	route string
	scout *scout // nil where it is none
}

// isHasty reports whether the request is the one that tries a dead service.
func (p pass) isHasty() bool { return p.scout != nil && p.scout.hasty }

// enter waits until the request may be sent, for a scout that does not come back
// only so long: it may be that route alone that hangs. Its errors are
// *BlockedError, ErrSilent and the context's.
func (g *gate) enter(ctx context.Context, route string) (pass, error) {
	p, scout, err := g.decide(route)
	if scout == nil {
		return p, err
	}
	share, cancelShare := ShareOf(ctx, scoutShare)
	defer cancelShare()
	patience, cancel := context.WithTimeout(share, scoutPatience)
	defer cancel()
	for ; scout != nil; p, scout, err = g.decide(route) {
		limit := patience
		if scout.hasty { // comes back by itself
			limit = ctx
		}
		select {
		case <-scout.back:
		case <-limit.Done():
			if ctx.Err() == nil {
				return p, nil
			}
			return p, fmt.Errorf("not sent: %w", context.Cause(ctx))
		}
	}
	return p, err
}

// decide returns the pass, or a scout to wait for before deciding again.
func (g *gate) decide(route string) (pass, *scout, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := pass{route: route}
	if err := g.login.refuses(route); err != nil {
		return p, nil, err
	}
	if g.circuit.isOpen && g.circuit.tried {
		return p, nil, fmt.Errorf("%w: %w", ErrSilent, g.circuit.cause)
	}
	if g.login.proven && !g.circuit.isOpen {
		return p, nil, nil
	}
	if g.scout != nil {
		return p, g.scout, nil
	}
	g.scout = &scout{back: make(chan struct{}), hasty: g.circuit.isOpen}
	p.scout = g.scout
	return p, nil, nil
}

// leave notes how a request went that had a pass.
func (g *gate) leave(ctx context.Context, p pass, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if api, answered := errors.AsType[*APIError](err); answered || err == nil {
		g.login.note(p.route, api)
	}
	switch {
	case isGone(ctx, err):
	case err != nil && ctx.Err() != nil, IsNoAnswer(err):
		g.circuit.noAnswer(p.isHasty(), err)
	default:
		g.circuit.answer()
	}
	if p.scout != nil {
		close(p.scout.back)
		g.scout = nil
	}
}

// begin says that a poll begins.
func (g *gate) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.circuit.begin()
}

// blocked reports whether requests are held back because of the user.
func (g *gate) blocked() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.login.blocked()
}

// provenUser reports whether the service has taken the user.
func (g *gate) provenUser() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.login.proven
}

// circuit is whether a service has been dead. One that gave no answer in a whole
// poll is tried by a single request in the next, until it answers again.
type circuit struct {
	isOpen bool
	tried  bool  // in this poll, in vain
	cause  error // of the latest request without an answer
	// What the poll under way has seen so far.
	answered, failed bool
}

// ErrSilent is why a request to a dead service is not sent.
var ErrSilent = errors.New("not sent, because the service is silent")

func (c *circuit) begin() {
	c.isOpen = !c.answered && (c.failed || c.isOpen)
	c.tried, c.answered, c.failed = false, false, false
}

func (c *circuit) answer() { c.isOpen, c.answered = false, true }

func (c *circuit) noAnswer(tried bool, cause error) {
	c.failed, c.cause = true, cause
	c.tried = c.tried || tried
}

// A dead service gets one part in hastyShare of a poll's remaining time. A scout
// that is on its way for scoutPatience is not waited for any longer, nor for more
// than one part in scoutShare of the remaining time: a short poll has to get to
// the other routes, too.
const (
	hastyShare    = 4
	scoutPatience = time.Second
	scoutShare    = 4
)

// hasten returns the context for a request with the pass.
func (p pass) hasten(ctx context.Context) (context.Context, context.CancelFunc) {
	if !p.isHasty() {
		return ctx, func() {}
	}
	return ShareOf(ctx, hastyShare)
}

// ShareOf returns a context that ends when the nth part of the time is over that
// ctx leaves: so long a service that hangs may keep others waiting.
func ShareOf(ctx context.Context, n time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/n)
}

// IsNoAnswer reports whether err says that the service did not answer: nobody did,
// or a proxy in its place.
func IsNoAnswer(err error) bool {
	return HasStatus(err, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout) ||
		isConnectionError(err) && !isA[*RedirectError](err)
}

// isGone reports whether a failure says nothing of the service: nobody waits for
// the answer any more, or there was no secret to log in with.
func isGone(ctx context.Context, err error) bool {
	return err != nil && (errors.Is(context.Cause(ctx), context.Canceled) || isA[*fs.PathError](err))
}
