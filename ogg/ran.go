package ogg

import (
	"maps"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// ranMemory keeps what has run of what is listed, by the route of the list.
type ranMemory struct {
	mu  sync.Mutex
	ran map[string]map[string]bool
}

// runnable is something that is listed, and whether it has run, which is to be filled in.
type runnable struct {
	name, status string
	started      wire.Timestamp
	ran          *bool
}

// maxRan is how many names are kept that a list lacks which could not be read whole. More than that are
// the product of names that change all the time.
const maxRan = 10_000

// note fills in what has run: what runs, has a start time, or did in an earlier poll, since it has been
// listed. It keeps what is known while a list cannot be read whole.
func (m *ranMemory) note(route string, whole bool, objects []runnable) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := map[string]bool{}
	for _, o := range objects {
		if *o.ran = m.ran[route][o.name] || o.status == "running" || !o.started.IsZero(); *o.ran {
			now[o.name] = true
		}
	}
	if before := m.ran[route]; !whole && len(before) <= maxRan {
		maps.Copy(now, before)
	}
	if m.ran == nil {
		m.ran = map[string]map[string]bool{}
	}
	m.ran[route] = now
}

// noteRan fills in what has run of a deployment and of what is in it, which says what was listed.
func noteRan(v *visit, d *Deployment) {
	m := wire.Remembered[ranMemory](v.memory)
	m.note("/deployments", true, []runnable{{d.Name, d.Status, wire.Timestamp{}, &d.Ran}})
	of := map[ProcessType][]runnable{}
	for _, p := range d.Processes {
		of[p.Type] = append(of[p.Type], runnable{p.Name, p.Status, p.Started, &p.Ran})
	}
	for kind, route := range processRoutes {
		m.note(route, d.Listed.Processes, of[kind])
	}
	sources := make([]runnable, len(d.DistributionPaths))
	for i, p := range d.DistributionPaths {
		sources[i] = runnable{p.Name, p.Status, p.Started, &p.Ran}
	}
	m.note("/sources", d.Listed.DistributionPaths, sources)
	targets := make([]runnable, len(d.ReceiverPaths))
	for i, p := range d.ReceiverPaths {
		targets[i] = runnable{p.Name, p.Status, p.Started, &p.Ran}
	}
	m.note("/targets", d.Listed.ReceiverPaths, targets)
}
