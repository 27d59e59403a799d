package rest

import (
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// start holds when the service started and what was learned about it since.
type start struct {
	mu     sync.Mutex
	at     wire.Timestamp
	memory *wire.Memory
}

// remembered returns what was learned since the service started.
func (s *start) remembered() *wire.Memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil {
		s.memory = &wire.Memory{}
	}
	return s.memory
}

// begin notes when the service started. A new start time clears the memory; one that was not
// reported says nothing.
func (s *start) begin(at wire.Timestamp) {
	if at.IsZero() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() && !s.at.Equal(at.Time) {
		s.memory = nil
	}
	s.at = at
}

// forget clears the memory, for example when the service could not be reached: it may be
// another release when it responds again.
func (s *start) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.memory = wire.Timestamp{}, nil
}
