package rest

import (
	"context"
	"crypto/tls"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// A retry must fit in a scrape: at most retryMax more requests, the first after
// 50 to 100 ms, each later one after twice that, up to retryWaitMax.
const (
	retryMax     = 2
	retryWaitMin = 100 * time.Millisecond
	retryWaitMax = 2 * time.Second
)

// retry decides for one request, and for that alone, whether and when it is
// asked again.
type retry struct {
	attempt int
	wait    time.Duration
	stats   *Stats
	again   int // how often it was asked again
	most    int // how often it may be
}

// newRequest makes the only kind of request that leaves the exporter.
func newRequest(ctx context.Context, url, userAgent string) (*retryablehttp.Request, error) {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err == nil {
		request.Header.Set("Accept", "application/json")
		request.Header.Set("User-Agent", userAgent)
	}
	return request, err
}

// client returns a client that asks again, through the pool of pooled, where
// check says so. It serves one request.
func (r *retry) client(pooled *http.Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   pooled,
		RetryWaitMin: retryWaitMin,
		RetryWaitMax: retryWaitMax,
		RetryMax:     r.most,
		CheckRetry:   r.check,
		Backoff:      r.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// check allows another try after a connection error and after 429, 502, 503 and
// 504, but never one that would begin after the context's deadline: the answer
// at hand says more than a deadline exceeded.
func (r *retry) check(ctx context.Context, answer *http.Response, err error) (bool, error) {
	if ctx.Err() != nil || !retriable(answer, err) {
		return false, nil //nolint:nilerr // the answer at hand is returned as it is
	}
	r.wait = retryablehttp.DefaultBackoff(retryWaitMin, retryWaitMax, r.attempt, answer)
	if answer == nil || answer.Header.Get("Retry-After") == "" {
		r.wait -= rand.N(r.wait / 2) //nolint:gosec // jitter is no secret
	}
	r.attempt++
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= r.wait {
		return false, nil
	}
	return true, nil
}

// backoff returns the wait that check decided on, after which the request is
// sent again.
func (r *retry) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	r.again++
	r.stats.retried()
	return r.wait
}

// retriable reports whether the failure may pass by itself. Certificate and
// authentication errors do not, and trying them again can lock an account.
func retriable(answer *http.Response, err error) bool {
	if err != nil {
		return !isA[*RedirectError](err) && !isA[*fs.PathError](err) && !isTLSError(err)
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// isTLSError reports whether err is a failed handshake: a certificate that was
// not accepted by either side, or a peer that does not speak TLS.
func isTLSError(err error) bool {
	return isA[*tls.CertificateVerificationError](err) || isA[tls.AlertError](err) || isA[tls.RecordHeaderError](err)
}
