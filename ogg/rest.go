package ogg

import (
	"context"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
)

// What other packages need of package rest.
type (
	// APIError is an answer with a status other than 2xx.
	APIError = rest.APIError
	// BodyError is a 2xx answer whose body is not what the route returns.
	BodyError = rest.BodyError
	// RedirectError is a redirect that was not followed.
	RedirectError = rest.RedirectError
	// BlockedError says that a request was held back because the user was rejected.
	BlockedError = rest.BlockedError
	// Exchange is one request of a traced poll.
	Exchange = rest.Exchange
	// RequestStats counts the requests to one microservice across all deployments.
	RequestStats = rest.RequestStats
)

// DurationBuckets are the upper bounds, in seconds, of RequestStats.Buckets.
var DurationBuckets = rest.DurationBuckets

// WithTrace returns a context with which Client.Poll passes each Exchange to trace as it ends,
// from several goroutines. Such a poll is not shared with other scrapes.
func WithTrace(ctx context.Context, trace func(Exchange)) context.Context {
	return rest.WithTrace(ctx, trace)
}
