package rest

import (
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// start is when the service started, and what was learned about it since.
type start struct {
	mu     sync.Mutex
	at     wire.Timestamp
	memory *wire.Memory
}

// Memory keeps what was learned about the service until it restarts or cannot be reached:
// by the time it answers, it may be another one.
func (e *Endpoint) Memory() *wire.Memory {
	e.start.mu.Lock()
	defer e.start.mu.Unlock()
	if e.start.memory == nil {
		e.start.memory = &wire.Memory{}
	}
	return e.start.memory
}

// StartedAt notes when the service says it started. A start other than the one before
// clears its Memory.
func (e *Endpoint) StartedAt(at wire.Timestamp) {
	e.start.mu.Lock()
	defer e.start.mu.Unlock()
	if !e.start.at.IsZero() && !e.start.at.Equal(at.Time) {
		e.start.memory = nil
	}
	e.start.at = at
}

// Forget clears the Memory of the service.
func (e *Endpoint) Forget() { e.start.forget() }

func (s *start) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.memory = wire.Timestamp{}, nil
}
