package ogg

import "slices"

// LeftOut is what polls do not read, because there would be too many series of it.
type LeftOut struct {
	// Reads names collectors, and points of the Performance Metrics Service.
	Reads []string
	// Series is how many series each metric had when it was last read, by its name.
	Series map[string]int
}

// has reports whether the collector or point is left out.
func (l LeftOut) has(name string) bool { return slices.Contains(l.Reads, name) }
