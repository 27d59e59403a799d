package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// CacheStatistics are about the memory in which a process keeps incomplete transactions.
type CacheStatistics struct {
	// Memory is the average memory in use, in bytes.
	Memory  wire.Number `json:"averageMemoryUsage"`
	Objects wire.Number `json:"totalObjectsInCache"`
	// SpilledBytes is a counter of the bytes that did not fit and were written to disk.
	SpilledBytes wire.Number `json:"totalFileCacheBytesToDisk"`
}
