package rest

import (
	"context"
	"net/http"
	"strings"
)

// requests makes the only kind of request that the exporter sends to GoldenGate. All to one service
// share what they have in common, which nobody may change.
type requests struct {
	base      string
	userAgent string
	// model is a request for the base; nil if a path cannot simply be added to its URL.
	model *http.Request
}

// newRequests returns the requests below a base.
func newRequests(base, userAgent string) requests {
	r := requests{base: base, userAgent: userAgent}
	model, err := r.parsed(base)
	if err == nil && model.URL.String() == model.URL.Scheme+"://"+model.URL.Host+model.URL.Path && strings.HasSuffix(base, model.URL.Path) {
		r.model = model
	}
	return r
}

// to returns a request for an address, which begins with the base.
func (r *requests) to(ctx context.Context, address string) (*http.Request, error) {
	route, query, hasQuery := strings.Cut(address[len(r.base):], "?")
	isPath := strings.HasPrefix(route, "/") && isPlain(route, "/")
	if r.model == nil || !isPath || !isPlain(query, "/=&,") || hasQuery && query == "" {
		request, err := r.parsed(address)
		if err != nil {
			return nil, err
		}
		return request.WithContext(ctx), nil
	}
	u := *r.model.URL
	u.Path, u.RawQuery = address[len(r.base)-len(u.Path):len(r.base)+len(route)], query
	request := r.model.WithContext(ctx)
	request.URL = &u
	return request, nil
}

// parsed returns a request for any address.
func (r *requests) parsed(address string) (*http.Request, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil) //nolint:noctx // which it gets before it is sent
	if err == nil {
		request.Header.Set("Accept", "application/json")
		request.Header.Set("Accept-Encoding", "gzip")
		request.Header.Set("User-Agent", r.userAgent)
	}
	return request, err
}

// isPlain reports whether a part of a URL has only characters that are never escaped, and the others.
func isPlain(part, others string) bool {
	for i := range len(part) {
		c := part[i]
		isPlain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~", c) >= 0
		if !isPlain && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

// sender sends requests as an http.Client does, which it needs only where there is more to do than to
// return an answer.
type sender struct {
	transport     http.RoundTripper
	checkRedirect func(*http.Request, []*http.Request) error
}

// do is http.Client.Do.
func (s *sender) do(request *http.Request) (*http.Response, error) {
	answer, err := s.transport.RoundTrip(request)
	if err == nil && answer.StatusCode/100 != 3 {
		return answer, nil
	}
	client := &http.Client{Transport: &begun{s.transport, true, answer, err}, CheckRedirect: s.checkRedirect}
	return client.Do(request)
}

// begun is a transport that returns first what has come of the first request already.
type begun struct {
	next   http.RoundTripper
	first  bool
	answer *http.Response
	err    error
}

// RoundTrip implements http.RoundTripper.
func (b *begun) RoundTrip(request *http.Request) (*http.Response, error) {
	if b.first {
		b.first = false
		return b.answer, b.err
	}
	return b.next.RoundTrip(request)
}
