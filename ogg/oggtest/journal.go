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
	logged   time.Time // at, or when a process was added that says it did this before
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
// the latest of them, in the order in which they were logged. They are numbered from 1.
type journal struct {
	dropped int64
	kept    []event
}

// mostEvents is how many events are kept.
const mostEvents = 2_000

// add keeps events, which are in order.
func (j *journal) add(events ...event) {
	late := len(events) > 0 && len(j.kept) > 0 && events[0].logged.Before(j.kept[len(j.kept)-1].logged)
	j.kept = append(j.kept, events...)
	if late {
		slices.SortStableFunc(j.kept, func(a, b event) int { return a.logged.Compare(b.logged) })
	}
	if n := len(j.kept) - mostEvents; n > 0 {
		j.dropped += int64(n)
		j.kept = slices.Delete(j.kept, 0, n)
	}
}

// with returns a journal that also has other events.
func (j *journal) with(events []event) *journal {
	if len(events) == 0 {
		return j
	}
	more := &journal{j.dropped, slices.Clip(j.kept)} // so that add does not write to those of j
	for _, e := range events {
		more.add(e)
	}
	return more
}

// last returns the number of the latest event.
func (j *journal) last() int64 { return j.dropped + int64(len(j.kept)) }

// span has the numbers of the first and last event in the latest run of a process; 0 if there are
// none.
type span struct{ first, last int64 }

// spans returns those of all processes.
func (j *journal) spans() map[string]span {
	all := map[string]span{}
	for i, e := range j.kept {
		id, s := j.dropped+int64(i)+1, all[e.process]
		if strings.HasSuffix(e.text, " starting.") {
			s = span{first: id}
		}
		s.last = id
		all[e.process] = s
	}
	return all
}
