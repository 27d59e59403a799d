package oggtest

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"time"
)

// The workload of the simulation is one model. A source commits a stream, and everything behind it
// passes that on: the Extract into a trail, a distribution path to a receiver path, which writes a
// trail of another deployment, and a Replicat to its database. How far each of them has come is a
// source time, which process.reached computes on request: by time t, one that lags by L has passed
// on what was committed until t−L, but nothing that was not passed on to it. Positions, bytes,
// operations, SCNs, backlogs and lags follow from that.
//
// One that is down or stuck stays where it is while the others go on. After a restart, it works
// catchUp times as fast as its source until its lag is what is specified.

const (
	checkpointEvery = 10 * time.Second
	catchUp         = 20
)

// run is one run of a process: from a start to a stop.
type run struct {
	created time.Time     // when the process was added
	started time.Time     // zero if never
	stopped time.Time     // zero if it does not end; in the future if it will end by itself
	ending  string        // status after an end by itself
	stuck   time.Time     // no checkpoint after it; zero if not stuck
	earlier time.Duration // running time of all earlier runs
	from    time.Time     // source time that the earlier runs reached; zero if there were none
	starts  int
}

// progress is the state of a process at one moment, as of its last checkpoint.
type progress struct {
	checkpoint time.Time     // time of the last one
	lag        time.Duration // as of the checkpoint
	source     time.Time     // what was committed until then has been passed on
	bytes      int64         // of the trail, from its beginning
	scn        int64

	sequence, offset int64 // in the trail that it reads or, if it reads none, that it writes
}

// seed returns a number that is the same for a process in every simulation.
func seed(deployment, process string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(deployment + "/" + process))
	return h.Sum64()
}

// at returns what a process reports at a moment. It is a pure function of the specification and of
// the history: for a process that is down, only the age of its checkpoint changes.
func (pr *process) at(now time.Time) progress {
	r := pr.runAt(now)
	if r.started.IsZero() {
		p := progress{checkpoint: r.created, source: pr.source().begin}
		p.sequence, p.offset = pr.files().position(0)
		return p
	}
	c := r.started.Add(r.runningTime(now).Truncate(checkpointEvery))
	p := progress{checkpoint: c, lag: pr.lagAt(c), source: pr.reached(c)}
	p.bytes, p.scn = pr.bytesUntil(p.source), pr.source().scn(p.source)
	p.sequence, p.offset = pr.files().position(p.bytes)
	return p
}

// threadAt is at for one of the threads of a coordinated Replicat, which share its work: the last
// one is as far as the whole, and the others are ahead of it, but not of what was passed on to them.
func (pr *process) threadAt(thread int, now time.Time) progress {
	p, threads := pr.at(now), pr.threads()
	if thread == 0 || p.source.Equal(pr.offered(p)) {
		return p
	}
	ahead := pr.offered(p).Sub(p.source) * time.Duration(threads-thread) / time.Duration(threads)
	p.source, p.lag = p.source.Add(ahead), p.lag-ahead
	p.bytes = pr.bytesUntil(p.source)
	p.sequence, p.offset = pr.files().position(p.bytes)
	return p
}

// offered returns the source time up to which the process could have passed everything on by its
// checkpoint, if it had no lag of its own.
func (pr *process) offered(p progress) time.Time {
	if up := pr.upstream(); up != nil {
		return latest(p.source, up.reached(p.checkpoint))
	}
	return latest(p.source, p.checkpoint)
}

// atEnd reports whether there was nothing left to read at the checkpoint.
func (pr *process) atEnd(p progress) bool {
	return pr.bytesUntil(pr.offered(p)) == p.bytes
}

// heartbeat returns the lag of the latest heartbeat record that passed, all the way from the source,
// and when it passed. The source writes one per interval.
func (pr *process) heartbeat(every time.Duration, now time.Time) (lag time.Duration, passed time.Time) {
	begin, lag := pr.source().begin, pr.lagAt(now)
	passed = begin.Add(pr.reached(now).Sub(begin).Truncate(every) + lag)
	for up := pr; up != nil; up = up.upstream() {
		lag += time.Duration(100+up.seed%900) * time.Millisecond
	}
	return lag, passed
}

// reached returns the source time up to which the process has passed everything on by a moment.
func (pr *process) reached(now time.Time) time.Time {
	at, source := pr.able(now)
	if up := pr.upstream(); up != nil && !at.IsZero() {
		source = earliest(source, up.reached(at))
	}
	return source
}

// lagAt returns the lag at a moment: that of the latest data that was passed on, then.
func (pr *process) lagAt(now time.Time) time.Duration {
	at, source := pr.able(now)
	if at.IsZero() {
		return 0
	}
	lag := at.Sub(source)
	if up := pr.upstream(); up != nil {
		lag = max(lag, up.lagAt(at))
	}
	return lag
}

