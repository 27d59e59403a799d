package rest

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Account is a user at a deployment, or at a forward proxy, shared by all services that are
// asked as that user. A rejected user is not retried at every scrape and not at every service,
// because failed logins add up and may lock the account: until a poll knows that the user is
// accepted, one request goes first as the scout, and the others wait for its answer.
type Account struct {
	keeper

	proxy           string // host and port of a forward proxy; "" for GoldenGate
	rejected, again string // what is logged of a rejection, and of its end

	mu        sync.Mutex
	scout     *scout          // nil when none is under way
	settled   chan struct{}   // closed when the user is accepted or rejected; nil if nobody waits
	accepted  bool            // and not rejected since
	confirmed bool            // accepted in this poll
	services  map[string]bool // whether the service's latest answer rejected the user, by service
	doubts    map[string]bool // services that answered 403 to a user who was never accepted
	user      rejection
}

// newAccount returns the account of a keeper for a login at GoldenGate.
func newAccount(k keeper) *Account {
	return &Account{
		keeper: k, rejected: "GoldenGate rejected the user, holding back requests", again: "GoldenGate accepts the user again",
	}
}

// NewProxyAccount returns the account for the user in the URL of a forward proxy.
func NewProxyAccount(proxy *url.URL, now func() time.Time, log *slog.Logger, seldom *wire.Seldom[string]) *Account {
	return &Account{
		keeper: keeper{now, log.With("proxy", proxy.Host), seldom, "proxy " + proxy.Host, &secrets{}}, proxy: proxy.Host,
		rejected: "The proxy rejected its user, holding back requests", again: "The proxy accepts its user again",
	}
}

// ProxyOf returns the HTTP proxy through which a URL is asked for; nil if there is none.
func ProxyOf(login promconfig.HTTPClientConfig, base string) *url.URL {
	proxy := login.Proxy()
	if proxy == nil {
		return nil
	}
	request, err := http.NewRequest(http.MethodGet, base, nil) //nolint:noctx // it is not sent
	if err != nil {
		return nil
	}
	u, err := proxy(request)
	if err != nil || u == nil || strings.HasPrefix(u.Scheme, "socks") {
		return nil
	}
	return u
}

// BeginPoll marks the start of a poll, in which one request has to show again that the user
// is accepted: the password may have changed since the previous poll.
func (a *Account) BeginPoll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.confirmed = false
}

// enter waits until a request may be sent as the user. It returns the scout if the request is
// to be one, which must leave. Its errors are *BlockedError and the context's.
func (a *Account) enter(ctx context.Context, hasty bool) (*scout, error) {
	for {
		own, ahead, err := a.decide(hasty)
		if ahead == nil {
			return own, err
		}
		if err := a.await(ctx, ahead); err != nil {
			return nil, err
		}
	}
}

// decide returns the scout that the request becomes, nil if it may just be sent, or one ahead
// of it to wait for before deciding again.
func (a *Account) decide(hasty bool) (own, ahead *scout, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.blockedError(&a.user); err != nil {
		return nil, nil, err
	}
	switch {
	case a.confirmed:
		return nil, nil, nil
	case a.scout != nil && !a.scout.late:
		return nil, a.scout, nil
	default:
		a.scout = newScout(hasty)
		return a.scout, nil, nil
	}
}

// await waits for a scout to return, but only for a limited time, because its service or route
// may be the only one that hangs: then the next request takes its place. The time in which the scout
// waits for its turn does not count: it is not the service that takes it.
func (a *Account) await(ctx context.Context, ahead *scout) error {
	for {
		before := ahead.queued.Load()
		if waited(ctx, ahead.back, ahead.patience()) {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("not sent: %w", context.Cause(ctx))
		}
		queued := ahead.queued.Load()
		if queued == nil && before == nil {
			a.giveUp(ahead)
			return nil
		}
		if queued != nil {
			select {
			case <-*queued:
			case <-ahead.back:
			case <-ctx.Done():
			}
		}
	}
}

// giveUp notes that a scout takes too long.
func (a *Account) giveUp(ahead *scout) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ahead.late = true
}

// yield lets a service that rejected the user wait, for a limited time, while one that accepted
// the user is asked first: it may be the only one that rejects the user, and the answer to the
// scout counts for all of them.
func (a *Account) yield(ctx context.Context, microservice string) {
	if settled := a.unsettled(microservice); settled != nil {
		waited(ctx, settled, scoutPatience)
	}
}

// unsettled returns what the service has to wait for; nil if it need not.
func (a *Account) unsettled(microservice string) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.confirmed || !a.services[microservice] || !slices.Contains(slices.Collect(maps.Values(a.services)), false) {
		return nil
	}
	if a.settled == nil {
		a.settled = make(chan struct{})
	}
	return a.settled
}

// mark notes whether the service's latest answer rejected the user.
func (a *Account) mark(microservice string, rejected bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.services == nil {
		a.services = map[string]bool{}
	}
	a.services[microservice] = rejected
}

// settle ends the wait of those that yield. The caller holds the lock.
func (a *Account) settle() {
	if a.settled != nil {
		close(a.settled)
		a.settled = nil
	}
}

// leave ends a scout, whose outcome has been noted.
func (a *Account) leave(s *scout) {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(s.back)
	if a.scout == s {
		a.scout = nil
	}
}

// accept notes that the user was accepted.
func (a *Account) accept() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.user.answer != nil {
		log := a.log.Info
		if !a.user.said || !a.may(a.again) {
			log = a.log.Debug
		}
		log(a.again)
	}
	a.accepted, a.confirmed, a.doubts, a.user = true, true, nil, rejection{}
	a.settle()
}

// reject notes that a request was answered by a rejection of the user.
func (a *Account) reject(p *pass, answer *APIError) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accepted, a.confirmed = false, false
	a.keeper.reject(&a.user, p, answer, a.rejected)
	a.settle()
}

// doubt notes that a service answered 403, which rejects the user if two services did and none
// ever accepted the user.
func (a *Account) doubt(microservice string, p *pass, answer *APIError) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.accepted {
		return
	}
	if a.doubts == nil {
		a.doubts = map[string]bool{}
	}
	a.doubts[microservice] = true
	if len(a.doubts) > 1 {
		a.keeper.reject(&a.user, p, answer, a.rejected)
	}
}

// isConfirmed reports whether the user was accepted since the latest BeginPoll.
func (a *Account) isConfirmed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.confirmed
}

// acceptsUser reports whether the user has been accepted, and not rejected since.
func (a *Account) acceptsUser() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accepted
}

// holdBack returns a *BlockedError while the user is rejected.
func (a *Account) holdBack() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.blockedError(&a.user)
}
