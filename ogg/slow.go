package ogg

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// slowFacts are facts of one kind that seldom change, by the name of what they are about; one that
// is alone has the name "". Each is read at most once in an interval and kept between polls. It is
// read again when
//
//   - the interval is over,
//   - its slowState is another: the service or process has started anew, or changed its status,
//   - the last read failed, after growing waits,
//   - a poll is traced: a capture and a debug page show everything.
//
// A poll reads a few of those that are not known yet, and so many of the others that it would catch
// up if twice as many were due as there are: neither a restart of the exporter nor one of GoldenGate
// makes it ask for everything at once. A hurried poll reads none. The zero value knows nothing.
type slowFacts[T any] struct {
	// reading is held by the poll that reads, and guards polled. Other polls use what is known.
	reading sync.Mutex
	polled  time.Time
	facts   wire.Facts[slowRead[T]]
}

// slowRead is the outcome of a read.
type slowRead[T any] struct {
	value T
	err   error // what failed or was odd
	state slowState
	poll  uint64 // that read it
}

// slowTerms say how facts of a kind are read.
type slowTerms struct {
	what     string // they are about, in the singular
	interval time.Duration
	service  *rest.Endpoint // that is asked
	// costly facts are read one after the other, in at most half of the time of a poll, and also
	// after a failure only once in the interval: each read costs more than a request.
	costly bool
	// needed facts are read by the poll that needs them, however many there are.
	needed bool
}

// slowName is the name of a fact, and with which state it is to be read.
type slowName struct {
	name  string
	state slowState
}

// slowState is that of the service, process or path that a fact is about. What is not known, it
// leaves zero. Times are in Unix microseconds.
type slowState struct {
	service int64 // when the service started that is asked
	started int64
	status  string
}

// stateOf returns the state of something that a service of the deployment runs.
func (v *visit) stateOf(service string, started wire.Timestamp, status string) slowState {
	return slowState{v.starts.of(v.deployment, service), micros(started), status}
}

// only returns the name of a fact of which there is one.
func only(state slowState) []slowName { return []slowName{{state: state}} }

// differs reports whether something is known to be other than before.
func (s slowState) differs(before slowState) bool {
	return differ(s.service, before.service) || differ(s.started, before.started) || differ(s.status, before.status)
}

// differ reports whether a value is known to be another than before.
func differ[T comparable](now, before T) bool {
	var unknown T
	return now != unknown && before != unknown && now != before
}

// or returns the state, with what is not known of it as it was before.
func (s slowState) or(before slowState) slowState {
	return slowState{cmp.Or(s.service, before.service), cmp.Or(s.started, before.started), cmp.Or(s.status, before.status)}
}

// fewFacts is how many facts of a kind a poll of a deployment may read in any case.
const fewFacts = 20

// firstPolls is in how many polls all facts of a kind become known.
const firstPolls = 10

// read reads those facts that are due. From gets what is known of a fact, and returns what is known
// then; if it panics, that is as before. Nothing is noted if the poll was abandoned.
func (f *slowFacts[T]) read(ctx context.Context, v *visit, how slowTerms, names []slowName,
	from func(ctx context.Context, name string, before T) (T, error),
) {
	if v.hurried {
		return
	}
	if !how.needed {
		if !f.reading.TryLock() {
			return
		}
		defer f.reading.Unlock()
	}
	due := f.due(ctx, v, how, names)
	how.each(ctx, len(due), func(i int) { f.refresh(ctx, v, how, due[i], from) })
}

