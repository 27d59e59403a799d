package ogg

import (
	"context"
	"errors"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// pointMemory is what was learned about the processes of a Performance Metrics
// Service, each until that process starts anew.
type pointMemory struct {
	mu        sync.Mutex
	processes map[string]*processMemory
}

// processMemory is what was learned about one process.
type processMemory struct {
	started wire.Timestamp
	lacking map[string]bool // points that answered 404
	tables  map[string]bool // tables that have series of their own
}

// keep forgets the processes that are not listed any more, and those that have
// started anew.
func (m *pointMemory) keep(processes []*Monitored) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := make(map[string]*processMemory, len(processes))
	for _, p := range processes {
		if old := m.processes[p.Name]; old != nil && old.started.Equal(p.Started.Time) {
			kept[p.Name] = old
		}
	}
	m.processes = kept
}

// of returns the memory of a process. The caller holds m.mu.
func (m *pointMemory) of(p *Monitored) *processMemory {
	if m.processes == nil {
		m.processes = map[string]*processMemory{}
	}
	if m.processes[p.Name] == nil {
		m.processes[p.Name] = &processMemory{started: p.Started, lacking: map[string]bool{}, tables: map[string]bool{}}
	}
	return m.processes[p.Name]
}

// lacks reports whether the process is known to lack the point.
func (m *pointMemory) lacks(p *Monitored, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of(p).lacking[name]
}

// noteLacking remembers that the process lacks the point.
func (m *pointMemory) noteLacking(p *Monitored, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(p).lacking[name] = true
}

// point reads GET /mpoints/{process}/{name} (role User). There is no response
// and no error where the process lacks the point, which is then not asked again
// until the process starts anew, and where it has no data yet.
func point[T any](ctx context.Context, pm *endpoint, p *Monitored, name string) (*T, error) {
	if pm.points.lacks(p, name) {
		return nil, nil
	}
	response, err := get[T](ctx, pm, "/mpoints/"+segment(p.Name)+"/"+name)
	switch {
	case lacks(err):
		pm.points.noteLacking(p, name)
		return nil, nil
	case errors.Is(err, errNoResponse):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &response, nil
}
