package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	cacheMemory = gauge("ogg_cache_memory_bytes",
		"Average memory in use for incomplete transactions (mpoints/{p}/cacheStatistics: averageMemoryUsage, in bytes, although the unit is not documented).",
		"process", "process_type")
	cacheObjects = gauge("ogg_cache_objects",
		"Objects in the cache for incomplete transactions (mpoints/{p}/cacheStatistics: totalObjectsInCache).",
		"process", "process_type")
	cacheMostMemory = gauge("ogg_cache_memory_max_bytes",
		"Most memory that was in use for incomplete transactions since the process started (mpoints/{p}/cacheStatistics: maxMemoryUsage, in bytes, although the unit is not documented).",
		"process", "process_type")
	cacheOverflows = counter("ogg_cache_buffer_overflows_total",
		"Times a buffer of the cache overflowed since the process started (mpoints/{p}/cacheStatistics: timesBufferOverflowed).",
		"process", "process_type")
	cacheWaitSignals = counter("ogg_cache_wait_signals_total",
		"Times the cache signaled a wait since the process started (mpoints/{p}/cacheStatistics: timesWaitSignaled).",
		"process", "process_type")
	cacheSpilled = counter("ogg_cache_spilled_bytes_total",
		"Bytes that the cache wrote to disk since the process started (mpoints/{p}/cacheStatistics: totalFileCacheBytesToDisk).",
		"process", "process_type")
)

var cacheMetrics = []*metric{cacheMemory, cacheObjects, cacheSpilled, cacheMostMemory, cacheOverflows, cacheWaitSignals}

func collectCache(to sink, p *ogg.Monitored, labels []string) {
	if c := p.Cache; c != nil {
		to.number(cacheMemory, c.Memory, labels...)
		to.number(cacheObjects, c.Objects, labels...)
		to.count(cacheSpilled, c.SpilledBytes, p.Started, labels...)
		to.number(cacheMostMemory, c.MostMemory, labels...)
		to.count(cacheOverflows, c.Overflows, p.Started, labels...)
		to.count(cacheWaitSignals, c.WaitSignals, p.Started, labels...)
	}
}
