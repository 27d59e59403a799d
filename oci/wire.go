package oci

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxBody is how large a body may be, in bytes.
const maxBody = 32 << 20

// wire is what is learned from all requests of a client, whatever they ask.
type wire struct {
	now func() time.Time

	mu       sync.Mutex
	skew     *time.Duration
	requests map[string]uint64 // by status, or "error"
}

// told returns the clock skew that the latest answer shows, and the counts.
func (w *wire) told() (skew *time.Duration, requests map[string]uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.skew, maps.Clone(w.requests)
}

// note counts a request, and measures the clock by the header Date, which is cut to the second.
func (w *wire) note(code, date string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requests == nil {
		w.requests = map[string]uint64{}
	}
	w.requests[code]++
	if at, err := http.ParseTime(date); err == nil {
		w.skew = new(at.Add(time.Second / 2).Sub(w.now()).Round(time.Second))
	}
}

// observer counts what is really sent, and bounds what comes back.
type observer struct {
	next http.RoundTripper
	wire *wire
}

// RoundTrip implements http.RoundTripper.
func (o *observer) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := o.next.RoundTrip(request)
	if err != nil {
		o.wire.note("error", "")
		return nil, err
	}
	o.wire.note(strconv.Itoa(answer.StatusCode), answer.Header.Get("Date"))
	answer.Body = &bounded{io.LimitReader(answer.Body, maxBody+1), answer.Body}
	return answer, nil
}

// CloseIdleConnections closes those of the pool.
func (o *observer) CloseIdleConnections() {
	if p, ok := o.next.(interface{ CloseIdleConnections() }); ok {
		p.CloseIdleConnections()
	}
}

// bounded is a body that ends after so many bytes.
type bounded struct {
	io.Reader
	io.Closer
}
