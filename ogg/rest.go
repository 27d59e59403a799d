package ogg

import (
	"context"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
)

// What other packages need of package rest.
type (
	// APIError is an answer with a status other than 2xx.
	APIError = rest.APIError
	// ServiceError is the error of a request, with the service that it was for.
	ServiceError = rest.ServiceError
	// BodyError is a 2xx answer whose body is not what the route returns.
	BodyError = rest.BodyError
	// RedirectError is a redirect that was not followed.
	RedirectError = rest.RedirectError
	// BlockedError says that a request was held back because the user was rejected.
	BlockedError = rest.BlockedError
	// Exchange is one request of a traced poll.
	Exchange = rest.Exchange
	// BodyMemory limits the memory for large answers of all clients that share it.
	BodyMemory = rest.Budget
	// Connections limits the connections of all clients that share it.
	Connections = rest.Connections
	// RequestStats counts the requests to one microservice across all deployments.
	RequestStats = rest.RequestStats
)

// IsRejection reports whether err says that the user was rejected, by GoldenGate or by a forward proxy.
func IsRejection(err error) bool { return rest.IsRejection(err) }

// DurationBuckets are the upper bounds, in seconds, of RequestStats.Buckets.
var DurationBuckets = rest.DurationBuckets

// What RequestStats.Sparse is a native histogram of.
const (
	SparseSchema = rest.SparseSchema
	SparseZero   = rest.SparseZero
)

// WithTrace returns a context with which Client.Poll passes each Exchange to trace as it ends,
// from several goroutines. Such a poll is not shared with other scrapes.
func WithTrace(ctx context.Context, trace func(Exchange)) context.Context {
	return rest.WithTrace(ctx, trace)
}

// DefaultBodyMemory is how much memory there is for large answers if nothing else is
// configured, in bytes.
const DefaultBodyMemory = rest.DefaultBudget

// NewBodyMemory returns a BodyMemory of size bytes.
func NewBodyMemory(size int) *BodyMemory { return rest.NewBudget(size) }

// NewConnections returns the limit for this process.
func NewConnections() *Connections { return rest.NewConnections(rest.Descriptors()) }
