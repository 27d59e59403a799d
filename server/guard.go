package server

import (
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

// contentSecurityPolicy lets a browser load nothing and show a page in no frame. The pages
// have their styles inside.
const contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

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
		w.Header().Set("Connection", "close")
		_ = control.SetReadDeadline(time.Now().Add(bodyGrace))
		return &statusError{http.StatusRequestEntityTooLarge, "requests with a body are rejected: no page of the exporter takes one"}
	})
}

// atMost lets what it wraps answer so many requests at once, of all that it wraps together, and
// others get 503 and a text; 0 is no limit.
func atMost(limit int, text string) func(http.Handler) http.Handler {
	if limit == 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	slots := semaphore.NewWeighted(int64(limit))
	return func(next http.Handler) http.Handler {
		return handler(func(w http.ResponseWriter, r *http.Request) error {
			if !slots.TryAcquire(1) {
				return &statusError{http.StatusServiceUnavailable, text}
			}
			defer slots.Release(1)
			next.ServeHTTP(w, r)
			return nil
		})
	}
}
