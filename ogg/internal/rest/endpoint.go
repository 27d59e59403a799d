// Package rest asks one GoldenGate service over HTTP: through a pool of connections, with
// a password, retries and limits, and out of the envelope that every answer comes in. Only
// GET requests leave it. It knows no resource and no release.
package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Settings say which service an Endpoint asks, and how.
type Settings struct {
	// Deployment and Microservice name the service.
	Deployment, Microservice string
	// Base is scheme, host and prefix up to and including the version of the API.
	Base string
	// Login is how to log in, and Pool, of NewPool, the connections for that login.
	Login promconfig.HTTPClientConfig
	Pool  http.RoundTripper
	// MaxConcurrentRequests bounds the requests in flight to the service.
	MaxConcurrentRequests int
	// UserAgent is sent with each request.
	UserAgent string
	// Bodies and Stats are shared with other endpoints.
	Bodies *Bodies
	Stats  *Stats
	// Now is the clock that says when a rejected user is tried again.
	Now func() time.Time
	// Log gets a line when the service rejects the user, and when it accepts it again.
	Log *slog.Logger
}

// Endpoint is one GoldenGate service to ask. It lives as long as the service is listed at
// one place, and is safe for concurrent use.
type Endpoint struct {
	settings Settings
	client   *http.Client
	slots    chan struct{}
	gate     gate
	start    start
	// certificate is when the leaf certificate of the latest connection expires, in Unix
	// seconds; 0 if there was none.
	certificate atomic.Int64
}

// New returns the endpoint of a service. It sends nothing.
func New(s Settings) *Endpoint {
	e := &Endpoint{settings: s, slots: make(chan struct{}, s.MaxConcurrentRequests)}
	e.gate.login = login{
		now: s.Now, log: s.Log.With("deployment", s.Deployment, "microservice", s.Microservice),
		secrets: secretFiles(s.Login),
	}
	var transport http.RoundTripper = &observer{next: s.Pool, stats: s.Stats, certificate: &e.certificate}
	if s.Login.BasicAuth != nil {
		transport = newPasswordTransport(s.Login.BasicAuth, transport)
	}
	e.client = &http.Client{Transport: transport, CheckRedirect: checkRedirect(s.Login.FollowRedirects)}
	return e
}

// Deployment returns the name of the deployment that the service belongs to.
func (e *Endpoint) Deployment() string { return e.settings.Deployment }

// Base returns Settings.Base.
func (e *Endpoint) Base() string { return e.settings.Base }

// BeginPoll notes that a poll begins: a service that was silent in the whole poll before
// gets a single request in this one.
func (e *Endpoint) BeginPoll() { e.gate.begin() }

// Blocked reports whether requests are held back because the service rejected the user.
func (e *Endpoint) Blocked() bool { return e.gate.blocked() }

// AcceptsUser reports whether the service has accepted the user.
func (e *Endpoint) AcceptsUser() bool { return e.gate.provenUser() }

// CertificateNotAfter returns when the server certificate of the latest connection
// expires, also of a certificate that was rejected; zero without TLS or a connection.
func (e *Endpoint) CertificateNotAfter() wire.Timestamp {
	if ends := e.certificate.Load(); ends != 0 {
		return wire.TimestampOf(time.Unix(ends, 0))
	}
	return wire.Timestamp{}
}

// Memory keeps what was learned about the service until it restarts or cannot be reached.
func (e *Endpoint) Memory() *wire.Memory { return e.start.remembered() }

// StartedAt notes when the service says it started. A start other than the one before clears
// its Memory.
func (e *Endpoint) StartedAt(at wire.Timestamp) { e.start.begin(at) }

// Forget clears the Memory of the service.
func (e *Endpoint) Forget() { e.start.forget() }

// checkRedirect follows a redirect only within the host that was asked, and never from
// TLS to plain text.
func checkRedirect(follow bool) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if !follow {
			return http.ErrUseLastResponse
		}
		from := via[0].URL
		if next.URL.Host != from.Host || from.Scheme == "https" && next.URL.Scheme != "https" {
			return &RedirectError{From: from.Scheme + "://" + from.Host, To: next.URL.Scheme + "://" + next.URL.Host}
		}
		if len(via) >= 5 {
			return errors.New("stopped after 5 redirects")
		}
		return nil
	}
}

