package ogg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
)

// How many polls of a client there are at once, and how many of them may be others than plain
// ones, so that a plain one does not wait for those.
const (
	maxPolls  = 4
	maxOthers = 2
)

// grace is how long a scrape waits for a poll whose time is over, until it leaves without one: a
// read below it ignores its context, or takes too much of the processor. It fits into what
// --scrape.timeout-offset leaves.
const grace = 250 * time.Millisecond

// Why a scrape has no poll.
var (
	errHangs    = errors.New("the poll did not end when its time was over")
	errAllHang  = fmt.Errorf("not polled, because %d earlier polls did not end when their time was over", maxPolls)
	errNoPlace  = fmt.Errorf("not polled in time, because of other polls: there are at most %d at once, %d of them for some of the collectors or with little time", maxPolls, maxOthers)
	errNotEnded = errors.New("the poll continues for other scrapes")
)

// flights are the polls of a client that wait for their turn or are in progress, in the order in
// which they were asked for, and the scrapes that wait for them.
type flights struct {
	log *slog.Logger

	mu  sync.Mutex
	all []*flight
}

// flight is a poll. All that board it have nearly the same deadline, so that nobody gets a result
// that was cut for somebody else.
type flight struct {
	private bool // it is traced
	// plain is true for a poll of all collectors with at least half of the configured timeout.
	// Such polls go first.
	plain bool
	ctx   context.Context // of the poll
	// cancel ends the poll.
	cancel context.CancelCauseFunc
	place  chan struct{} // closed when it may begin
	done   chan struct{}
	inst   *Installation // set before done is closed, as is err
	err    error         // why there is no inst

	// Guarded by flights.mu.
	collectors []string
	begun      bool      // it has a place
	begin      time.Time // when it got it
	end        time.Time // when the first of those aboard has to leave
	earliest   time.Time // the earliest end for which others may board
	waiting    int       // scrapes that have not left
	hangs      bool      // a scrape left because it did not end
}

// trip is what a scrape needs of a poll.
type trip struct {
	collectors []string
	plain      bool
	begin, end time.Time
}

// pollFunc polls for the collectors until the context ends.
type pollFunc func(ctx context.Context, collectors []string) *Installation

// wait returns the result of a poll for the collectors: of one in progress if that can serve, or of
// a new one, which takes at most timeout. It returns when the context ends, or shortly after:
// without a result if the context was cancelled and the poll continues for others, or if it does
// not end.
func (fs *flights) wait(ctx context.Context, collectors []string, plain bool, timeout time.Duration, poll pollFunc) (*Installation, error) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	end, _ := ctx.Deadline()
	plain = plain && end.Sub(begin) >= timeout/2
	f, err := fs.board(ctx, trip{collectors, plain, begin, end}, poll)
	if err != nil {
		return nil, err
	}
	select {
	case <-f.done:
		return f.inst, f.err
	case <-ctx.Done():
	}
	cause := context.Cause(ctx)
	if goesOn := fs.leave(f, cause); goesOn && errors.Is(cause, context.Canceled) {
		return nil, cause
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-f.done: // with what has been read so far
		return f.inst, f.err
	case <-late.C:
		return nil, fs.giveUp(f)
	}
}

// board returns a flight that serves the trip, starting one if necessary.
func (fs *flights) board(ctx context.Context, t trip, poll pollFunc) (*flight, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	private, hanging := rest.IsTraced(ctx), 0
	for _, f := range fs.all {
		if !private && f.serves(t) {
			f.take(t)
			return f, nil
		}
		if f.hangs {
			hanging++
		}
	}
	if hanging >= maxPolls {
		return nil, errAllHang
	}
	f := &flight{
		private: private, plain: t.plain && !private, collectors: t.collectors,
		place: make(chan struct{}), done: make(chan struct{}),
		begin: t.begin, end: t.end, earliest: t.begin.Add(t.end.Sub(t.begin) / 10 * 9), waiting: 1,
	}
	limited, stop := context.WithDeadline(context.WithoutCancel(ctx), t.end)
	f.ctx, f.cancel = context.WithCancelCause(limited)
	fs.all = append(fs.all, f)
	fs.dispatch()
	go func() {
		defer stop()
		defer f.cancel(nil)
		fs.fly(f, poll)
	}()
	return f, nil
}

