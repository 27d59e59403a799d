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

// keep forgets the processes that are no longer listed or have restarted.
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
		m.processes[p.Name] = &processMemory{started: p.Started, tables: map[string]bool{}}
	}
	return m.processes[p.Name]
}

// lacking returns the points that the process is known to lack.
func (m *pointMemory) lacking(p *Monitored) *wire.Lacking {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &m.of(p).lacking
}

// point reads GET /mpoints/{process}/{name} (role User). It returns neither a response nor an
// error if the point has no data yet, or if the process lacks it; in that case it does not
// request it again until the process restarts.
func point[T any](ctx context.Context, pm *monitor, p *Monitored, name string) (*T, error) {
	return pointOr[T](ctx, pm, p, name, "")
}

// pointOr is point for one that may report "nothing" by a message with the code empty in place
// of a response. It then returns the zero value.
func pointOr[T any](ctx context.Context, pm *monitor, p *Monitored, name, empty string) (*T, error) {
	lacking := pm.points.lacking(p)
	if lacking.Has(name) {
		return nil, nil
	}
	response, err := rest.Get[T](ctx, pm.Endpoint, "/mpoints/"+rest.Segment(p.Name)+"/"+name)
	switch {
	case empty != "" && (errors.Is(err, rest.ErrNoResponse) || rest.HasCode(err, empty)):
		return new(T), nil
	case rest.IsNotFound(err):
		lacking.Note(name)
		return nil, nil
	case errors.Is(err, rest.ErrNoResponse):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &response, nil
}
