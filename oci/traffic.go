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

// traffic is what all requests of a client teach, whatever they ask for.
type traffic struct {
	now func() time.Time

	mu       sync.Mutex
	skew     *time.Duration
	requests map[string]uint64 // by status, or "error"
}

// told returns the clock skew that the latest answer shows, and the counts.
func (t *traffic) told() (skew *time.Duration, requests map[string]uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skew, maps.Clone(t.requests)
}

// note counts a request, and measures the clock by the header Date, which is cut to the second.
func (t *traffic) note(code, date string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests == nil {
		t.requests = map[string]uint64{}
	}
	t.requests[code]++
	if at, err := http.ParseTime(date); err == nil {
		t.skew = new(at.Add(time.Second / 2).Sub(t.now()).Round(time.Second))
	}
}

// observer counts what is really sent, and bounds what comes back.
type observer struct {
	next    http.RoundTripper
	traffic *traffic
}

// RoundTrip implements http.RoundTripper.
func (o *observer) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := o.next.RoundTrip(request)
	if err != nil {
		o.traffic.note("error", "")
		return nil, err
	}
	o.traffic.note(strconv.Itoa(answer.StatusCode), answer.Header.Get("Date"))
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
