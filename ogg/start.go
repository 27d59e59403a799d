package ogg

import (
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// starts remembers when services started, as they last reported it, by deployment and service. Unlike
// the memory of an endpoint it outlives a connection that breaks, which says nothing about a start.
type starts struct {
	mu    sync.Mutex
	known map[string]int64
}

// note notes when a service started, unless that is not known.
func (s *starts) note(deployment, service string, at wire.Timestamp) {
	if at.IsZero() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]int64{}
	}
	s.known[deployment+"/"+service] = micros(at)
}

// of returns when a service started, in Unix microseconds; 0 if that is not known.
func (s *starts) of(deployment, service string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[deployment+"/"+service]
}

// forget drops the services that gone reports true for.
func (s *starts) forget(gone func(key string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.known {
		if gone(key) {
			delete(s.known, key)
		}
	}
}

// micros returns a time in Unix microseconds; 0 if it is not known.
func micros(at wire.Timestamp) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}
