package collector

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	processTrailIOBytes = counter("ogg_process_trail_io_bytes_total",
		"Bytes that the process read from or wrote to the trail since it started (mpoints/{p}/trailInput: ioReadBytes, trailOutput: ioWriteBytes). Exact up to 2^53.",
		"process", "process_type", "direction", "trail")
	processTrailReadErrors = counter("ogg_process_trail_read_errors_total",
		"Errors reading the trail since the process started (mpoints/{p}/trailInput: trailReadErrors).",
		"process", "process_type", "direction", "trail")
	processTrailEnds = counter("ogg_process_trail_eof_total",
		"Times the process reached the end of the trail since it started; while this stands still and the bytes read grow, the process is catching up (mpoints/{p}/trailInput: trailTimesAtEof).",
		"process", "process_type", "direction", "trail")
	processTrailOperations = counter("ogg_process_trail_io_operations_total",
		"Read or write operations of the process on the trail since it started (mpoints/{p}/trailInput: ioReadCount, trailOutput: ioWriteCount).",
		"process", "process_type", "direction", "trail")
	processTrailSeconds = counter("ogg_process_trail_io_seconds_total",
		"Time that the process took to read from or write to the trail since it started (mpoints/{p}/trailInput: trailReadTime, trailOutput: trailWriteTime, taken as microseconds: the unit is not documented).",
		"process", "process_type", "direction", "trail")
	processTrailLOBBytes = counter("ogg_process_trail_lob_bytes_total",
		"Bytes of large objects (LOBs) that the process read from or wrote to the trail since it started (mpoints/{p}/trailInput or trailOutput: trailLobBytes).",
		"process", "process_type", "direction", "trail")
	processTrailFlushes = counter("ogg_process_trail_flushes_total",
		"Times the process flushed its buffer to the trail since it started (mpoints/{p}/trailOutput: trailBufferFlushes).",
		"process", "process_type", "direction", "trail")
	processTrailFlushSeconds = counter("ogg_process_trail_flush_seconds_total",
		"Time that the process took to flush its buffer to the trail since it started (mpoints/{p}/trailOutput: trailBufferFlushTime, taken as microseconds: the unit is not documented).",
		"process", "process_type", "direction", "trail")
	processTrailFlushedBytes = counter("ogg_process_trail_flushed_bytes_total",
		"Bytes that the process flushed from its buffer to the trail since it started (mpoints/{p}/trailOutput: trailBytesFlushed). Exact up to 2^53.",
		"process", "process_type", "direction", "trail")
	processTrailLastFlush = gauge("ogg_process_trail_last_flush_timestamp_seconds",
		"When the process last flushed its buffer to the trail, in Unix time (mpoints/{p}/trailOutput: trailLastBufferFlushTs).",
		"process", "process_type", "direction", "trail")
)

// trailIOMetrics include the position, which the collector process sends for a Replicat
// that the Administration Service reports.
var trailIOMetrics = []*metric{processTrailSequence, processTrailOffset, processTrailIOBytes, processTrailReadErrors, processTrailEnds}

// trailDetailMetrics are less important than what else the Performance Metrics Service reports of a
// process.
var trailDetailMetrics = []*metric{
	processTrailOperations, processTrailSeconds, processTrailLOBBytes, processTrailLastFlush,
	processTrailFlushes, processTrailFlushSeconds, processTrailFlushedBytes,
}

func collectTrailIO(to sink, d *ogg.Deployment, p *ogg.Monitored, labels []string) {
	for _, t := range p.Trails {
		direction := "input"
		if t.Output {
			direction = "output"
		}
		at := with(labels, direction, t.Trail)
		if t.Output || !positionKnown(d, p) {
			to.number(processTrailSequence, t.Sequence, at...)
			to.number(processTrailOffset, t.Offset, at...)
		}
		to.count(processTrailIOBytes, t.Bytes, p.Started, at...)
		to.count(processTrailReadErrors, t.Reading.Errors, p.Started, at...)
		to.count(processTrailEnds, t.Reading.TimesAtEnd, p.Started, at...)
		collectTrailDetails(to, t, p.Started, at)
	}
}

func collectTrailDetails(to sink, t *ogg.TrailIO, since wire.Timestamp, labels []string) {
	to.count(processTrailOperations, t.Operations, since, labels...)
	to.count(processTrailSeconds, t.Time, since, labels...)
	to.count(processTrailLOBBytes, t.LOBBytes, since, labels...)
	to.timestamp(processTrailLastFlush, t.Writing.LastFlush, labels...)
	to.count(processTrailFlushes, t.Writing.Flushes, since, labels...)
	to.count(processTrailFlushSeconds, t.Writing.FlushTime, since, labels...)
	to.count(processTrailFlushedBytes, t.Writing.FlushedBytes, since, labels...)
}

// positionKnown reports whether the Administration Service reported where the process
// reads: a sample must not come from two sources.
func positionKnown(d *ogg.Deployment, p *ogg.Monitored) bool {
	return slices.ContainsFunc(d.Processes, func(known *ogg.Process) bool {
		return known.Name == p.Name && string(known.Type) == p.Type && known.Position != nil
	})
}
