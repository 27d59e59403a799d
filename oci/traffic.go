package oci

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxBody is the largest accepted body, in bytes.
const maxBody = 8 << 20

// traffic is what the client learns from all its requests.
type traffic struct {
	now func() time.Time

	mu       sync.Mutex
	skew     *time.Duration
	requests map[string]uint64 // by status, or "error"
}

// seen returns the clock skew by the latest answer, and the request counts.
func (t *traffic) seen() (skew *time.Duration, requests map[string]uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skew, maps.Clone(t.requests)
}

// note counts a request, and computes the clock skew from the Date header, which has no fractions
// of a second.
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

// observer notes each request that is sent, retries included, and limits the size of answers.
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

// CloseIdleConnections closes idle connections of the pool.
func (o *observer) CloseIdleConnections() {
	if p, ok := o.next.(interface{ CloseIdleConnections() }); ok {
		p.CloseIdleConnections()
	}
}

// bounded is a body of limited size.
type bounded struct {
	io.Reader
	io.Closer
}
