package rest

import (
	"bytes"
	"context"
	"time"
)

// Exchange is one request of a poll as the poll's trace sees it: sent, perhaps
// more than once, or held back.
type Exchange struct {
	// Deployment and Microservice name the service that was to be asked.
	Deployment, Microservice string
	// Method is GET, always.
	Method string
	// Path is what follows the base of the service's API, such as
	// "/extracts?threads=none".
	Path string
	// URL is the whole, which has no credentials in it.
	URL string
	// Begin is when the request was to be made, and Took, from then on, how long
	// it was until its body was there, with waits and retries.
	Begin time.Time
	Took  time.Duration
	// Attempts is how often it was sent; 0 where it was held back.
	Attempts int
	// Status is that of the last answer; 0 without one.
	Status int
	// ContentType and Body are the last answer's, as they came. The body may hold
	// anything that GoldenGate tells, private keys included. It is used
	// for something else once trace has returned: what is to be kept has to be copied.
	ContentType string
	Body        []byte
	buffer      *bytes.Buffer // that Body lies in; nil without one
	// Err is why there is nothing to decode; nil where there is. It says what was
	// decided of a request that was held back.
	Err error
}

// WithTrace returns a context under which Client.Poll hands each Exchange to
// trace, from several goroutines, as it ends. Such a poll is shared with no other
// scrape.
func WithTrace(ctx context.Context, trace func(Exchange)) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

type traceKey struct{}

// traceOf returns what WithTrace put into the context, or nil.
func traceOf(ctx context.Context) func(Exchange) {
	trace, _ := ctx.Value(traceKey{}).(func(Exchange))
	return trace
}

// IsTraced reports whether the context is one of WithTrace.
func IsTraced(ctx context.Context) bool { return traceOf(ctx) != nil }
