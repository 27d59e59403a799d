package ogg

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Workers are the workers of a Replicat that work in one mode, as a whole: appliers and mappers of a
// parallel one (23ai and later), or threads of a coordinated one.
type Workers struct {
	Replicat, Mode string
	// CPU is the time of those that run and of those that have ended, in seconds: a counter that
	// starts with the Replicat, without those that ended before they were read. It is missing until
	// all that run have been read.
	CPU wire.Number
	// ResidentMemory is that of those that run, in bytes; missing while one of them was not read.
	ResidentMemory wire.Number
}

// WorkerCount is how many workers of a Replicat run that work in one mode.
type WorkerCount struct {
	Replicat, Mode string
	Running        int
}

// countWorkers counts the workers in the list of processes, in its order.
func countWorkers(processes []*Monitored) []*WorkerCount {
	var counts []*WorkerCount
	of := map[WorkerCount]*WorkerCount{}
	for _, w := range workersOf(processes) {
		group := WorkerCount{Replicat: w.Parent, Mode: w.Mode}
		if of[group] == nil {
			of[group] = &WorkerCount{Replicat: w.Parent, Mode: w.Mode}
			counts = append(counts, of[group])
		}
		of[group].Running++
	}
	return counts
}

// workersEvery is the time between two reads of what a worker uses.
const workersEvery = time.Minute

// workerMemory keeps what the workers of a deployment used.
type workerMemory struct {
	usage slowFacts[workerUsage] // by name

	mu        sync.Mutex
	replicats map[string]*workerTimes
}

// workerUsage is what a worker used, and the run that it was; no usage if it reported none.
type workerUsage struct {
	read  bool
	run   int64
	usage *ProcessUsage
}

// worker is one that runs, and its run: when it started, as far as that is reported, or its Replicat.
type worker struct {
	*Monitored

	run int64
}

// readWorkers reads GET /mpoints/{w}/processPerformance of each worker that runs, every minute and
// when it starts anew (all releases; role User).
func readWorkers(ctx context.Context, v *visit) ([]*Workers, bool, error) {
	pm, listErr := monitorFor(ctx, v)
	if pm == nil {
		return nil, false, nil
	}
	memory := wire.Remembered[workerMemory](v.memory)
	workers := workersOf(pm.processes)
	names := make([]slowName, len(workers))
	byName := make(map[string]worker, len(workers))
	for i, w := range workers {
		byName[w.Name] = w
		names[i] = slowName{w.Name, v.stateOf("pmsrvr", wire.Timestamp{}, "")}
		names[i].state.started = w.run
	}
	if pm.processes == nil {
		return nil, true, listErr
	}
	memory.usage.keep(names)
	memory.usage.read(ctx, v, slowTerms{what: "worker", interval: workersEvery, service: pm.Endpoint}, names,
		func(ctx context.Context, name string, before workerUsage) (workerUsage, error) {
			answer, err := point[processPerformance](ctx, pm, byName[name].Monitored, "processPerformance")
			switch {
			case err != nil:
				return before, err
			case answer == nil:
				return workerUsage{read: true, run: byName[name].run}, nil
			default:
				return workerUsage{true, byName[name].run, answer.usage()}, nil
			}
		})
	errs := make([]error, len(names))
	for i, n := range names {
		_, _, errs[i] = memory.usage.get(n.name)
	}
	return memory.sums(pm.processes, workers), true, wire.Join(listErr, wire.Summarize(errs, "workers"))
}

// workersOf returns the workers that run, of Replicats that run, in the order of the list.
func workersOf(processes []*Monitored) []worker {
	replicats := map[string]*Monitored{}
	for _, p := range processes {
		replicats[p.Name] = p
	}
	var workers []worker
	for _, p := range processes {
		replicat := replicats[p.Parent]
		if replicat == nil || !replicat.runs() || !p.runs() {
			continue
		}
		w := worker{p, micros(p.Started)}
		if p.Started.IsZero() {
			w.run = micros(replicat.Started)
		}
		workers = append(workers, w)
	}
	return workers
}

