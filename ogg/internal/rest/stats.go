package rest

import (
	"strconv"
	"sync"
	"time"
)

// DurationBuckets are the upper bounds, in seconds, of RequestStats.Buckets.
var DurationBuckets = [...]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// RequestStats counts the requests to one microservice, across all deployments of an
// installation, since the client was created.
type RequestStats struct {
	// Microservice is the service's name, such as adminsrvr.
	Microservice string
	// Since is when counting began.
	Since time.Time
	// Requests counts by HTTP status; requests without an answer count as "error".
	Requests map[string]uint64
	// Retries counts the requests that repeated a failed one.
	Retries uint64
	// Count and Sum (in seconds) are of the time from a request to the header of its
	// answer; Buckets holds the cumulative counts for DurationBuckets.
	Count   uint64
	Sum     float64
	Buckets [len(DurationBuckets)]uint64
	// Sparse holds the same as the buckets of a native histogram of schema SparseSchema, by index and not cumulative,
	// and SparseZeros how many took at most SparseZero.
	Sparse      map[int]int64
	SparseZeros uint64
	// Hung is how many requests have not ended although nobody waits for them any more.
	Hung int64
}

// Stats maintains the RequestStats of one microservice.
type Stats struct {
	mu    sync.Mutex
	stats RequestStats
	codes map[int]uint64 // which become Requests; 0 for "error"
	took  sparse         // which becomes Sparse
}

// NewStats returns the empty Stats of a microservice.
func NewStats(microservice string) *Stats {
	return &Stats{stats: RequestStats{Microservice: microservice, Since: time.Now()}, codes: map[int]uint64{}}
}

// observe counts one request; code is 0 without an answer.
func (s *Stats) observe(code int, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code]++
	s.stats.Count++
	seconds := took.Seconds()
	s.stats.Sum += seconds
	s.took.observe(seconds)
	for i, bound := range DurationBuckets {
		if seconds <= bound {
			s.stats.Buckets[i]++
		}
	}
}

// retried counts one retry.
func (s *Stats) retried() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Retries++
}

// hang adds to the requests that hang.
func (s *Stats) hang(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Hung += n
}

// Snapshot returns the current figures.
func (s *Stats) Snapshot() RequestStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.stats
	c.Sparse, c.SparseZeros = s.took.counts(), s.took.zero
	c.Requests = make(map[string]uint64, len(s.codes))
	for code, n := range s.codes {
		label := "error"
		if code != 0 {
			label = strconv.Itoa(code)
		}
		c.Requests[label] = n
	}
	return c
}
