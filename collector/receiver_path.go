package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	receiverPath = pathMetrics{
		up: gauge("ogg_receiver_path_up",
			"Whether the receiver path is running (targets or targets/{p}: status).",
			"path"),
		status: stateSet("ogg_receiver_path_status",
			"The status of the receiver path (targets or targets/{p}: status).",
			pathStates, "path"),
		lag: gauge("ogg_receiver_path_lag_seconds",
			"Time from the Extract's writing to the trail to the path's handling of it, when that was last measured. It stands still while the path does not run: read it together with ogg_receiver_path_lag_age_seconds (targets/{p}/info: lag).",
			"path").from("19c"),
		lagAge: gauge("ogg_receiver_path_lag_age_seconds",
			"Time since the lag was measured (targets/{p}/info: sinceLagReported).",
			"path").from("19c"),
		startTime: gauge("ogg_receiver_path_start_time_seconds",
			"When the receiver path was last started, in Unix time; no sample if it never was (targets/{p}/info: lastStarted).",
			"path").from("19c"),
		checkpointSequence: gauge("ogg_receiver_path_checkpoint_sequence",
			"Number of the trail file in which the receiver path last made a checkpoint (targets/{p}/checkpoints: current.input and current.output, current.sequence).",
			"path", "direction", "trail").from("19c"),
		checkpointOffset: gauge("ogg_receiver_path_checkpoint_offset_bytes",
			"Place of that checkpoint in the trail file; no sample while nothing was read (targets/{p}/checkpoints: current.input and current.output, current.offset).",
			"path", "direction", "trail").from("19c"),
		networkBytes: counter("ogg_receiver_path_bytes_total",
			"Bytes that the receiver path sent and received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalBytesSent, totalBytesReceived). Exact to 2^53.",
			"path", "direction").from("23ai"),
		networkMessages: counter("ogg_receiver_path_messages_total",
			"Messages that the receiver path sent and received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalMessagesSent, totalMessagesReceived). Exact to 2^53.",
			"path", "direction").from("23ai"),
	}
	receiverPathWritten = counter("ogg_receiver_path_written_bytes_total",
		"Bytes that the receiver path wrote to its trail since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalBytesWritten). Exact to 2^53.",
		"path").from("23ai")
	receiverPathLastData = gauge("ogg_receiver_path_last_data_timestamp_seconds",
		"When data last came to the receiver path, in Unix time (mpoints/{p}/recvsrvrStats: lastDataTimestamp).",
		"path").from("23ai")
)

var receiverPathCollector = Collector{
	Name: "receiver_path", Help: "status, lag, position and throughput of receiver paths", Default: true, Role: "User",
	metrics: append(receiverPath.all(), receiverPathWritten, receiverPathLastData),
	collect: collectReceiverPaths,
}

func collectReceiverPaths(to sink, d *ogg.Deployment) {
	for _, p := range d.ReceiverPaths {
		receiverPath.collect(to, d.Name, &p.Path, p.NetworkCounters)
		to.count(receiverPathWritten, p.BytesWritten, p.CountersSince, d.Name, p.Name)
		to.timestamp(receiverPathLastData, p.LastData, d.Name, p.Name)
	}
}