// sums returns what the workers use together, by Replicat and mode, in the order of the list.
func (m *workerMemory) sums(processes []*Monitored, workers []worker) []*Workers {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := make(map[string]*workerTimes, len(m.replicats))
	byReplicat := map[string][]worker{}
	for _, w := range workers {
		byReplicat[w.Parent] = append(byReplicat[w.Parent], w)
	}
	var all []*Workers
	for _, replicat := range processes {
		own := byReplicat[replicat.Name]
		times := m.replicats[replicat.Name]
		if times == nil && len(own) == 0 {
			continue
		}
		if times == nil || differ(micros(replicat.Started), times.run) {
			times = &workerTimes{run: micros(replicat.Started), ended: map[string]float64{}, latest: map[string]workerTime{}, complete: map[string]bool{}}
		}
		times.run = cmp.Or(times.run, micros(replicat.Started))
		kept[replicat.Name] = times
		if replicat.runs() {
			all = append(all, m.sumsOf(replicat.Name, times, own)...)
		}
	}
	if len(m.replicats) > maxEnded {
		m.replicats = nil
	}
	for name, times := range m.replicats { // it may only be missing in this list
		if kept[name] == nil {
			kept[name] = times
		}
	}
	m.replicats = kept
	return all
}

// sumsOf returns what the workers of a Replicat use together, by mode.
func (m *workerMemory) sumsOf(replicat string, times *workerTimes, workers []worker) []*Workers {
	running := map[string]bool{}
	modes := map[string]*Workers{}
	unread := map[string]bool{}
	for _, w := range workers {
		running[w.Name] = true
		sum := modes[w.Mode]
		if sum == nil {
			sum = &Workers{Replicat: replicat, Mode: w.Mode}
			modes[w.Mode] = sum
		}
		found, known, _ := m.usage.get(w.Name)
		switch {
		case !known || !found.read || differ(found.run, w.run):
			unread[w.Mode] = true
		case found.usage != nil:
			times.note(w, found.usage)
			sum.ResidentMemory = sum.ResidentMemory.Plus(found.usage.ResidentMemory)
		}
	}
	times.end(running)
	return times.complement(replicat, modes, unread)
}

// workerTimes are the CPU times of the workers of one run of a Replicat, in seconds.
type workerTimes struct {
	run      int64                 // when the Replicat started
	ended    map[string]float64    // of earlier runs, by mode
	latest   map[string]workerTime // of the latest run of each, by name
	complete map[string]bool       // the modes of which all were once read
}

// workerTime is the CPU time of one run of a worker.
type workerTime struct {
	mode    string
	run     int64
	seconds float64
}

// note notes what a worker used. What it used in an earlier run stays in the sum.
func (t *workerTimes) note(w worker, usage *ProcessUsage) {
	seconds, known := usage.UserTime.Plus(usage.SystemTime).Value()
	if !known {
		return
	}
	before, is := t.latest[w.Name]
	run := w.run
	if !is || !differ(before.run, run) {
		seconds, run = max(seconds, before.seconds), cmp.Or(run, before.run)
	} else {
		t.ended[before.mode] += before.seconds
	}
	t.latest[w.Name] = workerTime{w.Mode, run, seconds}
}

// maxEnded is how many workers of a Replicat, and how many Replicats, are kept that are not listed any
// more. More than that are the product of names that change all the time.
const maxEnded = 1000

// end notes which workers run. The others have ended, or are only missing in this list: a worker that
// is listed again in the same run must not count twice.
func (t *workerTimes) end(running map[string]bool) {
	if len(t.latest)-len(running) <= maxEnded {
		return
	}
	for name, last := range t.latest {
		if !running[name] {
			t.ended[last.mode] += last.seconds
			delete(t.latest, name)
		}
	}
}

// exact returns a sum of times that are counted in microseconds, without what differs when they are added
// in another order: a counter that goes back, however little, counts as one that began anew.
func exact(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }

// complement adds the CPU times to what the workers use, and those of modes in which none runs, and
// removes the sums from which one is missing.
func (t *workerTimes) complement(replicat string, modes map[string]*Workers, unread map[string]bool) []*Workers {
	for mode, sum := range modes {
		if unread[mode] {
			sum.ResidentMemory = wire.Number{}
		} else {
			t.complete[mode] = true
		}
	}
	seconds := map[string]float64{}
	for mode, ended := range t.ended {
		seconds[mode] += ended
	}
	for _, last := range t.latest {
		seconds[last.mode] += last.seconds
	}
	var all []*Workers
	for mode, sum := range seconds {
		if modes[mode] == nil {
			modes[mode] = &Workers{Replicat: replicat, Mode: mode}
		}
		if t.complete[mode] {
			modes[mode].CPU = wire.NumberOf(exact(sum))
		}
	}
	for _, mode := range slices.Sorted(maps.Keys(modes)) {
		all = append(all, modes[mode])
	}
	return all
}
