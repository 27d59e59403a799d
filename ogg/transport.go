package ogg

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// maxBody is how large a body may be, in bytes.
const maxBody = 32 << 20

// endpoint is one GoldenGate service to ask: where it answers, how to log in
// there, and what was learned about it. It lives as long as the service is
// listed.
type endpoint struct {
	deployment, microservice string

	// base is scheme, host and prefix up to and with the API's version.
	base string
	// client sends through the pool that the Service Manager's services share.
	client *http.Client
	// slots bounds the requests in flight to this service.
	slots chan struct{}
	// gate holds requests back that would do no good.
	gate gate
	// memory is what holds until the service starts anew.
	memory serviceMemory
	// points is the same for the processes of a Performance Metrics Service.
	points pointMemory

	userAgent string
	bodies    *bodies
	stats     *requestStats
	// certificate is when the leaf certificate of the latest connection ends,
	// in Unix seconds; 0 if there was none.
	certificate atomic.Int64
}

// connect makes the endpoint send through pool, with what is the service's own:
// its digest challenge, its share of the statistics, its certificate.
func (e *endpoint) connect(pool http.RoundTripper, login promconfig.HTTPClientConfig) {
	var transport http.RoundTripper = &observer{next: pool, endpoint: e}
	if login.BasicAuth != nil {
		transport = newPasswordTransport(login.BasicAuth, transport)
	}
	e.client = &http.Client{Transport: transport, CheckRedirect: checkRedirect(login.FollowRedirects)}
}

// checkRedirect follows a redirect only within the host that was asked and
// never from TLS to plain text.
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

// get asks the endpoint for path and returns the response out of the envelope.
// Its errors are *APIError, *BodyError, *RedirectError or the connection's.
func get[T any](ctx context.Context, e *endpoint, path string) (T, error) {
	var none T
	url := e.base + path
	var response T
	err := e.read(ctx, url, func(body []byte) (err error) {
		response, err = decode[T](url, body)
		return err
	})
	if err != nil {
		return none, err
	}
	return response, nil
}

// read hands the body of a 2xx answer to use, which must not keep it, and returns
// its error. It holds one of the endpoint's slots while it asks, and while it waits
// to ask again: a service in trouble gets fewer requests.
func (e *endpoint) read(ctx context.Context, url string, use func(body []byte) error) error {
	x := Exchange{
		Deployment: e.deployment, Microservice: e.microservice,
		Method: http.MethodGet, Path: strings.TrimPrefix(url, e.base), URL: url, Begin: time.Now(),
	}
	defer func() { e.bodies.put(x.buffer) }()
	x.Err = e.exchange(ctx, &x)
	if trace := traceOf(ctx); trace != nil {
		x.Took = time.Since(x.Begin)
		trace(x)
	}
	if x.Err != nil {
		return x.Err
	}
	return use(x.Body)
}

// exchange sends the request when it is its turn, and notes how that went.
func (e *endpoint) exchange(ctx context.Context, x *Exchange) error {
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
		e.memory.forget()
	}
	return err
}

// send asks, again where a retry may help, and reads the answer.
func (e *endpoint) send(ctx context.Context, x *Exchange, p pass) error {
	request, err := newRequest(ctx, x.URL, e.userAgent)
	if err != nil {
		return err
	}
	r := &retry{stats: e.stats, most: retryMax}
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
	x.buffer = e.bodies.get()
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

// inTime returns the error of a request, and where the context has ended says why
// it has.
func inTime(ctx context.Context, url string, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("GET %s: no answer in time: %w", url, context.Cause(ctx))
}

// onEach calls read with each index of errs, as many at a time as the service may
// be asked at once, and adds what they return to errs.
func (e *endpoint) onEach(errs []error, read func(i int) error) {
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

func tooLarge(url string) error {
	return &BodyError{URL: url, Got: fmt.Sprintf("a body of more than %d MiB", maxBody>>20)}
}

// bodies are buffers for the bodies of answers, used again and again.
type bodies struct{ pool sync.Pool }

// keptBody is the largest buffer that is used again, in bytes.
const keptBody = 64 << 10

func (b *bodies) get() *bytes.Buffer {
	if body, ok := b.pool.Get().(*bytes.Buffer); ok {
		return body
	}
	return &bytes.Buffer{}
}

func (b *bodies) put(body *bytes.Buffer) {
	if body != nil && body.Cap() <= keptBody {
		body.Reset()
		b.pool.Put(body)
	}
}

// isConnectionError reports whether err came before an answer did.
func isConnectionError(err error) bool {
	return err != nil && !isA[*APIError](err) && !isA[*BodyError](err)
}

// observer counts and times what is really sent, and notes the certificate of
// the connection. It hides the pool's CloseIdleConnections: the retrying client
// calls that after a failure, and the pool is not one service's alone.
type observer struct {
	next     http.RoundTripper
	endpoint *endpoint
}

// RoundTrip implements http.RoundTripper.
func (o *observer) RoundTrip(request *http.Request) (*http.Response, error) {
	begin := time.Now()
	answer, err := o.next.RoundTrip(request)
	code := 0
	if err == nil {
		code = answer.StatusCode
	}
	o.endpoint.stats.observe(code, time.Since(begin))
	o.endpoint.certificate.Store(leafEnds(answer, err))
	return answer, err
}

// leafEnds returns when the server's certificate ends, in Unix seconds, also of
// one that was not accepted (because it has ended, for one); 0 without TLS.
func leafEnds(answer *http.Response, err error) int64 {
	if answer != nil && answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		return answer.TLS.PeerCertificates[0].NotAfter.Unix()
	}
	if refused, is := errors.AsType[*tls.CertificateVerificationError](err); is && len(refused.UnverifiedCertificates) > 0 {
		return refused.UnverifiedCertificates[0].NotAfter.Unix()
	}
	return 0
}
