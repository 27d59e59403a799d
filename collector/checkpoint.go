package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

// unsettledTime is what all times of checkpoints have in common.
const unsettledTime = "Oracle's reference says when the checkpoint was recorded, its command line shows the time of the log record; which of them GoldenGate reports is not known. "

// readEveryMinute is when they are read.
const readEveryMinute = "Read every minute while the Extract runs, and when it starts or ends; frozen while it is down "

var (
	recoveryTimestamp = gauge("ogg_extract_recovery_checkpoint_timestamp_seconds",
		"Time of the recovery checkpoint of the Extract, in Unix time: the place from which it reads the log after a restart, because of its oldest open transaction; with bounded recovery it may need less. "+
			unsettledTime+readEveryMinute+"(extracts/{e}/info/checkpoints: current.input[].recovery.timestamp).",
		"process", "thread")
	recoverySequence = gauge("ogg_extract_recovery_checkpoint_log_sequence",
		"Number of the log file of the recovery checkpoint of the Extract: the oldest that a restart needs; with bounded recovery it may need less. "+
			readEveryMinute+"(extracts/{e}/info/checkpoints: current.input[].recovery.sequence).",
		"process", "thread")
	readTimestamp = gauge("ogg_extract_read_checkpoint_timestamp_seconds",
		"Time of the checkpoint up to which the Extract has read the log, in Unix time. "+
			unsettledTime+readEveryMinute+"(extracts/{e}/info/checkpoints: current.input[].current.timestamp).",
		"process", "thread")
	readSequence = gauge("ogg_extract_read_checkpoint_log_sequence",
		"Number of the log file up to which the Extract has read. "+
			readEveryMinute+"(extracts/{e}/info/checkpoints: current.input[].current.sequence).",
		"process", "thread")
)

var checkpointCollector = Collector{
	Name: "checkpoint", Help: "positions of Extracts in the database's log: how far they have read, and from where they would read after a restart", Default: true, Role: "User",
	metrics: []*metric{recoveryTimestamp, recoverySequence, readTimestamp, readSequence},
	collect: collectCheckpoints,
}

func collectCheckpoints(to sink, d *ogg.Deployment) {
	for _, c := range d.Checkpoints {
		to.timestamp(recoveryTimestamp, c.Recovery.Time, d.Name, c.Process, c.Thread)
		to.number(recoverySequence, c.Recovery.Sequence, d.Name, c.Process, c.Thread)
		to.timestamp(readTimestamp, c.Read.Time, d.Name, c.Process, c.Thread)
		to.number(readSequence, c.Read.Sequence, d.Name, c.Process, c.Thread)
	}
}
