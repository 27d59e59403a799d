package rest

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

const (
	// maxHeld is how much memory what is kept of the answers of one poll may take, in bytes, by
	// an estimate: entrySize for each entry of a list, with what is later read and failed of it,
	// beyond the few that many answers have, and the texts of a body that is not small. 10,000
	// processes take some 20 MiB of it.
	maxHeld     = 32 << 20
	entrySize   = 512
	freeEntries = 16
)

type allowanceKey struct{}

// WithAllowance returns a context for one poll, all answers under which may take a bounded amount
// of memory once they are decoded.
func WithAllowance(ctx context.Context) context.Context {
	left := &atomic.Int64{}
	left.Store(maxHeld)
	return context.WithValue(ctx, allowanceKey{}, left)
}

// allowanceOf returns a function that takes the memory for a body off the allowance of the context,
// and fails if there is not enough left; nil without an allowance, and for a response that has its
// own bound, because it is not kept, but summed up.
func allowanceOf(ctx context.Context, response any) func(size, entries int) error {
	left, has := ctx.Value(allowanceKey{}).(*atomic.Int64)
	if _, isSummed := response.(interface{ MaxEntries() int }); !has || isSummed {
		return nil
	}
	return func(size, entries int) error {
		cost := entrySize * max(0, entries-freeEntries)
		if size > smallBody {
			cost += size
		}
		if cost > 0 && left.Add(int64(-cost)) < 0 {
			left.Add(int64(cost))
			return &wire.BoundError{Exceeds: fmt.Sprintf("a list, with the %d MiB in use that the answers of one poll may take", maxHeld>>20)}
		}
		return nil
	}
}
