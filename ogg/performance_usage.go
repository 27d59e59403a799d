package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// ProcessUsage is what a process uses of its host. Counters start at 0 with the process.
type ProcessUsage struct {
	// UserTime and SystemTime are counters, in seconds.
	UserTime, SystemTime wire.Number
	// ResidentMemory and PrivateMemory are in bytes.
	ResidentMemory, PrivateMemory wire.Number
	Threads, OpenHandles          wire.Number
	// ReadBytes, WrittenBytes, Reads, Writes and PageFaults are counters.
	ReadBytes, WrittenBytes, Reads, Writes, PageFaults wire.Number
}

// processPerformance is the response of the point processPerformance (all releases). -1 means
// not available.
type processPerformance struct {
	UserTime       wire.Number `json:"userTimeUs"`
	SystemTime     wire.Number `json:"kernelTimeUs"`
	ResidentMemory wire.Number `json:"workingSetSize"`
	PrivateMemory  wire.Number `json:"privateBytes"`
	Threads        wire.Number `json:"threadCount"`
	OpenHandles    wire.Number `json:"handleCount"`
	ReadBytes      wire.Number `json:"ioReadBytes"`
	WrittenBytes   wire.Number `json:"ioWriteBytes"`
	Reads          wire.Number `json:"ioReadCount"`
	Writes         wire.Number `json:"ioWriteCount"`
	PageFaults     wire.Number `json:"pageFaults"`
}

func (r *processPerformance) usage() *ProcessUsage {
	u := ProcessUsage(*r)
	u.UserTime, u.SystemTime = r.UserTime.Per(1e6), r.SystemTime.Per(1e6)
	return &u
}
