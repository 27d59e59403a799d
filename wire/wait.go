package wire

import "time"

// The shortest and the longest Wait.
const (
	firstWait   = time.Minute
	longestWait = 10 * time.Minute
)

// Wait is the time before something that was not there, or that failed, is asked for again: a
// minute, and after each further time twice as long, up to ten minutes. The zero value is over.
type Wait struct {
	until time.Time
	took  time.Duration
}

// Over reports whether it is time to ask again.
func (w *Wait) Over(now time.Time) bool { return !now.Before(w.until) }

// isOld reports whether it has been time to ask again for so long that nobody does.
func (w *Wait) isOld(now time.Time) bool { return now.Sub(w.until) >= longestWait }

// Grow begins the next wait. It changes nothing while the last one is not over.
func (w *Wait) Grow(now time.Time) {
	if !w.Over(now) {
		return
	}
	w.took = min(max(firstWait, 2*w.took), longestWait)
	w.until = now.Add(w.took)
}
