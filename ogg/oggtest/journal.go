package oggtest

import (
	"slices"
	"strings"
	"time"
)

// event is something that a process writes to the log, and to its report.
type event struct {
	process  string
	at       time.Time
	severity severity
	code     string
	text     string
}

// severity is how severe an event is, as in a report.
type severity string

const (
	info    severity = "INFO"
	warning severity = "WARNING"
	failed  severity = "ERROR"
)

// journal has the events of a deployment's processes, as the Performance Metrics Service keeps them:
// the latest of them, numbered from 1.
type journal struct {
	dropped int64
	kept    []event
	spans   map[string]span
}

// span has the numbers of the first and last event in the latest run of a process; 0 if there are
// none.
type span struct{ first, last int64 }

// mostEvents is how many events are kept.
const mostEvents = 10_000

// add numbers events and keeps them.
func (j *journal) add(events ...event) {
	if j.spans == nil {
		j.spans = map[string]span{}
	}
	for _, e := range events {
		j.kept = append(j.kept, e)
		id, s := j.last(), j.spans[e.process]
		if strings.HasSuffix(e.text, " starting.") {
			s = span{first: id}
		}
		s.last = id
		j.spans[e.process] = s
	}
	if n := len(j.kept) - mostEvents; n > 0 {
		j.dropped += int64(n)
		j.kept = slices.Delete(j.kept, 0, n)
	}
}

// last returns the number of the latest event.
func (j *journal) last() int64 { return j.dropped + int64(len(j.kept)) }
