package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

// unsettledTime is what all times of checkpoints have in common.
const unsettledTime = "Oracle's reference calls it the time when the checkpoint was recorded, its command line prints that of the record, and which one GoldenGate reports is not known. "

// readEveryMinute is when they are read.
const readEveryMinute = "Read every minute while the Extract runs, and when it starts or ends; then it stays as it is "

var (
	recoveryTimestamp = gauge("ogg_extract_recovery_checkpoint_timestamp_seconds",
		"Time of the recovery checkpoint of the Extract, in Unix time: from there it reads the log after a restart, because of its oldest open transaction; bounded recovery may spare it a part of that. "+
			unsettledTime+readEveryMinute+"(extracts/{e}/info/checkpoints: current.input[].recovery.timestamp).",
		"process", "thread")
	recoverySequence = gauge("ogg_extract_recovery_checkpoint_log_sequence",
		"Number of the log file of the recovery checkpoint of the Extract: the oldest that a restart needs, unless bounded recovery spares it. "+
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
	Name: "checkpoint", Help: "where Extracts are in the database's log, and from where they would read after a restart", Default: true, Role: "User",
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
