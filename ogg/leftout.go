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

// NoteExport notes why the samples of a poll of the collectors were withheld; nil if they were not.
// It logs when that begins and when it ends. Like LeaveOut, it heeds only what a poll of all
// collectors shows.
func (c *Client) NoteExport(err error, collectors ...string) {
	if !includes(collectors, c.options.Collectors) || c.withheld.Swap(err != nil) == (err != nil) {
		return
	}
	if err != nil {
		c.log.Warn("The Service Manager has too many series: none is served", "err", err)
	} else {
		c.log.Info("The series of the Service Manager are served again")
	}
}

// has reports whether the collector or point is left out.
func (l LeftOut) has(name string) bool { return slices.Contains(l.Reads, name) }