// able returns the latest time at which the process moved, zero if never, and how far it would have
// come by then if everything had been passed on to it at once.
func (pr *process) able(now time.Time) (at, source time.Time) {
	r := pr.runAt(now)
	if r.started.IsZero() || r.started.After(now) {
		return time.Time{}, earliest(now, pr.source().begin)
	}
	ran := r.runningTime(now)
	at = r.started.Add(ran)
	source = at.Add(-pr.spec.lagAfter(ran, r.earlier+ran))
	if !r.from.IsZero() {
		source = latest(r.from, earliest(source, r.from.Add(ran*catchUp)))
	}
	return at, source
}

// upstream returns the process that passes everything on to this one; nil for an Extract, and where
// that process is not simulated.
func (pr *process) upstream() *process {
	if pr.in != nil {
		return pr.in.writer
	}
	return pr.sender
}

// source returns the stream that passes through the process.
func (pr *process) source() *stream {
	switch {
	case pr.in != nil:
		return pr.in.source()
	case pr.sender != nil:
		return pr.sender.source()
	}
	return pr.own
}

// files returns how the trail is cut into files that the process reads or writes.
func (pr *process) files() files {
	if pr.in != nil {
		return pr.in.files
	}
	return pr.out.files
}

// bytesUntil returns the bytes of trail up to a source time.
func (pr *process) bytesUntil(source time.Time) int64 {
	if pr.unread {
		return 0
	}
	return pr.source().bytes(source)
}

// done returns the bytes and operations that the process passed on between two moments.
func (pr *process) done(since, now time.Time) (bytes, operations int64) {
	if pr.unread {
		return 0, 0
	}
	s, from, to := pr.source(), pr.reached(since), pr.reached(now)
	return s.bytes(to) - s.bytes(from), s.operations(to) - s.operations(from)
}

// runningTime returns how long the run lasted until a moment.
func (r run) runningTime(now time.Time) time.Duration {
	end := now
	if !r.stopped.IsZero() && r.stopped.Before(end) {
		end = r.stopped
	}
	if !r.stuck.IsZero() && r.stuck.Before(end) {
		end = r.stuck
	}
	return max(0, end.Sub(r.started))
}

// runAt returns the run at a moment, or else the latest one before, or else the first.
func (pr *process) runAt(now time.Time) run {
	r := pr.run
	for i := len(pr.past) - 1; i >= 0 && r.started.After(now); i-- {
		r = pr.past[i]
	}
	return r
}

// lagAfter returns the lag at ran within this run and total over all runs. It never grows as fast as
// time, because then nothing would be passed on, or even less than before: a swing that is too high
// for its period rises for longer than it falls, and is cut to what is possible.
func (p Process) lagAfter(ran, total time.Duration) time.Duration {
	const fastest = 0.999
	growth := min(fastest, p.LagGrowth)
	lag := p.Lag + time.Duration(growth*float64(ran))
	if left := fastest - max(0, growth); p.LagSwing > 0 && left > 0 {
		period := cmp.Or(max(0, p.LagPeriod), time.Hour)
		rise := min(period, max(period/2, time.Duration(float64(p.LagSwing)/left)))
		high := min(float64(p.LagSwing), float64(rise)*left)
		phase := total % period
		if phase <= rise {
			lag += time.Duration(high * float64(phase) / float64(rise))
		} else {
			lag += time.Duration(high * float64(period-phase) / float64(period-rise))
		}
	}
	return max(0, lag)
}

// place is what distinguishes the trails of a deployment.
type place struct{ name, directory string }

// trailFiles is a trail of a deployment.
type trailFiles struct {
	place
	files
	path    string     // the directory as it is reported
	writer  *process   // an Extract or receiver path; nil if it is not simulated
	readers []*process // Replicats, distribution paths and data streams
	own     *stream    // what is in it if its writer is not simulated
	keep    int64      // how many files the purge leaves before those in use; none is purged if negative
}

// source returns what is in the trail.
func (t *trailFiles) source() *stream {
	if t.writer != nil {
		return t.writer.source()
	}
	return t.own
}

// end returns the last file and the offset up to which it is written. A writer that is not simulated
// has written everything that was committed.
func (t *trailFiles) end(now time.Time) (sequence, offset int64) {
	written := now
	if t.writer != nil {
		written = t.writer.reached(now)
	}
	return t.position(t.source().bytes(written))
}

// inUse returns the first and the last file that is being read: the last one if none is.
func (t *trailFiles) inUse(now time.Time) (first, last int64) {
	first, last = math.MaxInt64, -1
	for _, pr := range t.readers {
		if pr.runAt(now).started.IsZero() {
			continue
		}
		at := pr.at(now).sequence
		first, last = min(first, at), max(last, at)
	}
	if last < 0 {
		end, _ := t.end(now)
		return end, end
	}
	return first, last
}

