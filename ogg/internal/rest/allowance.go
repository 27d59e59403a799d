package rest

import (
	"context"
	"fmt"
	"sync"
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
	// ownHeld is how much of that each poll has for itself, so that it gets on whatever others
	// hold. The rest comes out of what all polls of the process share.
	ownHeld = 2 << 20
)

// held is what the polls of the process keep together beyond their own parts, by the same estimate.
type held struct {
	most int64
	now  atomic.Int64
}

// borrow takes n bytes, and reports whether there was room.
func (h *held) borrow(n int64) bool {
	if h.now.Add(n) > h.most {
		h.now.Add(-n)
		return false
	}
	return true
}

// giveBack gives n bytes back.
func (h *held) giveBack(n int64) { h.now.Add(-n) }

// kept is what the latest result of a client, which it keeps, has borrowed.
type kept struct {
	mu       sync.Mutex
	borrowed int64
	closed   bool // nothing is kept any more
}

// take returns what the latest result has borrowed, which the next poll may use: it replaces that.
func (k *kept) take() int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := k.borrowed
	k.borrowed = 0
	return n
}

// put notes what the latest result has borrowed, and returns what is free now.
func (k *kept) put(n int64) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return n
	}
	n, k.borrowed = k.borrowed, n
	return n
}

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
