package rest

import (
	"sync"
	"sync/atomic"
)

// maxHeld is how much memory what is kept of the answers of one poll may take, in bytes, by an
// estimate: entrySize for each entry of a list, and the texts of a body that is not small. 10,000
// processes take some 20 MiB of it.
const maxHeld = 32 << 20

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

// kept is what the latest result of a client has borrowed. A scrape may hold it for a while after
// its poll has ended; it counts until the next poll.
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
