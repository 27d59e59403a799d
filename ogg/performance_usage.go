package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// ProcessUsage is what a process takes of its host. Counters begin at 0 with the
// process.
type ProcessUsage struct {
	// UserTime and SystemTime are counters, in seconds.
	UserTime, SystemTime wire.Number
	// ResidentMemory and PrivateMemory are in bytes.
	ResidentMemory, PrivateMemory wire.Number
	Threads, OpenHandles          wire.Number
	// ReadBytes, WrittenBytes, Reads and Writes are counters.
	ReadBytes, WrittenBytes, Reads, Writes wire.Number
}

// usagePoint is GET /mpoints/{p}/processPerformance (all releases): -1 is not
// available.
var usagePoint = monitoringPoint{
	name: "processPerformance",
	asks: func(*Monitored) bool { return true },
	read: reading("processPerformance", func(p *Monitored, r *struct {
		UserTimeUs, KernelTimeUs                             wire.Number
		WorkingSetSize, PrivateBytes                         wire.Number
		ThreadCount, HandleCount                             wire.Number
		IoReadBytes, IoWriteBytes, IoReadCount, IoWriteCount wire.Number
	},
	) {
		p.Usage = &ProcessUsage{
			UserTime: r.UserTimeUs.Per(1e6), SystemTime: r.KernelTimeUs.Per(1e6),
			ResidentMemory: r.WorkingSetSize, PrivateMemory: r.PrivateBytes,
			Threads: r.ThreadCount, OpenHandles: r.HandleCount,
			ReadBytes: r.IoReadBytes, WrittenBytes: r.IoWriteBytes, Reads: r.IoReadCount, Writes: r.IoWriteCount,
		}
	}),
}
