package rest

import (
	"context"
	"errors"
)

type hurryKey struct{}

// WithHurry returns a context for a poll that has little time: that a service did not answer in it
// says nothing about the service.
func WithHurry(ctx context.Context) context.Context {
	return context.WithValue(ctx, hurryKey{}, true)
}

// IsAbandoned reports whether a context has ended in a way that says nothing about what was asked
// meanwhile: the scrape was cancelled, or had little time.
func IsAbandoned(ctx context.Context) bool {
	hurried, _ := ctx.Value(hurryKey{}).(bool)
	return errors.Is(context.Cause(ctx), context.Canceled) || hurried && ctx.Err() != nil
}
