package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Retries must fit in a scrape: at most retryMax of them, the first after 50 to 100 ms, each
// later one after twice that.
const (
	retryMax  = 2
	retryWait = 100 * time.Millisecond
)

// retry decides whether and when one request is sent again.
type retry struct {
	stats *Stats
	pass  *pass // of the request, whose turn others have during the waits
	again int   // retries so far
	most  int   // retries allowed
}

// next waits for the time to send the request again, and reports whether to do so. It does
// not if the time would come after the context's deadline: the failure at hand says more than
// an exceeded deadline.
func (r *retry) next(ctx context.Context, err error) bool {
	if r.again == r.most || ctx.Err() != nil || !retriable(err) {
		return false
	}
	wait := r.wait(err)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	r.pass.turn.giveBack()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	if r.pass.begin(ctx) != nil {
		return false
	}
	r.again++
	r.stats.retried()
	return true
}

// wait returns how long to wait after the failure: as long as the answer asks for, and no
// shorter than without that.
func (r *retry) wait(err error) time.Duration {
	wait := retryWait << r.again
	wait -= rand.N(wait / 2) //nolint:gosec // jitter needs no secure randomness
	if api, is := errors.AsType[*APIError](err); is {
		wait = max(wait, untilRetryAfter(api.retryAfter, time.Now()))
	}
	return wait
}

// untilRetryAfter returns how long a Retry-After asks to wait, which may be in seconds, with
// a fraction even, or a date. It returns 0 if the header is missing, unreadable, negative or
// in the past.
func untilRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	if header == "" || strings.Trim(header, "0123456789.") != "" {
		return 0
	}
	seconds, err := strconv.ParseFloat(header, 64)
	if math.IsInf(seconds, 1) || seconds > math.MaxInt32 {
		return math.MaxInt32 * time.Second
	}
	if err != nil {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// retriable reports whether the failure may be temporary: a connection that failed before an
// answer or in its body, or a status that says so. Certificate and authentication errors are
// not, and retries could lock an account.
func retriable(err error) bool {
	if err == nil || isA[*RedirectError](err) || isA[*fs.PathError](err) || isA[*tokenError](err) || isTLSError(err) {
		return false
	}
	if body, is := errors.AsType[*BodyError](err); is {
		return body.broken
	}
	return isConnectionError(err) || IsNoAnswer(err) || HasStatus(err, http.StatusTooManyRequests)
}

// isTLSError reports whether err is a failed handshake: one side rejected the other's
// certificate, or the peer does not speak TLS.
func isTLSError(err error) bool {
	return isA[*tls.CertificateVerificationError](err) || isA[tls.AlertError](err) || isA[tls.RecordHeaderError](err)
}