// Get asks for path, which follows Settings.Base, and returns the response out of the
// envelope. Its errors are *APIError, *BodyError, *RedirectError, *BlockedError or the
// connection's.
func Get[T any](ctx context.Context, e *Endpoint, path string) (T, error) {
	var none, response T
	err := e.Read(ctx, path, func(url string, body []byte) (err error) {
		response, err = Decode[T](url, body)
		return err
	})
	if err != nil {
		return none, err
	}
	return response, nil
}

// GetIfPresent is Get for a route that a release may lack: then it returns neither a
// response nor an error, and the route is not asked for again until the service restarts.
func GetIfPresent[T any](ctx context.Context, e *Endpoint, route string) (*T, error) {
	lacking := wire.Remembered[wire.Lacking](e.Memory())
	if lacking.Has(route) {
		return nil, nil
	}
	r, err := Get[T](ctx, e, route)
	if IsNotFound(err) {
		lacking.Note(route)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// Read asks for path and hands the URL and the body of a 2xx answer to use, which must not
// keep the body, and returns its error. It holds one of the endpoint's slots while it asks,
// and while it waits to ask again: a service in trouble gets fewer requests.
func (e *Endpoint) Read(ctx context.Context, path string, use func(url string, body []byte) error) error {
	address := e.settings.Base + path
	x := Exchange{
		Deployment: e.settings.Deployment, Microservice: e.settings.Microservice,
		Method: http.MethodGet, Path: path, URL: address, Begin: time.Now(),
	}
	defer func() { e.settings.Bodies.put(x.buffer) }()
	x.Err = e.exchange(ctx, &x)
	if trace := traceOf(ctx); trace != nil {
		x.Took = time.Since(x.Begin)
		trace(x)
	}
	if x.Err != nil {
		return x.Err
	}
	return use(address, x.Body)
}

// exchange sends the request when it is its turn, and notes how that went.
func (e *Endpoint) exchange(ctx context.Context, x *Exchange) error {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return fmt.Errorf("GET %s: not sent: %w", x.URL, context.Cause(ctx))
	}
	p, err := e.gate.enter(ctx, x.Path)
	if err != nil {
		return fmt.Errorf("GET %s: %w", x.URL, err)
	}
	hastened, cancel := p.hasten(ctx)
	defer cancel()
	err = e.send(hastened, x, p)
	e.gate.leave(hastened, p, err)
	if isConnectionError(err) {
		e.start.forget()
	}
	return err
}

// send asks, again where a retry may help, and reads the answer.
func (e *Endpoint) send(ctx context.Context, x *Exchange, p pass) error {
	request, err := newRequest(ctx, x.URL, e.settings.UserAgent)
	if err != nil {
		return err
	}
	r := &retry{stats: e.settings.Stats, most: retryMax}
	if p.isHasty() {
		r.most = 0
	}
	answer, err := r.client(e.client).Do(request)
	x.Attempts = 1 + r.again
	if err != nil {
		return inTime(ctx, x.URL, err)
	}
	defer answer.Body.Close()
	x.Status, x.ContentType = answer.StatusCode, answer.Header.Get("Content-Type")
	if answer.ContentLength > maxBody {
		return tooLarge(x.URL)
	}
	x.buffer = e.settings.Bodies.get()
	_, err = x.buffer.ReadFrom(io.LimitReader(answer.Body, maxBody+1))
	x.Body = x.buffer.Bytes()
	if answer.StatusCode/100 != 2 {
		return newAPIError(answer.StatusCode, x.URL, x.Body)
	}
	if len(x.Body) > maxBody {
		return tooLarge(x.URL)
	}
	if err != nil {
		return &BodyError{URL: x.URL, Got: fmt.Sprintf("%d bytes, then the connection failed", len(x.Body)), Err: err}
	}
	return nil
}

// inTime returns the error of a request; where the context has ended, it says why.
func inTime(ctx context.Context, url string, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("GET %s: no answer in time: %w", url, context.Cause(ctx))
}

// OnEach calls read with each index of errs, as many at a time as the service may be asked
// at once, and joins what they return to errs.
func (e *Endpoint) OnEach(errs []error, read func(i int) error) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(cap(e.slots), len(errs)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(errs); i = int(next.Add(1)) - 1 {
				errs[i] = wire.Join(errs[i], read(i))
			}
		})
	}
	workers.Wait()
}

// Segment escapes a name as one segment of a path. Names that would lead to another path,
// "." and "..", are escaped, too.
func Segment(name string) string {
	if name == "." || name == ".." {
		return strings.ReplaceAll(name, ".", "%2E")
	}
	return url.PathEscape(name)
}
