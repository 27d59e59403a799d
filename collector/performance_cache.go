package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	cacheMemory = gauge("ogg_cache_memory_bytes",
		"Average memory in use for incomplete transactions (mpoints/{p}/cacheStatistics: averageMemoryUsage, in bytes, although the unit is not documented).",
		"process", "process_type")
	cacheObjects = gauge("ogg_cache_objects",
		"Objects in the cache for incomplete transactions (mpoints/{p}/cacheStatistics: totalObjectsInCache).",
		"process", "process_type")
	cacheSpilled = counter("ogg_cache_spilled_bytes_total",
		"Bytes that the cache wrote to disk since the process started (mpoints/{p}/cacheStatistics: totalFileCacheBytesToDisk).",
		"process", "process_type")
)

var cacheMetrics = []*metric{cacheMemory, cacheObjects, cacheSpilled}

func collectCache(to sink, p *ogg.Monitored, labels []string) {
	if c := p.Cache; c != nil {
		to.number(cacheMemory, c.Memory, labels...)
		to.number(cacheObjects, c.Objects, labels...)
		to.count(cacheSpilled, c.SpilledBytes, p.Started, labels...)
	}
}
