package oggtest

import (
	"cmp"
	"hash/fnv"
	"time"
)

// Defaults for the rates of a process.
const (
	checkpointEvery = 10 * time.Second
	trailFileSize   = 500_000_000
	trailFileHeader = 1_500
)

// run is the history of a process: the only state that the workload needs.
type run struct {
	created time.Time     // when it was added
	started time.Time     // zero if never
	stopped time.Time     // zero while running
	stuck   time.Time     // no checkpoint after it; zero if not stuck
	earlier time.Duration // running time of all earlier runs
	starts  int
}

// progress is the state of a process at one moment, as of its last checkpoint.
type progress struct {
	checkpoint time.Time     // time of the last one
	lag        time.Duration // as of the checkpoint
	bytes      int64         // written or read since it was created, as of the checkpoint
	scn        int64         // as of the checkpoint
}

// seed returns a number that is the same for a process in every simulation.
func seed(deployment, process string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(deployment + "/" + process))
	return h.Sum64()
}

// workload returns what a process with this seed and history reports now. It is a pure function.
// For a process that is down, only the age of its checkpoint changes.
func workload(p Process, seed uint64, r run, now time.Time) progress {
	if r.started.IsZero() {
		return progress{checkpoint: r.created}
	}
	ran := r.runningTime(now).Truncate(checkpointEvery)
	total := r.earlier + ran
	return progress{
		checkpoint: r.started.Add(ran),
		lag:        p.lagAfter(ran, total),
		bytes:      int64(total.Seconds() * float64(p.rate(seed))),
		scn:        int64(230_000_000_000+seed%9_000_000_000) + int64(total.Seconds())*37,
	}
}

// runningTime returns how long the latest run lasted, up to its last checkpoint.
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

// lagAfter returns the lag at ran within this run and total over all runs.
func (p Process) lagAfter(ran, total time.Duration) time.Duration {
	lag := p.Lag + time.Duration(p.LagGrowth*float64(ran))
	if p.LagSwing != 0 {
		period := p.LagPeriod
		if period <= 0 {
			period = time.Hour
		}
		phase := float64(total%period) / float64(period) // rises in the first half, falls in the second
		lag += time.Duration(float64(p.LagSwing) * (1 - abs(2*phase-1)))
	}
	return max(0, lag)
}

// rate returns the bytes of trail per second.
func (p Process) rate(seed uint64) int64 {
	if p.BytesPerSecond != 0 {
		return max(0, p.BytesPerSecond)
	}
	return int64(20_000 + seed%200_000)
}

// trailPosition returns the file and offset of a trail after so many bytes. Each file begins with a
// header.
func trailPosition(bytes int64) (sequence, offset int64) {
	if bytes == 0 {
		return 0, 0
	}
	return bytes / trailFileSize, trailFileHeader + bytes%trailFileSize
}

func abs(f float64) float64 { return max(f, -f) }

// history returns the run of a process before it was added.
func (pr *process) history(now time.Time) run {
	stopped := now.Add(-cmp.Or(pr.spec.Stopped, time.Hour))
	r := run{created: stopped}
	if pr.spec.NeverStarted {
		return r
	}
	spread := time.Duration(pr.seed%3_600_000) * time.Millisecond
	r.started, r.starts = now.Add(-cmp.Or(pr.spec.Started, 24*time.Hour+spread)), 1
	if !pr.running() {
		r.stopped = stopped
	}
	if pr.spec.Stuck {
		r.stuck = now
	}
	return r
}

// to changes the status of a process, as of now.
func (pr *process) to(status string, now time.Time) {
	ran := pr.running()
	pr.spec.Status = status
	switch {
	case ran && !pr.running():
		pr.run.stopped = now
	case !ran && pr.running():
		pr.start(now)
	}
}

// start begins a new run. The trail continues where it was.
func (pr *process) start(now time.Time) {
	if !pr.run.started.IsZero() {
		pr.run.earlier += pr.run.runningTime(now).Truncate(checkpointEvery)
	}
	pr.run.started, pr.run.stopped, pr.run.stuck = now, time.Time{}, time.Time{}
	pr.run.starts++
	if pr.spec.Stuck {
		pr.run.stuck = now
	}
}
