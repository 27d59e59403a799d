package ogg

import (
	"context"
	"errors"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// pointMemory is what was learned about the processes of a Performance Metrics Service, each
// until that process restarts.
type pointMemory struct {
	mu        sync.Mutex
	processes map[string]*processMemory
}

// processMemory is what was learned about one process.
type processMemory struct {
	started wire.Timestamp
	lacking wire.Lacking    // points that answered 404
	tables  map[string]bool // tables that have their own series
}

// keep forgets the processes that are no longer listed or have restarted. It forgets none if
// they are nil, because they could not be listed.
func (m *pointMemory) keep(processes []*Monitored) {
	if processes == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := make(map[string]*processMemory, len(processes))
	for _, p := range processes {
		if old := m.processes[p.Name]; old != nil && !old.restarted(p.Started) {
			kept[p.Name] = old
		}
	}
	m.processes = kept
}

// restarted reports whether the process has another start time than before. If one of the two
// is not reported, that cannot be known.
func (m *processMemory) restarted(at wire.Timestamp) bool {
	if m.started.IsZero() {
		m.started = at
	}
	return !at.IsZero() && !at.Equal(m.started.Time)
}

// of returns the memory of a process. The caller holds m.mu.
func (m *pointMemory) of(p *Monitored) *processMemory {
	if m.processes == nil {
		m.processes = map[string]*processMemory{}
	}
	if m.processes[p.Name] == nil {
		m.processes[p.Name] = &processMemory{started: p.Started, tables: map[string]bool{}}
	}
	return m.processes[p.Name]
}

// lacking returns the points that the process lacks so far.
func (m *pointMemory) lacking(p *Monitored) *wire.Lacking {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &m.of(p).lacking
}

// point reads GET /mpoints/{process}/{name} (role User). It returns neither a response nor an
// error if the point has no data, or if it answers 404; in that case it is requested again after
// growing waits, and at once when the process restarts.
//
// That holds for every point. Most of them exist in all releases, so that a 404 means that there
// is no data yet, as right after a start. The two that a release may lack do not say so in a way
// that can be told apart: heartbeat (before 21.3) is also 404 while no heartbeat passes, and
// serviceHealth may be until the service has reported for the first time.
func point[T any](ctx context.Context, pm *monitor, p *Monitored, name string) (*T, error) {
	return pointOr[T](ctx, pm, p, name, "", nil)
}

// pointOr is point for one that may report "nothing" by a message with that code in place of a
// response. It then returns none.
func pointOr[T any](ctx context.Context, pm *monitor, p *Monitored, name, code string, none *T) (*T, error) {
	lacking := pm.points.lacking(p)
	if lacking.Has(name, pm.Now()) {
		return nil, nil
	}
	response, err := rest.Get[T](ctx, pm.Endpoint, "/mpoints/"+rest.Segment(p.Name)+"/"+name)
	switch {
	case none != nil && (errors.Is(err, rest.ErrNoResponse) || rest.HasCode(err, code)):
		return none, nil
	case rest.IsNotFound(err):
		lacking.NoteYet(name, pm.Now())
		return nil, nil
	case errors.Is(err, rest.ErrNoResponse):
		return nil, nil
	case err != nil:
		return nil, err
	}
	lacking.Found(name)
	return &response, nil
}
