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

// Retries must fit in a scrape: at most retryMax of them, the first after 50 to 100 ms, each
// later one after twice that, up to retryWaitMax.
const (
	retryMax     = 2
	retryWaitMin = 100 * time.Millisecond
	retryWaitMax = 2 * time.Second
)

// retry decides whether and when one request is sent again.
type retry struct {
	attempt int
	wait    time.Duration
	stats   *Stats
	again   int // retries so far
	most    int // retries allowed
}

// newRequest returns the only kind of request that the exporter sends to GoldenGate.
func newRequest(ctx context.Context, url, userAgent string) (*retryablehttp.Request, error) {
	request, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err == nil {
		request.Header.Set("Accept", "application/json")
		request.Header.Set("User-Agent", userAgent)
	}
	return request, err
}

// client returns a client for one request, which retries through pooled when check allows it.
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

// check allows a retry after a connection error and after 429, 502, 503 and 504, unless it
// would begin after the context's deadline: the failure at hand says more than an exceeded
// deadline.
func (r *retry) check(ctx context.Context, answer *http.Response, err error) (bool, error) {
	if ctx.Err() != nil || !retriable(answer, err) {
		return false, nil //nolint:nilerr // the failure at hand is returned unchanged
	}
	r.wait = retryablehttp.DefaultBackoff(retryWaitMin, retryWaitMax, r.attempt, answer)
	if answer == nil || answer.Header.Get("Retry-After") == "" {
		r.wait -= rand.N(r.wait / 2) //nolint:gosec // jitter needs no secure randomness
	}
	r.attempt++
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= r.wait {
		return false, nil
	}
	return true, nil
}

// backoff returns the wait that check chose, and counts the retry.
func (r *retry) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	r.again++
	r.stats.retried()
	return r.wait
}

// retriable reports whether the failure may be temporary. Certificate and authentication
// errors are not, and retries could lock an account.
func retriable(answer *http.Response, err error) bool {
	if err != nil {
		return !isA[*RedirectError](err) && !isA[*fs.PathError](err) && !isTLSError(err) && (!isA[*APIError](err) || IsNoAnswer(err))
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// isTLSError reports whether err is a failed handshake: one side rejected the other's
// certificate, or the peer does not speak TLS.
func isTLSError(err error) bool {
	return isA[*tls.CertificateVerificationError](err) || isA[tls.AlertError](err) || isA[tls.RecordHeaderError](err)
}
