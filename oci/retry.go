package oci

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// maxWait is the longest backoff before a retry, as OCI recommends.
const maxWait = time.Minute

// brokenError is a connection that ended before the answer did.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return "the answer broke off: " + e.err.Error() }

// Unwrap returns why it broke off.
func (e *brokenError) Unwrap() error { return e.err }

// retriable reports whether retrying may help, by the SDK's rules. A 429 from a proxy lacks the
// code by which the SDK recognizes it, and of connections that end early the SDK knows only some.
func retriable(err error) bool {
	if failure, is := common.IsServiceError(err); is && failure.GetHTTPStatusCode() == http.StatusTooManyRequests {
		return true
	}
	_, broken := errors.AsType[*brokenError](err)
	return broken || common.IsErrorRetryableByDefault(err)
}

// retryAfter returns how long OCI asks to wait: seconds, whole or fractional, or until a date by its
// own clock. It returns 0 if OCI does not say.
func retryAfter(header http.Header) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, (24*time.Hour).Seconds()) * float64(time.Second))
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(until.Sub(now), 0)
}

// sleep waits, and reports false if the context ended first.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
