package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	processCPU = counter("ogg_process_cpu_seconds_total",
		"CPU time of the process since it started (mpoints/{p}/processPerformance: userTimeUs, kernelTimeUs).",
		"process", "process_type", "mode")
	processResidentMemory = gauge("ogg_process_resident_memory_bytes",
		"Resident memory of the process (mpoints/{p}/processPerformance: workingSetSize).",
		"process", "process_type")
	processPrivateMemory = gauge("ogg_process_private_memory_bytes",
		"Private memory of the process (mpoints/{p}/processPerformance: privateBytes).",
		"process", "process_type")
	processThreads = gauge("ogg_process_threads",
		"Threads of the process (mpoints/{p}/processPerformance: threadCount).",
		"process", "process_type")
	processHandles = gauge("ogg_process_open_handles",
		"Open handles of the process, if the platform reports them (mpoints/{p}/processPerformance: handleCount).",
		"process", "process_type")
	processIOBytes = counter("ogg_process_io_bytes_total",
		"Bytes that the process read and wrote since it started (mpoints/{p}/processPerformance: ioReadBytes, ioWriteBytes). Exact up to 2^53.",
		"process", "process_type", "direction")
	processIOOperations = counter("ogg_process_io_operations_total",
		"Read and write operations of the process since it started (mpoints/{p}/processPerformance: ioReadCount, ioWriteCount).",
		"process", "process_type", "direction")
	processPageFaults = counter("ogg_process_page_faults_total",
		"Page faults of the process since it started, if the platform reports them (mpoints/{p}/processPerformance: pageFaults).",
		"process", "process_type")
)

var usageMetrics = []*metric{
	processCPU, processResidentMemory, processPrivateMemory, processThreads, processHandles, processIOBytes, processIOOperations, processPageFaults,
}

func collectUsage(to sink, p *ogg.Monitored, labels []string) {
	u := p.Usage
	if u == nil {
		return
	}
	to.count(processCPU, u.UserTime, p.Started, with(labels, "user")...)
	to.count(processCPU, u.SystemTime, p.Started, with(labels, "kernel")...)
	to.number(processResidentMemory, u.ResidentMemory, labels...)
	to.number(processPrivateMemory, u.PrivateMemory, labels...)
	to.number(processThreads, u.Threads, labels...)
	to.number(processHandles, u.OpenHandles, labels...)
	to.count(processIOBytes, u.ReadBytes, p.Started, with(labels, "read")...)
	to.count(processIOBytes, u.WrittenBytes, p.Started, with(labels, "write")...)
	to.count(processIOOperations, u.Reads, p.Started, with(labels, "read")...)
	to.count(processIOOperations, u.Writes, p.Started, with(labels, "write")...)
	to.count(processPageFaults, u.PageFaults, p.Started, labels...)
}
