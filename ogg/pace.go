package ogg

import (
	"sync"
	"time"
)

// pace is when the latest polls began.
type pace struct {
	mu    sync.Mutex
	polls [5]time.Time // the latest first
}

// note adds a poll. Polls may end in another order than that in which they began.
func (p *pace) note(begin time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, at := range p.polls {
		if begin.After(at) {
			begin, p.polls[i] = at, begin
		}
	}
}

// interval returns the longest time between two of the polls; 0 before there are two.
func (p *pace) interval() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	longest := time.Duration(0)
	for i := 1; i < len(p.polls) && !p.polls[i].IsZero(); i++ {
		longest = max(longest, p.polls[i-1].Sub(p.polls[i]))
	}
	return longest
}
