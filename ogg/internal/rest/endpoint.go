// Package rest sends requests to one GoldenGate service over HTTP, with a connection pool,
// credentials, retries and limits, and unwraps the envelope of every answer. It sends only
// GET requests, and knows no resource and no release.
package rest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Settings configure an Endpoint.
type Settings struct {
	// Deployment and Microservice name the service.
	Deployment, Microservice string
	// Base is the URL up to and including the version of the API.
	Base string
	// Login is how to log in, and Pool, from NewPool, has the connections for that login.
	Login promconfig.HTTPClientConfig
	Pool  *Pool
	// Account is shared by all services that are asked with that login, and Proxy by those
	// that are asked through the same forward proxy; nil without one.
	Account, Proxy *Account
	// MaxConcurrentRequests limits the requests in flight to the service.
	MaxConcurrentRequests int
	// Turns, shared with the other services of the Service Manager, limits the requests in flight to
	// all of them; nil is no limit.
	Turns *Turns
	// UserAgent is sent with each request.
	UserAgent string
	// Bodies and Stats are shared with other endpoints.
	Bodies *Bodies
	Stats  *Stats
	// Panics catches the panics of OnEach.
	Panics *wire.Panics
	// Now is the clock that decides when to ask again: for what was lacking, and as a user
	// who was rejected.
	Now func() time.Time
	// Log gets a line when the service denies something to the user's role, unless Seldom, which is
	// shared with other endpoints, says that it is too early for another one; nil never does.
	Log    *slog.Logger
	Seldom *wire.Seldom[string]
}

// Endpoint is the client of one GoldenGate service. It lives as long as the service is
// listed at the same URL, and is safe for concurrent use.
type Endpoint struct {
	settings Settings
	requests requests
	sender   sender
	slots    chan struct{}
	guard    guard
	gate     gate
	start    start
	// certificate is when the latest server certificate expires, in Unix seconds; 0 before
	// any was seen.
	certificate atomic.Int64
	clock       clock
}

// New returns the Endpoint of a service, without connecting to it.
func New(s Settings) *Endpoint {
	e := &Endpoint{settings: s, slots: make(chan struct{}, s.MaxConcurrentRequests), requests: newRequests(s.Base, s.UserAgent)}
	log := s.Log.With("deployment", s.Deployment, "microservice", s.Microservice)
	e.guard.pool, e.guard.stats, e.guard.panics = s.Pool, s.Stats, s.Panics
	e.guard.send, e.guard.abandon = e.sendOnce, e.abandoned
	e.gate.turns = s.Turns
	e.gate.login = newLogin(s.Microservice, s.Proxy, s.Account, s.Pool.NewAccount(s.Now, log, s.Seldom, s.Deployment+"/"+s.Microservice))
	knowUser(&s.Pool.secrets, ProxyOf(s.Login, s.Base)) // which may be from the environment
	var transport http.RoundTripper = &observer{
		next: s.Pool, stats: s.Stats, answers: &s.Bodies.Answers, certificate: &e.certificate, clock: &e.clock, prompts: s.Login.BasicAuth != nil,
	}
	if s.Login.BasicAuth != nil {
		transport = newPasswordTransport(s.Login.BasicAuth, s.Pool, transport)
	}
	e.sender = sender{transport, checkRedirect(s.Login.FollowRedirects)}
	return e
}

// Deployment returns the name of the deployment that the service belongs to.
func (e *Endpoint) Deployment() string { return e.settings.Deployment }

// Base returns Settings.Base.
func (e *Endpoint) Base() string { return e.settings.Base }

// BeginPoll marks the start of a poll. A service that was silent throughout the previous
// poll gets a single request in this one. A poll that is hurried has less time than
// others, which decide whether a service is silent.
func (e *Endpoint) BeginPoll(hurried bool) {
	e.clock.begin()
	e.gate.begin(hurried)
}

// Blocked reports whether requests are held back because the user was rejected, by GoldenGate
// or by the forward proxy.
func (e *Endpoint) Blocked() bool { return e.gate.login.blocked() }

// AcceptsUser reports whether a service with the same login has accepted the user.
func (e *Endpoint) AcceptsUser() bool { return e.gate.login.shared.acceptsUser() }

// CertificateNotAfter returns when the server certificate that was seen last expires, even if it
// was rejected; zero without TLS, or if no connection has got that far. A connection that breaks
// does not change it.
func (e *Endpoint) CertificateNotAfter() wire.Timestamp {
	if ends := e.certificate.Load(); ends != 0 {
		return wire.TimestampOf(time.Unix(ends, 0))
	}
	return wire.Timestamp{}
}

// ClockSkew returns how far the clock of the service, or of a reverse proxy in front of it, was ahead
// of the exporter's in the latest poll, to the second, by the fastest answer; nil if no answer had a
// Date.
func (e *Endpoint) ClockSkew() *time.Duration { return e.clock.ahead() }

