package ogg

import (
	"slices"
	"time"
)

// LeftOut is what polls do not read, because there would be too many series of it.
type LeftOut struct {
	// Reads names collectors, and points of the Performance Metrics Service.
	Reads []string
	// Series is how many series each metric had when it was last read, by its name.
	Series map[string]int
}

// leftOutFor is for how long something is left out before it is read once more, because there may be
// room for it by then.
const leftOutFor = 10 * time.Minute

// leaving is what is left out, and until when.
type leaving struct {
	LeftOut

	until time.Time
}

// has reports whether the collector or point is left out.
func (l LeftOut) has(name string) bool { return slices.Contains(l.Reads, name) }