// due returns which facts to read: those that are not known in the order of the names, and the
// others from the one that is due for longest.
func (f *slowFacts[T]) due(ctx context.Context, v *visit, how slowTerms, names []slowName) []slowName {
	now := v.options.Now()
	var first, again []slowName
	since := map[string]time.Time{}
	for _, n := range names {
		known, is := f.facts.Get(n.name)
		at, due := f.facts.Due(n.name, now)
		switch {
		case is && known.poll == v.poll:
		case !is || rest.IsTraced(ctx):
			first = append(first, n)
		case due:
			again, since[n.name] = append(again, n), at
		case n.state.differs(known.state):
			again, since[n.name] = append(again, n), now
		case known.state != known.state.or(n.state): // more of it is known than when it was read
			known.state = known.state.or(n.state)
			f.facts.Set(n.name, known)
		}
	}
	slices.SortStableFunc(again, func(a, b slowName) int { return since[a.name].Compare(since[b.name]) })
	if how.needed || how.costly || rest.IsTraced(ctx) {
		return slices.Concat(first, again)
	}
	return slices.Concat(first[:min(len(first), most(len(names), 1./firstPolls))], again[:min(len(again), f.pace(now, how, len(names)))])
}

// pace returns how many of the known facts, of which there are that many, a poll may read. The
// caller holds f.reading.
func (f *slowFacts[T]) pace(now time.Time, how slowTerms, facts int) int {
	passed := time.Duration(0)
	if !f.polled.IsZero() {
		passed = now.Sub(f.polled)
	}
	f.polled = now
	if how.interval <= 0 {
		return facts
	}
	return most(facts, 2*passed.Seconds()/how.interval.Seconds())
}

// most returns how many of the facts a poll may read that is to read that share of them.
func most(facts int, share float64) int {
	return max(fewFacts, int(math.Ceil(float64(facts)*min(1, max(0, share)))))
}

// each calls read for each of n facts.
func (how slowTerms) each(ctx context.Context, n int, read func(i int)) {
	if !how.costly {
		how.service.OnEach(make([]error, n), func(i int) error { read(i); return nil })
		return
	}
	end, _ := ctx.Deadline() // every poll has one
	enough := time.Now().Add(time.Until(end) / 2)
	for i := 0; i < n && time.Now().Before(enough) && ctx.Err() == nil; i++ {
		read(i)
	}
}

// refresh reads a fact.
func (f *slowFacts[T]) refresh(ctx context.Context, v *visit, how slowTerms, n slowName,
	from func(ctx context.Context, name string, before T) (T, error),
) {
	before, _ := f.facts.Get(n.name)
	r := slowRead[T]{value: before.value, state: n.state.or(before.state), poll: v.poll}
	within, odd := rest.WithOddities(ctx)
	err := v.options.Panics.Catch(how.what, func() (err error) {
		r.value, err = from(within, n.name, before.value)
		return err
	})
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return
	}
	if r.err = wire.Join(err, odd.Err()); r.err != nil && !how.costly {
		f.facts.Fail(n.name, r, v.options.Now())
	} else {
		f.facts.Keep(n.name, r, v.options.Now(), how.interval)
	}
}

// learn notes a fact that a poll found elsewhere, so that it need not be read.
func (f *slowFacts[T]) learn(v *visit, n slowName, value T, interval time.Duration) {
	before, _ := f.facts.Get(n.name)
	f.facts.Keep(n.name, slowRead[T]{value: value, state: n.state.or(before.state), poll: v.poll}, v.options.Now(), interval)
}

// get returns what is known of a fact, whether it was read, and what failed in the latest read.
func (f *slowFacts[T]) get(name string) (T, bool, error) {
	r, is := f.facts.Get(name)
	return r.value, is, r.err
}

// keep forgets the facts about everything else.
func (f *slowFacts[T]) keep(names []slowName) {
	listed := make(map[string]bool, len(names))
	for _, n := range names {
		listed[n.name] = true
	}
	f.facts.Forget(func(name string) bool { return !listed[name] })
}

// fewDeployments is how many deployments the Service Manager is asked about for the first time in one
// poll, where that takes several requests for each.
const fewDeployments = 10

// mayBegin reports whether it is the deployment's turn: in the first polls the Service Manager is
// asked about a few deployments each, in the order of their names. A traced poll shows all.
func (v *visit) mayBegin(ctx context.Context) bool {
	perPoll := max(fewDeployments, (v.deployments+firstPolls-1)/firstPolls)
	return v.poll > uint64(v.place/perPoll) || rest.IsTraced(ctx) //nolint:gosec // not negative
}