// oldest returns the first file that has not been purged. One that never read the trail begins there.
func (t *trailFiles) oldest(now time.Time) int64 {
	if t.keep < 0 || slices.ContainsFunc(t.readers, func(pr *process) bool { return pr.runAt(now).started.IsZero() }) {
		return t.first
	}
	first, _ := t.inUse(now)
	return max(t.first, first-t.keep)
}

// spaceUsed returns the bytes of all files.
func (t *trailFiles) spaceUsed(now time.Time) int64 {
	sequence, offset := t.end(now)
	return (sequence-t.oldest(now))*t.size + offset
}

// stream returns what an Extract captures from its source, or what is in a trail that this process
// reads if nothing that is simulated writes it.
func (pr *process) stream() *stream {
	p, begin := pr.spec, pr.run.created
	if first := pr.first().started; !first.IsZero() {
		begin = first.Add(-p.lagAfter(0, 0))
	}
	return &stream{
		seed: pr.seed, begin: begin,
		bytesPerSecond: float64(p.rate(pr.seed)), rowsPerSecond: p.operationRate(pr.seed),
		swing: min(1, max(0, p.OperationsSwing)), period: cmp.Or(max(0, p.LagPeriod), time.Hour),
	}
}

// rate returns the bytes of trail per second.
func (p Process) rate(seed uint64) int64 {
	if p.BytesPerSecond != 0 {
		return max(0, p.BytesPerSecond)
	}
	return int64(20_000 + seed%200_000)
}

// operationRate returns the operations per second.
func (p Process) operationRate(seed uint64) float64 {
	if p.OperationsPerSecond != 0 {
		return max(0, p.OperationsPerSecond)
	}
	return float64(5 + seed%120)
}

// first returns the first run.
func (pr *process) first() run {
	if len(pr.past) > 0 {
		return pr.past[0]
	}
	return pr.run
}

// history returns the run of a process before it was added.
func (pr *process) history(now time.Time) run {
	stopped := now.Add(-cmp.Or(pr.spec.Stopped, time.Hour))
	r := run{created: stopped}
	if pr.spec.NeverStarted {
		return r
	}
	spread := time.Duration(pr.seed%3_600_000) * time.Millisecond
	r.started, r.starts = now.Add(-cmp.Or(pr.spec.Started, 24*time.Hour+spread)), 1
	if pr.spec.AbendsAfter > 0 {
		pr.abends = now.Add(pr.spec.AbendsAfter)
	}
	if down(pr.spec.Status) {
		r.stopped = stopped
	} else {
		pr.plan(&r)
	}
	if pr.spec.Stuck {
		r.stuck = now
	}
	return r
}

// plan sets when and how a run ends by itself.
func (pr *process) plan(r *run) {
	if pr.spec.RunsFor > 0 {
		r.stopped, r.ending = r.started.Add(pr.spec.RunsFor), "stopped"
	}
	if pr.abends.After(r.started) && (r.stopped.IsZero() || pr.abends.Before(r.stopped)) {
		r.stopped, r.ending = pr.abends, "abended"
	}
}

// down reports whether a status is one in which nothing runs or answers.
func down(status string) bool {
	return status == "stopped" || status == "killed" || status == "abended"
}

// ended reports whether the latest run has ended by itself.
func (pr *process) ended(now time.Time) bool {
	return pr.run.ending != "" && !now.Before(pr.run.stopped)
}

// status returns the status at a moment since the latest change.
func (pr *process) status(now time.Time) string {
	if pr.ended(now) {
		return pr.run.ending
	}
	return pr.spec.Status
}

func (pr *process) running(now time.Time) bool { return !down(pr.status(now)) }

// to changes the status of a process, as of now.
func (pr *process) to(status string, now time.Time) {
	ran := pr.running(now)
	if pr.ended(now) {
		pr.run.ending = ""
	}
	pr.spec.Status = status
	switch {
	case ran && down(status):
		pr.run.stopped, pr.run.ending = now, ""
	case !ran && !down(status):
		pr.start(now)
	}
}

// start begins a new run, which continues where the latest one ended.
func (pr *process) start(now time.Time) {
	r := run{created: pr.run.created, started: now, starts: pr.run.starts + 1}
	if !pr.run.started.IsZero() {
		r.earlier, r.from = pr.run.earlier+pr.run.runningTime(now), pr.reached(now)
		if pr.run.stopped.IsZero() || pr.run.stopped.After(now) {
			pr.run.stopped = now
		}
		pr.past = append(pr.past, pr.run)
	}
	pr.plan(&r)
	if pr.spec.Stuck {
		r.stuck = now
	}
	first := pr.run.started.IsZero()
	if pr.run = r; first && pr.own != nil {
		pr.own = pr.stream()
	}
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
