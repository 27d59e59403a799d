package collector

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var (
	processTrailIOBytes = counter("ogg_process_trail_io_bytes_total",
		"Bytes that the process read from or wrote to the trail since it started (mpoints/{p}/trailInput: ioReadBytes, trailOutput: ioWriteBytes). Exact up to 2^53.",
		"process", "process_type", "direction", "trail")
	processTrailReadErrors = counter("ogg_process_trail_read_errors_total",
		"Errors reading the trail since the process started (mpoints/{p}/trailInput: trailReadErrors).",
		"process", "process_type", "direction", "trail")
)

// trailIOMetrics include the position, which the collector process sends for a Replicat
// that the Administration Service reports.
var trailIOMetrics = []*metric{processTrailSequence, processTrailOffset, processTrailIOBytes, processTrailReadErrors}

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
		to.count(processTrailReadErrors, t.ReadErrors, p.Started, at...)
	}
}

// positionKnown reports whether the Administration Service reported where the process
// reads: a sample must not come from two sources.
func positionKnown(d *ogg.Deployment, p *ogg.Monitored) bool {
	return slices.ContainsFunc(d.Processes, func(known *ogg.Process) bool {
		return known.Name == p.Name && string(known.Type) == p.Type && known.Position != nil
	})
}
