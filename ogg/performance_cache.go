package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// CacheStatistics are about the memory in which a process keeps incomplete transactions.
type CacheStatistics struct {
	// Memory is the average memory in use, in bytes.
	Memory wire.Number `json:"averageMemoryUsage"`
	// MostMemory is the most that was in use, in bytes.
	MostMemory wire.Number `json:"maxMemoryUsage"`
	Objects    wire.Number `json:"totalObjectsInCache"`
	// The following are counters that start at 0 with the process. SpilledBytes are the bytes that
	// did not fit and were written to disk.
	SpilledBytes wire.Number `json:"totalFileCacheBytesToDisk"`
	Overflows    wire.Number `json:"timesBufferOverflowed"`
	WaitSignals  wire.Number `json:"timesWaitSignaled"`
}
