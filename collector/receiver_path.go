package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	receiverPath = pathMetrics{
		up: gauge("ogg_receiver_path_up",
			"Whether the receiver path is running (targets or targets/{p}: status).",
			"path"),
		status: stateSet("ogg_receiver_path_status",
			"Status of the receiver path (targets or targets/{p}: status).",
			pathStates, "path"),
		lag: gauge("ogg_receiver_path_lag_seconds",
			"Time between the Extract writing to the trail and the path processing it, as last measured. It is frozen while the path is not running: read it together with ogg_receiver_path_lag_age_seconds (targets/{p}/info: lag).",
			"path").from("19c"),
		lagAge: gauge("ogg_receiver_path_lag_age_seconds",
			"Time since the lag was measured (targets/{p}/info: sinceLagReported).",
			"path").from("19c"),
		startTime: gauge("ogg_receiver_path_start_time_seconds",
			"When the receiver path last started, in Unix time; no sample if it never did (targets/{p}/info: lastStarted).",
			"path").from("19c"),
		checkpointSequence: gauge("ogg_receiver_path_checkpoint_sequence",
			"Sequence number of the trail file of the receiver path's last checkpoint (targets/{p}/checkpoints: current.input and current.output, current.sequence).",
			"path", "direction", "trail").from("19c"),
		checkpointOffset: gauge("ogg_receiver_path_checkpoint_offset_bytes",
			"Position of that checkpoint in the trail file; no sample until something has been read (targets/{p}/checkpoints: current.input and current.output, current.offset).",
			"path", "direction", "trail").from("19c"),
		networkBytes: counter("ogg_receiver_path_bytes_total",
			"Bytes that the receiver path sent and received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalBytesSent, totalBytesReceived). Exact up to 2^53.",
			"path", "direction").from("23ai"),
		networkMessages: counter("ogg_receiver_path_messages_total",
			"Messages that the receiver path sent and received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalMessagesSent, totalMessagesReceived); from 23ai on. While Performance Metrics is down or absent, in all releases, as the service itself counts them, from a start that is not documented (targets/{p}/stats: netStats.totalMsgsSent, totalMsgsReceived). Exact up to 2^53.",
			"path", "direction"),
	}
	receiverPathWritten = counter("ogg_receiver_path_written_bytes_total",
		"Bytes that the receiver path wrote to its trail since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalBytesWritten). Exact up to 2^53.",
		"path").from("23ai")
	receiverPathLastData = gauge("ogg_receiver_path_last_data_timestamp_seconds",
		"When the receiver path last received data, in Unix time (mpoints/{p}/recvsrvrStats: lastDataTimestamp).",
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
