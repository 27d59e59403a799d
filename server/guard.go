package server

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

// contentSecurityPolicy lets a browser load and run nothing, and show a page in no frame. The status
// page has its own.
const contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secured answers with next, and tells browsers how little they need for it. What
// --web.config.file sets in the same headers stays.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy": contentSecurityPolicy,
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
			"Cache-Control":           "no-store",
		} {
			if w.Header().Get(name) == "" {
				w.Header().Set(name, value)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// bodyGrace is how long a client may send a body that is rejected: closing at once would
// take the answer from one that is still sending.
const bodyGrace = time.Second

// bodiless answers with next, and rejects requests with a body: waiting for it could take for
// ever.
func bodiless(next http.Handler) http.Handler {
	return handler(func(w http.ResponseWriter, r *http.Request) error {
		control := http.NewResponseController(w)
		if r.ContentLength == 0 {
			_ = control.SetReadDeadline(time.Time{}) // the request is read
			next.ServeHTTP(w, r)
			return nil
		}
		if r.ProtoMajor == 1 { // a request of HTTP/2 ends alone
			w.Header().Set("Connection", "close")
			_ = control.SetReadDeadline(time.Now().Add(bodyGrace))
		}
		return &statusError{http.StatusRequestEntityTooLarge, "requests with a body are rejected: no page of the exporter takes one"}
	})
}

// placeWait is how long a request waits for a place, and waitingPerPlace how many wait. Clients
// that ask again and again without a pause take all places for moments only.
const (
	placeWait       = time.Second
	waitingPerPlace = 4
)

// atMost lets what it wraps answer so many requests at once, of all that it wraps together.
// Some more wait for a moment, and others get 503 and a text; 0 is no limit.
func atMost(limit int, text string) func(http.Handler) http.Handler {
	if limit == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	places, waiting := semaphore.NewWeighted(int64(limit)), semaphore.NewWeighted(waitingPerPlace*int64(limit))
	return func(next http.Handler) http.Handler {
		return handler(func(w http.ResponseWriter, r *http.Request) error {
			if !places.TryAcquire(1) && !waitFor(r.Context(), places, waiting) {
				return &statusError{http.StatusServiceUnavailable, text}
			}
			defer places.Release(1)
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// waitFor waits for a place, in a place among those that wait.
func waitFor(ctx context.Context, places, waiting *semaphore.Weighted) bool {
	if !waiting.TryAcquire(1) {
		return false
	}
	defer waiting.Release(1)
	ctx, cancel := context.WithTimeout(ctx, placeWait)
	defer cancel()
	return places.Acquire(ctx, 1) == nil
}
