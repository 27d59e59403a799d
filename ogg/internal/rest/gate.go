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

// gate decides for each request to a service whether it is sent at once, as the scout whose
// answer the others wait for, or not at all. A scout goes first while it is unknown whether
// the service accepts the user or responds at all: a wrong password then costs one failed
// login, not one per request.
type gate struct {
	mu      sync.Mutex
	scout   *scout // nil when none is under way
	login   login
	circuit circuit
}

// scout is a request that goes first.
type scout struct {
	back chan struct{} // closed when the request has ended
	// hasty marks a request that tries a dead service: it gets little time and no retries.
	hasty bool
}

// pass is the permission to send one request.
type pass struct {
	route string
	scout *scout // nil unless the request is a scout
}

// isHasty reports whether the request tries a dead service.
func (p pass) isHasty() bool { return p.scout != nil && p.scout.hasty }

// enter waits until the request may be sent. It waits for a scout only for a limited time,
// because the scout's route may be the only one that hangs. Its errors are *BlockedError,
// ErrSilent and the context's.
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
		if scout.hasty { // has a time limit of its own
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
	if err := g.login.holdBack(route); err != nil {
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

// leave notes the outcome of a request that had a pass.
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

// begin marks the start of a poll.
func (g *gate) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.circuit.begin()
}

// blocked reports whether requests are held back because the service rejected the user.
func (g *gate) blocked() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.login.blocked()
}

// provenUser reports whether the service has accepted the user.
func (g *gate) provenUser() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.login.proven
}

// circuit tracks whether a service is dead. One that did not respond during a whole poll gets
// a single request in each poll after it, until it responds again.
type circuit struct {
	isOpen bool
	tried  bool  // in this poll, without success
	cause  error // of the latest failure
	// Seen in the current poll.
	answered, failed bool
}

// ErrSilent says that a request was not sent because the service is dead.
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

// A dead service gets 1/hastyShare of a poll's remaining time. Other requests wait for a
// scout for at most scoutPatience, and at most 1/scoutShare of the remaining time, so that a
// short poll reaches the other routes too.
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

// ShareOf returns a context with 1/n of the time that is left to ctx, so that a service that
// hangs cannot use up all of it.
func ShareOf(ctx context.Context, n time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/n)
}

// IsNoAnswer reports whether err says that the service did not respond: there was no answer,
// or only a proxy's.
func IsNoAnswer(err error) bool {
	return HasStatus(err, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout) ||
		isConnectionError(err) && !isA[*RedirectError](err)
}

// isGone reports whether a failure says nothing about the service: the scrape was cancelled,
// or a secret file could not be read.
func isGone(ctx context.Context, err error) bool {
	return err != nil && (errors.Is(context.Cause(ctx), context.Canceled) || isA[*fs.PathError](err))
}
