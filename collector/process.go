package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	processUp = gauge("ogg_process_up",
		"Whether the Extract or Replicat is running; suspended counts as running (info/status: status).",
		"process", "process_type")
	processStatus = stateSet("ogg_process_status",
		"Status of the Extract or Replicat as the Administration Service reports it (info/status: status).",
		[]string{"starting", "running", "stopped", "killed", "abended"}, "process", "process_type")
	processLag = gauge("ogg_process_lag_seconds",
		"Lag at the last checkpoint. It is frozen while the process is not running: read it together with ogg_process_lag_age_seconds (info/status: lag).",
		"process", "process_type")
	processLagAge = gauge("ogg_process_lag_age_seconds",
		"Time since the lag was measured, at the last checkpoint (info/status: sinceLagReported).",
		"process", "process_type")
	processStartTime = gauge("ogg_process_start_time_seconds",
		"When the process last started, in Unix time; no sample if it never did (info/status: lastStarted).",
		"process", "process_type")
	processTrailSequence = gauge("ogg_process_trail_sequence",
		"Sequence number of the process's current trail file (info/status: position.sequence).",
		"process", "process_type", "direction", "trail")
	processTrailOffset = gauge("ogg_process_trail_offset_bytes",
		"Position of the process in its current trail file (info/status: position.offset).",
		"process", "process_type", "direction", "trail")
)

var processCollector = Collector{
	Name: "process", Help: "status, lag and position of Extracts and Replicats", Default: true, Role: "User",
	metrics: []*metric{
		processUp, processStatus, processLag, processLagAge, processTrailSequence, processTrailOffset, processStartTime,
	},
	collect: collectProcesses,
}

func collectProcesses(to sink, d *ogg.Deployment) {
	for _, p := range d.Processes {
		kind := string(p.Type)
		to.state(processStatus, processUp, p.Status, d.Name, p.Name, kind)
		to.number(processLag, p.Lag, d.Name, p.Name, kind)
		to.number(processLagAge, p.LagAge, d.Name, p.Name, kind)
		to.timestamp(processStartTime, p.Started, d.Name, p.Name, kind)
		if at := p.Position; at != nil {
			to.number(processTrailSequence, at.Sequence, d.Name, p.Name, kind, "input", at.Trail)
			to.number(processTrailOffset, at.Offset, d.Name, p.Name, kind, "input", at.Trail)
		}
	}
}
