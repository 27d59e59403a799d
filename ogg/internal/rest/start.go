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

// remembered returns the memory of what was learned since the service started.
func (s *start) remembered() *wire.Memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil {
		s.memory = &wire.Memory{}
	}
	return s.memory
}

// begin notes when the service started. A start other than the one before clears the memory.
func (s *start) begin(at wire.Timestamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() && !s.at.Equal(at.Time) {
		s.memory = nil
	}
	s.at = at
}

// forget clears the memory, as when the service could not be reached: by the time it answers,
// it may be another one.
func (s *start) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.memory = wire.Timestamp{}, nil
}
