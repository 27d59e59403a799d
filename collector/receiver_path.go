package collector

import (
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

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
		network: networkMetrics{
			bytes: counter("ogg_receiver_path_bytes_total",
				"Bytes that the receiver path sent and received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalBytesSent, totalBytesReceived). Exact up to 2^53.",
				"path", "direction").from("23ai"),
			messages: counter("ogg_receiver_path_messages_total",
				"Messages that the receiver path sent and received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalMessagesSent, totalMessagesReceived); from 23ai on. While Performance Metrics is down or absent, in all releases, as the service itself counts them, from a start that is not documented (targets/{p}/stats: netStats.totalMsgsSent, totalMsgsReceived). Exact up to 2^53.",
				"path", "direction"),
			wait: counter("ogg_receiver_path_wait_seconds_total",
				"Time that the receiver path waited to send and to receive since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalSendWaitTime, totalReceiveWaitTime, taken as microseconds: the unit is not documented).",
				"path", "direction").from("23ai"),
		},
	}
	receiverPathInfo = info("ogg_receiver_path_info",
		"Which Extract wrote the data of the receiver path, and whether the Receiver Service started the path; target_initiated is empty if not reported, as before 23ai (targets/{p}/info: sourceExtractName; targets/{p}, read every hour: targetInitiated).",
		"path", "extract", "target_initiated").from("19c")
	receiverPathWritten = counter("ogg_receiver_path_written_bytes_total",
		"Bytes that the receiver path wrote to its trail since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalBytesWritten). Exact up to 2^53.",
		"path").from("23ai")
	receiverPathLastData = gauge("ogg_receiver_path_last_data_timestamp_seconds",
		"When the receiver path last received data, in Unix time (mpoints/{p}/recvsrvrStats: lastDataTimestamp).",
		"path").from("23ai")
	receiverPathLastCommand = gauge("ogg_receiver_path_last_command_timestamp_seconds",
		"When the receiver path last received a command, in Unix time (mpoints/{p}/recvsrvrStats: lastCommandTimestamp).",
		"path").from("23ai")
	receiverPathCommands = counter("ogg_receiver_path_commands_total",
		"Commands that the receiver path received since the Receiver Service started (mpoints/{p}/recvsrvrStats: totalCommands).",
		"path").from("23ai")
	receiverPathOperations = counter("ogg_receiver_path_io_operations_total",
		"Send and receive operations of the receiver path since the Receiver Service started; they are not messages (mpoints/{p}/recvsrvrStats: totalSends, totalReceives).",
		"path", "direction").from("23ai")
)

var receiverPathCollector = Collector{
	Name: "receiver_path", Help: "status, lag, position and throughput of receiver paths", Default: true, Role: "User",
	metrics: append(
		receiverPath.all(), receiverPathInfo, receiverPathWritten, receiverPathLastData, receiverPathLastCommand,
		receiverPath.network.wait, receiverPathOperations, receiverPathCommands,
	),
	collect: collectReceiverPaths,
}

func collectReceiverPaths(to sink, d *ogg.Deployment) {
	for _, p := range d.ReceiverPaths {
		receiverPath.collect(to, d.Name, &p.Path, p.NetworkCounters)
		if p.Told {
			to.sample(receiverPathInfo, 1, d.Name, p.Name, p.Extract, booleanLabel(p.TargetInitiated))
		}
		collectReceived(to, &p.ReceiverWork, p.CountersSince, d.Name, p.Name)
	}
}

func collectReceived(to sink, w *ogg.ReceiverWork, since wire.Timestamp, labels ...string) {
	to.count(receiverPathWritten, w.BytesWritten, since, labels...)
	to.timestamp(receiverPathLastData, w.LastData, labels...)
	to.timestamp(receiverPathLastCommand, w.LastCommand, labels...)
	to.count(receiverPathCommands, w.Commands, since, labels...)
	to.count(receiverPathOperations, w.Sends, since, with(labels, "sent")...)
	to.count(receiverPathOperations, w.Receives, since, with(labels, "received")...)
}