// serves reports whether the flight reads what the trip needs, ends in time, and has or had nearly
// as much time as a poll for that trip alone would have.
func (f *flight) serves(t trip) bool {
	switch {
	case f.private || f.ctx.Err() != nil:
		return false
	case t.end.Before(f.earliest) || f.end.Sub(f.begin) < t.end.Sub(t.begin)/10*9:
		return false
	case f.begun || f.plain:
		return includes(f.collectors, t.collectors)
	default:
		return !t.plain // it has not begun, and can read for more collectors
	}
}

// take adds the scrape with that trip to those that wait.
func (f *flight) take(t trip) {
	f.waiting++
	if t.end.Before(f.end) {
		f.end = t.end
	}
	if !includes(f.collectors, t.collectors) {
		f.collectors = union(f.collectors, t.collectors)
	}
}

// dispatch gives the free places to those that wait, plain polls first. The caller holds fs.mu.
func (fs *flights) dispatch() {
	for _, plain := range []bool{true, false} {
		for _, f := range fs.all {
			if f.plain == plain && !f.begun && f.ctx.Err() == nil && fs.hasRoom(plain) {
				f.begun, f.begin = true, time.Now()
				close(f.place)
			}
		}
	}
}

// hasRoom reports whether a poll may begin. The caller holds fs.mu.
func (fs *flights) hasRoom(plain bool) bool {
	polls, others := 0, 0
	for _, f := range fs.all {
		if f.begun {
			polls++
			if !f.plain {
				others++
			}
		}
	}
	return polls < maxPolls && (plain || others < maxOthers)
}

// fly waits for a place, and polls.
func (fs *flights) fly(f *flight, poll pollFunc) {
	defer fs.land(f)
	select {
	case <-f.place:
	case <-f.ctx.Done():
	}
	fs.mu.Lock()
	begun, collectors := f.begun, f.collectors
	fs.mu.Unlock()
	if !begun {
		f.err = errNoPlace
		return
	}
	f.inst = poll(f.ctx, collectors)
}

// leave notes that a scrape has run out of time or was cancelled. It ends the flight if nobody
// waits any more, or if the time of those that boarded is over, and otherwise reports true.
func (fs *flights) leave(f *flight, cause error) (goesOn bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.waiting--
	if f.waiting > 0 && (!errors.Is(cause, context.DeadlineExceeded) || time.Now().Before(f.end)) {
		return true
	}
	f.cancel(cause)
	return false
}

// giveUp notes that a scrape left a flight that does not end, and returns why it has no result.
func (fs *flights) giveUp(f *flight) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.ctx.Err() == nil {
		return errNotEnded
	}
	if !f.hangs {
		f.hangs = true
		fs.log.Warn("A poll did not end when its time was over; it keeps its place until it ends", "begin", f.begin.UTC(), "places", maxPolls)
	}
	return errHangs
}

// land ends a flight: its scrapes have their answer, and others may begin.
func (fs *flights) land(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all = slices.DeleteFunc(fs.all, func(o *flight) bool { return o == f })
	if f.hangs {
		fs.log.Info("A poll that did not end in time has ended", "begin", f.begin.UTC())
	}
	close(f.done)
	fs.dispatch()
}

// includes reports whether a poll for these collectors reads what others need; nil is
// everything.
func includes(collectors, others []string) bool {
	if collectors == nil || others == nil {
		return collectors == nil
	}
	return !slices.ContainsFunc(others, func(name string) bool { return !slices.Contains(collectors, name) })
}

// union returns the collectors and the others; nil is everything.
func union(collectors, others []string) []string {
	if collectors == nil || others == nil {
		return nil
	}
	all := slices.Sorted(slices.Values(slices.Concat(collectors, others)))
	return slices.Compact(all)
}
