package wire

import (
	"maps"
	"sync"
	"time"
)

// What changes all the time is logged once in sayAgain, and of all that one Seldom decides about, no
// more than mostSaid in that time.
const (
	sayAgain = 10 * time.Minute
	mostSaid = 500
)

// Seldom limits how often things are said, so that no peer can fill a log. It is safe for concurrent
// use. A nil Seldom allows everything.
type Seldom[K comparable] struct {
	now  func() time.Time
	mu   sync.Mutex
	said map[K]time.Time
}

// NewSeldom returns a Seldom that has allowed nothing yet.
func NewSeldom[K comparable](now func() time.Time) *Seldom[K] {
	return &Seldom[K]{now: now, said: map[K]time.Time{}}
}

// May reports whether to say something about what now, which then counts as said.
func (s *Seldom[K]) May(what K) bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	isOver := func(at time.Time) bool { return now.Sub(at) >= sayAgain || now.Before(at) }
	if at, is := s.said[what]; is && !isOver(at) {
		return false
	}
	maps.DeleteFunc(s.said, func(_ K, at time.Time) bool { return isOver(at) })
	if len(s.said) >= mostSaid {
		return false
	}
	s.said[what] = now
	return true
}
