package rest

import (
	"net/http"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// login is what a service makes of the user that it is asked as. Whether it accepts the user
// is shared with the other services of its deployment; which routes it denies to the user's
// role is its own.
//
// It is not known for every release whether a wrong password gets 401 or 403. A 403 may also
// mean that the user's role may not read one route. It counts as a rejection of the user by
// this service when the service sends two without a success in between.
type login struct {
	keeper

	microservice string
	proxy        *Account // at the forward proxy; nil without one
	shared       *Account // with the other services of the deployment
	own          *Account // as this service alone sees it
	all          []*Account

	mu     sync.Mutex
	doubts int                      // 403s since the service accepted the user
	routes wire.Bounded[*rejection] // of the user's role, by route
}

// newLogin returns the login of a service that has not been asked yet. The proxy may be nil.
func newLogin(microservice string, proxy, shared, own *Account) *login {
	l := &login{keeper: own.keeper, microservice: microservice, proxy: proxy, shared: shared, own: own}
	if l.all = []*Account{shared, own}; proxy != nil {
		l.all = append([]*Account{proxy}, l.all...)
	}
	return l
}

// accounts returns the accounts that a request passes, in the order in which it does.
func (l *login) accounts() []*Account { return l.all }

// holdBack returns a *BlockedError if a request for the route must be held back.
func (l *login) holdBack(route string) error {
	for _, a := range l.accounts() {
		if err := a.holdBack(); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r, _ := l.routes.Get(route)
	return l.blockedError(r)
}

// blocked reports whether anything is held back.
func (l *login) blocked() bool {
	for _, a := range l.accounts() {
		if a.holdBack() != nil {
			return true
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.routes.Has(l.holds)
}

// note takes the answer to a request into account; api is nil on success.
func (l *login) note(p *pass, api *APIError) {
	status := http.StatusOK
	if api != nil {
		status = api.StatusCode
	}
	if l.proxy != nil {
		l.noteProxy(p, api)
	}
	switch {
	case api != nil && api.Proxy != "":
	case status == http.StatusForbidden:
		l.shared.doubt(l.microservice, p, api)
		l.deny(p, api)
	case status == http.StatusUnauthorized:
		l.refuse(p, api)
	case p.route == openRoute || api != nil && api.Code == "": // who answered asked for no login
	case status < http.StatusInternalServerError:
		l.shared.mark(l.microservice, false)
		l.shared.accept()
		l.own.accept()
		l.allow(p.route)
	}
}

// noteProxy takes into account what an answer says about the user of the proxy.
func (l *login) noteProxy(p *pass, api *APIError) {
	switch {
	case api == nil || api.Proxy == "":
		l.proxy.accept()
	case api.StatusCode == http.StatusProxyAuthRequired:
		l.proxy.reject(p, api)
	}
}

// refuse notes that the service did not accept the user. If it, or another service, did so in this
// poll, that is about the route, or the service alone: held back for all of the deployment it
// would cost everything else, and accepted elsewhere it would be forgotten at once. Whether the
// user is still accepted has to show again before that counts a second time: the password may have
// changed during the poll.
func (l *login) refuse(p *pass, api *APIError) {
	l.shared.mark(l.microservice, true)
	elsewhere, here := l.shared.isConfirmed(), l.own.isConfirmed()
	l.shared.BeginPoll()
	l.own.BeginPoll()
	switch {
	case !elsewhere:
		l.shared.reject(p, api)
	case !here:
		l.own.reject(p, api)
	default:
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.rejectRoute(p, api, routeRejected) {
			l.own.reject(p, api) // failed logins must not be repeated
		}
	}
}

// deny notes that the service denied a route.
func (l *login) deny(p *pass, api *APIError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.doubts++; l.doubts > 1 && !l.own.isConfirmed() {
		l.own.reject(p, api)
		return
	}
	l.rejectRoute(p, api, roleRejected)
}

// allow notes that the service answered a route.
func (l *login) allow(route string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubts = 0
	l.routes.Delete(route)
}

// rejectRoute notes that the route of a request was rejected. It reports false if too many are known. The caller
// holds l.mu.
func (l *login) rejectRoute(p *pass, api *APIError, message string) bool {
	r, known := l.routes.Get(p.route)
	if !known {
		r = &rejection{}
		now := l.now()
		if !l.routes.Put(p.route, r, now, func(old *rejection) bool { return now.Sub(old.until) >= loginWaitMax }) {
			return false
		}
	}
	l.reject(r, p, api, message)
	return true
}

// openRoute needs no login, so its answer says nothing about the user.
const openRoute = "/config/health/check"

// routeRejected is what refuse logs of a single route.
const routeRejected = "GoldenGate rejected the user on one route, holding back requests"

// roleRejected is what deny logs.
const roleRejected = "GoldenGate rejected the user's role, holding back requests"
