package rest

import (
	"maps"
	"strconv"
	"sync"
	"time"
)

// DurationBuckets are the upper bounds, in seconds, of RequestStats.Buckets.
var DurationBuckets = [...]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// RequestStats counts the requests to one microservice of all deployments of an
// installation, since the client was made.
type RequestStats struct {
	// Microservice is the service's name, such as adminsrvr.
	Microservice string
	// Requests by HTTP status; those that got no answer count as "error".
	Requests map[string]uint64
	// Retries are the requests that repeated one that had failed.
	Retries uint64
	// Count and Sum (seconds) are of the time from a request to the head of its
	// answer; Buckets counts those within each of DurationBuckets, cumulatively.
	Count   uint64
	Sum     float64
	Buckets [len(DurationBuckets)]uint64
}

// Stats counts the requests to one microservice of all deployments of an installation.
type Stats struct {
	mu    sync.Mutex
	stats RequestStats
}

// NewStats returns the Stats of a microservice, with nothing counted.
func NewStats(microservice string) *Stats {
	return &Stats{stats: RequestStats{Microservice: microservice, Requests: map[string]uint64{}}}
}

// observe counts one request; code 0 is one without an answer.
func (s *Stats) observe(code int, took time.Duration) {
	label := "error"
	if code != 0 {
		label = strconv.Itoa(code)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Requests[label]++
	s.stats.Count++
	s.stats.Sum += took.Seconds()
	for i, bound := range DurationBuckets {
		if took.Seconds() <= bound {
			s.stats.Buckets[i]++
		}
	}
}

// retried counts one repetition.
func (s *Stats) retried() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Retries++
}

// Snapshot returns the figures as they are now.
func (s *Stats) Snapshot() RequestStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.stats
	c.Requests = maps.Clone(s.stats.Requests)
	return c
}
