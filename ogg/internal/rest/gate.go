package rest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"sync"
)

// gate decides for each request to a service whether it is sent at once, as a scout whose
// answer others wait for, or not at all. A scout goes first while it is unknown whether the
// user is accepted, of which the account knows, or whether a service responds at all.
type gate struct {
	login *login
	turns *Turns // nil for no limit
	share share

	mu      sync.Mutex
	attempt *scout // at a dead service; nil when none is under way
	circuit circuit
}

// enter waits until the request may be sent. Its errors are *BlockedError, ErrSilent and the
// context's. A request that may be sent must leave.
func (g *gate) enter(ctx context.Context, route string) (*pass, error) {
	p := &pass{route: route, turn: turn{of: g.turns, share: &g.share}}
	err := g.login.holdBack(route)
	if err == nil {
		p.attempt, err = g.tryDead(ctx)
	}
	if err == nil {
		g.login.shared.yield(ctx, g.login.microservice)
	}
	for i, account := range g.login.accounts() {
		if err == nil {
			p.scouts[i], err = account.enter(ctx, p.isHasty())
		}
	}
	if err == nil {
		err = p.begin(ctx)
	}
	if err == nil {
		err = g.login.holdBack(route) // as it is after the wait
	}
	if err != nil {
		g.dismiss(p)
		return nil, err
	}
	return p, nil
}

// tryDead returns the one request of this poll to a dead service, or waits for its outcome;
// nil when the service is not dead.
func (g *gate) tryDead(ctx context.Context) (*scout, error) {
	for {
		own, ahead, err := g.decide()
		if ahead == nil {
			return own, err
		}
		select {
		case <-ahead.back: // has a time limit of its own
		case <-ctx.Done():
			return nil, fmt.Errorf("not sent: %w", context.Cause(ctx))
		}
	}
}

// decide returns the attempt at a dead service that the request becomes, or one to wait for
// before deciding again.
func (g *gate) decide() (own, ahead *scout, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case !g.circuit.isOpen:
		return nil, nil, nil
	case g.circuit.tried:
		return nil, nil, fmt.Errorf("%w: %w", ErrSilent, g.circuit.cause)
	case g.attempt != nil:
		return nil, g.attempt, nil
	default:
		g.attempt = newScout(true)
		return g.attempt, nil, nil
	}
}

// leave notes the outcome of a request that had a pass.
func (g *gate) leave(ctx context.Context, p *pass, err error) {
	if api, answered := errors.AsType[*APIError](err); answered || err == nil {
		g.login.note(p, api)
	}
	g.note(ctx, p, err)
	g.dismiss(p)
}

// note notes whether the service responded.
func (g *gate) note(ctx context.Context, p *pass, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case isGone(ctx, err):
	case err != nil && ctx.Err() != nil, IsNoAnswer(err):
		g.circuit.noAnswer(p.isHasty(), err)
	default:
		g.circuit.answer()
	}
}

// dismiss ends the request's turn, and lets those that wait for the request decide again.
func (g *gate) dismiss(p *pass) {
	p.turn.giveBack()
	for i, account := range g.login.accounts() {
		if p.scouts[i] != nil {
			account.leave(p.scouts[i])
		}
	}
	if p.attempt == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	close(p.attempt.back)
	g.attempt = nil
}

// begin marks the start of a poll.
func (g *gate) begin(hurried bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.circuit.begin(hurried)
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

// begin marks the start of a poll. One that has little time decides nothing, and leaves what was
// seen to the next.
func (c *circuit) begin(hurried bool) {
	c.tried = false
	if !hurried {
		c.isOpen = !c.answered && (c.failed || c.isOpen)
		c.answered, c.failed = false, false
	}
}

func (c *circuit) answer() { c.isOpen, c.answered = false, true }

func (c *circuit) noAnswer(tried bool, cause error) {
	c.failed, c.cause = true, cause
	c.tried = c.tried || tried
}

// IsNoAnswer reports whether err says that the service did not respond: there was no answer,
// or only a proxy's.
func IsNoAnswer(err error) bool {
	if api, is := errors.AsType[*APIError](err); is {
		return slices.Contains([]int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, api.StatusCode)
	}
	return isConnectionError(err) && !isA[*RedirectError](err)
}

// isGone reports whether a failure says nothing about the service: the scrape was cancelled or had
// little time, a secret file could not be read, the forward proxy rejected its user, or the read
// panicked.
func isGone(ctx context.Context, err error) bool {
	return err != nil && (IsAbandoned(ctx) || isA[*fs.PathError](err) ||
		isProxyRejection(err) || errors.Is(err, errUnfinished))
}
