package rest

import (
	"context"
	"fmt"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

const (
	// entrySize is the estimate for an entry of a list, with what is later read and failed of it;
	// the few that many answers have are free.
	entrySize   = 512
	freeEntries = 16
	// ownHeld is how much of that each poll has for itself, so that it gets on whatever others
	// hold. The rest comes out of what all polls of the process share.
	ownHeld = 2 << 20
)

// Close gives back what is kept of the latest result.
func (b *Bodies) Close() {
	b.kept.mu.Lock()
	b.kept.closed = true
	b.kept.mu.Unlock()
	b.Large.held.giveBack(b.kept.take())
}

// Allowance is the memory that the answers of one poll may take once they are decoded.
type Allowance struct {
	bodies    *Bodies
	inherited int64 // of the result before

	mu       sync.Mutex
	used     int64
	borrowed int64
	ended    bool
}

type allowanceKey struct{}

// WithAllowance returns a context for one poll, with the Allowance of all answers under it, which has
// to be ended.
func (b *Bodies) WithAllowance(ctx context.Context) (context.Context, *Allowance) {
	n := b.kept.take()
	a := &Allowance{bodies: b, inherited: n, borrowed: n}
	return context.WithValue(ctx, allowanceKey{}, a), a
}

// End gives back what the result of the poll does not need: all of it, unless that becomes the latest
// result of the client.
func (a *Allowance) End(latest bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	keep := a.inherited
	if latest {
		keep = max(0, a.used-ownHeld)
	}
	a.bodies.Large.held.giveBack(a.borrowed - keep + a.bodies.kept.put(keep))
}

// take takes the memory for an answer.
func (a *Allowance) take(cost int64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || a.used+cost > maxHeld {
		return &wire.BoundError{Exceeds: fmt.Sprintf("a list, with the %d MiB in use that the answers of one poll may take", maxHeld>>20)}
	}
	if missing := a.used + cost - ownHeld - a.borrowed; missing > 0 {
		if !a.bodies.Large.held.borrow(missing) {
			return &wire.BoundError{Exceeds: "a list, with the memory of --ogg.max-body-memory in use for lists of others"}
		}
		a.borrowed += missing
	}
	a.used += cost
	return nil
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
	a, has := ctx.Value(allowanceKey{}).(*Allowance)
	if _, isSummed := summed[T](); !has || isSummed {
		return nil
	}
	return a.take(int64(cost))
}