// Now returns the time on the clock of the settings.
func (e *Endpoint) Now() time.Time { return e.settings.Now() }

// Memory returns what was learned about the service since it started or was unreachable.
func (e *Endpoint) Memory() *wire.Memory { return e.start.remembered() }

// StartedAt notes the start time that the service reports. A new one clears its Memory.
func (e *Endpoint) StartedAt(at wire.Timestamp) { e.start.begin(at) }

// Forget clears the Memory of the service.
func (e *Endpoint) Forget() { e.start.forget() }

// checkRedirect follows redirects only within the same host, below the path by which a reverse
// proxy knows GoldenGate, and never from TLS to plain text.
func checkRedirect(follow bool) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if !follow {
			return http.ErrUseLastResponse
		}
		from, to := via[0].URL, next.URL
		prefix, _, _ := strings.Cut(from.Path+"/", "/services/")
		switch {
		case to.Host != from.Host || from.Scheme == "https" && to.Scheme != "https":
			return &RedirectError{From: from.Scheme + "://" + from.Host, To: to.Scheme + "://" + to.Host}
		case !strings.HasPrefix(path.Clean("/"+to.Path)+"/", prefix+"/"):
			return &RedirectError{From: from.Scheme + "://" + from.Host + prefix, To: to.Scheme + "://" + to.Host + to.Path}
		}
		if len(via) >= 5 {
			return errors.New("stopped after 5 redirects")
		}
		return nil
	}
}

// Get requests path, relative to Settings.Base, and returns the response from the envelope.
// Its errors are *APIError, *BodyError, *RedirectError, *BlockedError or the connection's, and
// where the context has no Oddities *wire.OddError.
func Get[T any](ctx context.Context, e *Endpoint, path string) (T, error) {
	response, err := GetWhole[T](ctx, e, path)
	if noted(ctx, err) {
		return response, nil
	}
	return response, err
}

// GetWhole is Get for what is remembered: it returns a *wire.OddError, beside the response,
// if a member of the response has an unexpected form.
func GetWhole[T any](ctx context.Context, e *Endpoint, path string) (T, error) {
	var response T
	err := e.Read(ctx, path, func(url string, body []byte) (err error) {
		response, err = decode[T](url, body, func(size, entries int) error { return charge[T](ctx, size, entries) })
		response, err = checked(&e.settings.Pool.secrets, url, body, response, err)
		return err
	})
	return response, err
}

