package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// CacheStatistics are about the memory in which a process keeps transactions
// that are not complete.
type CacheStatistics struct {
	// Memory is the average in use, in bytes.
	Memory  wire.Number `json:"averageMemoryUsage"`
	Objects wire.Number `json:"totalObjectsInCache"`
	// SpilledBytes is a counter of what did not fit and went to disk.
	SpilledBytes wire.Number `json:"totalFileCacheBytesToDisk"`
}
