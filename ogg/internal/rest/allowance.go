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

// charge takes the memory for a response off the allowance of the context, and fails if there is
// not enough left. A response that is summed up takes none.
func charge[T any](ctx context.Context, size, entries int) error {
	cost := entrySize * max(0, entries-freeEntries)
	if size > smallBody {
		cost += size
	}
	if cost == 0 {
		return nil
	}
	left, has := ctx.Value(allowanceKey{}).(*atomic.Int64)
	if _, isSummed := summed[T](); !has || isSummed {
		return nil
	}
	if left.Add(int64(-cost)) < 0 {
		left.Add(int64(cost))
		return &wire.BoundError{Exceeds: fmt.Sprintf("a list, with the %d MiB in use that the answers of one poll may take", maxHeld>>20)}
	}
	return nil
}
