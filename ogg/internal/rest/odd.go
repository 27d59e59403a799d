package rest

import (
	"context"
	"errors"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Oddities is a context that collects what was odd in the answers under it.
type Oddities struct {
	context.Context

	mu   sync.Mutex
	errs []*wire.OddError
}

type odditiesKey struct{}

// WithOddities returns a context under which Get reports a member of an unexpected form, and
// returns the rest of the answer.
func WithOddities(ctx context.Context) (context.Context, *Oddities) {
	o := &Oddities{Context: ctx}
	return o, o
}

// Value implements context.Context.
func (o *Oddities) Value(key any) any {
	if key == (odditiesKey{}) {
		return o
	}
	return o.Context.Value(key)
}

// All returns what was odd.
func (o *Oddities) All() []*wire.OddError {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.errs
}

// Failure returns one error for everything that was odd, nil if nothing was.
func (o *Oddities) Failure() error {
	all := o.All()
	errs := make([]error, len(all))
	for i, err := range all {
		errs[i] = err
	}
	return wire.Summarize(errs, "answers with unexpected values")
}

// noted reports whether err is about odd members only, and was reported to the Oddities of
// the context.
func noted(ctx context.Context, err error) bool {
	odd, is := errors.AsType[*wire.OddError](err)
	if !is {
		return false
	}
	o, has := ctx.Value(odditiesKey{}).(*Oddities)
	if !has {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errs = append(o.errs, odd)
	return true
}
