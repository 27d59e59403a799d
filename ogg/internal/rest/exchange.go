package rest

import (
	"context"
	"time"
)

// Exchange is one request of a traced poll: sent, perhaps more than once, or held back.
type Exchange struct {
	// Deployment and Microservice name the service.
	Deployment, Microservice string
	// Method is always GET.
	Method string
	// Path is relative to the base of the service's API, such as "/extracts?threads=none".
	Path string
	// URL is the complete URL, without credentials.
	URL string
	// Begin is when the request was made, and Took the time until its body was read,
	// including waits and retries.
	Begin time.Time
	Took  time.Duration
	// Attempts is how often it was sent; 0 if it was held back.
	Attempts int
	// Status is the HTTP status of the last answer; 0 without one.
	Status int
	// ContentType and Body are those of the last answer; the body is decompressed. It may contain
	// anything that GoldenGate reports, including private keys. It is reused once trace
	// has returned: copy what you keep.
	ContentType string
	Body        []byte
	body        body // holds Body
	hung        bool // the request did not end, and keeps its slot
	// Err is why there is nothing to decode, or why the request was held back; nil on
	// success.
	Err error
}

// WithTrace returns a context with which Client.Poll passes each Exchange to trace as it
// ends, from several goroutines. Such a poll is not shared with other scrapes.
func WithTrace(ctx context.Context, trace func(Exchange)) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

type traceKey struct{}

// traceOf returns the trace of the context, or nil.
func traceOf(ctx context.Context) func(Exchange) {
	trace, _ := ctx.Value(traceKey{}).(func(Exchange))
	return trace
}

// IsTraced reports whether the context comes from WithTrace.
func IsTraced(ctx context.Context) bool { return traceOf(ctx) != nil }
