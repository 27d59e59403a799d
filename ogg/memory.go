package ogg

import (
	"context"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// serviceMemory is what was learned about a service and holds until it starts
// anew: the routes that its release lacks, its build, and of its paths those that
// it last listed and whether they are target-initiated, nil where that is not told.
type serviceMemory struct {
	mu        sync.Mutex
	started   wire.Timestamp
	lacking   map[string]bool
	build     *Build
	paths     []string
	initiated map[string]*bool
}

// startedAt notes when the service says it started. Another start than before
// means that everything has to be asked again.
func (m *serviceMemory) startedAt(started wire.Timestamp) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.started.IsZero() && !m.started.Equal(started.Time) {
		m.lacking, m.build, m.initiated = nil, nil, nil
	}
	m.started = started
}

// forget drops everything, as when the service could not be reached: it may be
// another one by the time it answers.
func (m *serviceMemory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.started, m.lacking, m.build, m.initiated = wire.Timestamp{}, nil, nil, nil
}

// lacks reports whether the route answered 404 since the service started.
func (m *serviceMemory) lacks(route string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lacking[route]
}

// noteLacking remembers that the route answered 404.
func (m *serviceMemory) noteLacking(route string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lacking == nil {
		m.lacking = map[string]bool{}
	}
	m.lacking[route] = true
}

// getIfPresent is get for a route that a release may lack: then there is no
// response and no error, and the route is not asked again until the service
// starts anew.
func getIfPresent[T any](ctx context.Context, e *endpoint, route string) (response *T, err error) {
	if e.memory.lacks(route) {
		return nil, nil
	}
	r, err := get[T](ctx, e, route)
	if lacks(err) {
		e.memory.noteLacking(route)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}