// GetIfPresent is Get for a route that a release may lack. In that case it returns neither a
// response nor an error, and requests the route again only after growing waits, or when the service
// restarts: a service that has just started, or a proxy in front of it, may answer 404, too.
func GetIfPresent[T any](ctx context.Context, e *Endpoint, route string) (*T, error) {
	lacking := wire.Remembered[wire.Lacking](e.Memory())
	if lacking.Has(route, e.Now()) {
		return nil, nil
	}
	r, err := Get[T](ctx, e, route)
	if IsNotFound(err) {
		lacking.NoteYet(route, e.Now())
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lacking.Found(route)
	return &r, nil
}

// Read requests path, passes the URL and the body of a 2xx answer to use, and returns the
// error of use, which must not keep the body, as a *ServiceError. It holds one of the endpoint's slots during the
// request, and while it waits for a retry: a service in trouble gets fewer requests. Its turn among
// those of all services it has only while the request is in flight. It returns when ctx ends, even
// if the request does not, which then keeps its slot until it does, but not its turn: over HTTP/1.1
// it waits for something else than GoldenGate, such as a file, and it must cost only its service.
func (e *Endpoint) Read(ctx context.Context, path string, use func(url string, body []byte) error) error {
	address := e.settings.Base + path
	x := Exchange{
		Deployment: e.settings.Deployment, Microservice: e.settings.Microservice,
		Method: http.MethodGet, Path: strings.TrimPrefix(address, e.settings.Base), URL: address, Begin: time.Now(),
	}
	defer e.settings.Bodies.free(&x.body)
	x.Err = e.exchange(ctx, &x)
	if trace := traceOf(ctx); trace != nil {
		x.Took = time.Since(x.Begin)
		trace(x)
	}
	if x.Err != nil {
		return e.failed(x.Err)
	}
	if len(x.Body) > smallBody && ctx.Err() != nil {
		return e.failed(inTime(ctx, address, ctx.Err())) // to decode it would take time that there is not
	}
	return e.failed(shown(&e.settings.Pool.secrets, address, use(address, x.Body)))
}

// failed returns the error of a request with the name of the service; nil for nil.
func (e *Endpoint) failed(err error) error {
	if err == nil {
		return nil
	}
	return &ServiceError{e.settings.Microservice, err}
}

// exchange waits for its turn, sends the request and notes the outcome.
func (e *Endpoint) exchange(ctx context.Context, x *Exchange) error {
	if ctx.Err() != nil { // thousands of requests may be left: they end at once
		return fmt.Errorf("GET %s: not sent: %w", x.URL, context.Cause(ctx))
	}
	if err := e.guard.enter(cap(e.slots)); err != nil {
		return fmt.Errorf("GET %s: %w", x.URL, err)
	}
	select {
	case e.slots <- struct{}{}:
		defer func() {
			if !x.hung {
				<-e.slots
			}
		}()
	case <-ctx.Done():
		return fmt.Errorf("GET %s: not sent: %w", x.URL, context.Cause(ctx))
	}
	p, err := e.gate.enter(ctx, x.Path)
	if err != nil {
		return fmt.Errorf("GET %s: %w", x.URL, err)
	}
	err = e.pass(ctx, x, p)
	if isConnectionError(err) && !IsAbandoned(ctx) {
		e.start.forget()
	}
	return err
}

// pass sends the request that has the pass, and leaves the gate however that ends.
func (e *Endpoint) pass(ctx context.Context, x *Exchange, p *pass) error {
	ctx, cancel := p.hasten(ctx)
	defer cancel()
	err := errUnfinished
	defer func() { e.gate.leave(ctx, p, err) }()
	err = shown(&e.settings.Pool.secrets, x.URL, ofProxy(e.send(ctx, x, p), x.URL, e.settings.Proxy))
	return err
}

// send sends the request, retries where that may help, and reads the answer.
func (e *Endpoint) send(ctx context.Context, x *Exchange, p *pass) error {
	r := &retry{stats: e.settings.Stats, pass: p, most: retryMax}
	if p.isHasty() {
		r.most = 0
	}
	for {
		p.sent = e.gate.login.secrets.version(ctx.Done(), fileSoon)
		err := e.ask(ctx, x)
		x.Attempts++
		if !r.next(ctx, err) || e.gate.login.holdBack(p.route) != nil { // as it is after the wait
			return err
		}
	}
}

// ask sends the request once and takes its outcome.
func (e *Endpoint) ask(ctx context.Context, x *Exchange) error {
	e.settings.Bodies.free(&x.body)
	r, ended := e.guard.run(ctx, x.URL)
	x.hung = !ended
	x.Status, x.ContentType, x.body, x.Body = r.status, r.contentType, r.body, r.body.bytes
	if x.hung {
		return fmt.Errorf("GET %s: no answer in time, and %w: %w", x.URL, r.err, context.Cause(ctx))
	}
	return r.err
}

// abandoned gives back what a request had that ended after its caller had left.
func (e *Endpoint) abandoned(r *outcome) {
	e.settings.Bodies.free(&r.body)
	<-e.slots
}

// sendOnce sends the request once and reads the answer.
func (e *Endpoint) sendOnce(ctx context.Context, url string) outcome {
	request, err := e.requests.to(ctx, url)
	if err != nil {
		return outcome{err: err}
	}
	answer, err := e.sender.do(request)
	if refused, is := errors.AsType[*APIError](err); is { // decided by passwordTransport
		refused.URL = url // and not where a redirect led
		return outcome{status: refused.StatusCode, err: refused}
	}
	if err != nil {
		return outcome{err: inTime(ctx, url, err)}
	}
	defer answer.Body.Close()
	r := outcome{status: answer.StatusCode, contentType: answer.Header.Get("Content-Type")}
	if r.status < http.StatusOK {
		r.err = &APIError{StatusCode: r.status, URL: url, Title: notHTTP}
		return r
	}
	r.body, r.err = e.settings.Bodies.read(ctx, answer)
	if r.status/100 != 2 {
		r.err = refusal(answer, url, r.body.bytes, &e.settings.Pool.secrets)
	}
	if wrong, is := errors.AsType[*BodyError](r.err); is {
		wrong.URL = url
	}
	return r
}

// notHTTP is the title of the error of an answer that ends the use of HTTP, such as 101.
const notHTTP = "not an answer to a GET; what follows is not read"

// inTime returns the error of a request. If the context has ended, the error says why, except
// where it says already what was not there in time.
func inTime(ctx context.Context, url string, err error) error {
	if ctx.Err() == nil || isA[*tokenError](err) || isA[*fs.PathError](err) {
		return err
	}
	return fmt.Errorf("GET %s: no answer in time: %w", url, context.Cause(ctx))
}

// OnEach calls read with each index of errs, with at most MaxConcurrentRequests calls at a
// time, and joins the results to errs.
func (e *Endpoint) OnEach(errs []error, read func(i int) error) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(cap(e.slots), len(errs)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(errs); i = int(next.Add(1)) - 1 {
				errs[i] = wire.Join(errs[i], e.settings.Panics.Catch(e.settings.Microservice, func() error { return read(i) }))
			}
		})
	}
	workers.Wait()
}

// Segment escapes a name as one segment of a path, including "." and "..", which would lead
// to another path.
func Segment(name string) string {
	if name == "." || name == ".." {
		return strings.ReplaceAll(name, ".", "%2E")
	}
	return url.PathEscape(name)
}
