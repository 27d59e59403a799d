package collector

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// dataStreamStates are those of paths and of processes: the reference does not say which of them
// a data stream has.
var dataStreamStates = slices.Concat(pathStates, []string{"starting", "abended"})

var (
	dataStreamUp = gauge("ogg_data_stream_up",
		"Whether the data stream is running (stream or mpoints/{p}/distsrvrPathStats: status).",
		"stream").from("23ai")
	dataStreamStatus = stateSet("ogg_data_stream_status",
		"Status of the data stream (stream or mpoints/{p}/distsrvrPathStats: status).",
		dataStreamStates, "stream").from("23ai")
	dataStreamLag = gauge("ogg_data_stream_lag_seconds",
		"Lag of the data stream; when it was measured is not reported (mpoints/{p}/distsrvrPathStats: lag).",
		"stream").from("26ai")
	dataStreamStartTime = gauge("ogg_data_stream_start_time_seconds",
		"When the data stream last started, in Unix time; no sample if it never did (mpoints/{p}/distsrvrPathStats: lastStarted).",
		"stream").from("26ai")
	dataStreamLCRs = counter("ogg_data_stream_lcrs_total",
		"Logical change records that the data stream received and sent since the Distribution Service started (mpoints/{p}/distsrvrPathStats: lcrsReceived, lcrsSent). Exact up to 2^53.",
		"stream", "direction").from("26ai")
	dataStreamOperations = counter("ogg_data_stream_operations_total",
		"Operations of the data stream since the Distribution Service started, by kind (mpoints/{p}/distsrvrPathStats: totalInserts, totalUpdates, totalDeletes, totalUpserts, totalDDLs, totalProcedures, totalUnsupported, totalOthers). Exact up to 2^53.",
		"stream", "operation").from("26ai")
	dataStreamNetwork = networkMetrics{
		bytes: counter("ogg_data_stream_network_bytes_total",
			"Bytes that the data stream sent and received since the Distribution Service started (mpoints/{p}/distsrvrNetworkStats: totalBytesSent, totalBytesReceived). Exact up to 2^53.",
			"stream", "direction").from("26ai"),
		messages: counter("ogg_data_stream_network_messages_total",
			"Messages that the data stream sent and received since the Distribution Service started (mpoints/{p}/distsrvrNetworkStats: totalMessagesSent, totalMessagesReceived). Exact up to 2^53.",
			"stream", "direction").from("26ai"),
		wait: counter("ogg_data_stream_wait_seconds_total",
			"Time that the data stream waited to send and to receive since the Distribution Service started (mpoints/{p}/distsrvrNetworkStats: sendWaitTime, receiveWaitTime, taken as microseconds: the unit is not documented).",
			"stream", "direction").from("26ai"),
	}
)

var dataStreamCollector = Collector{
	Name: "data_stream", Help: "status, lag and throughput of data streams", Default: true, Role: "User",
	metrics: []*metric{
		dataStreamUp, dataStreamStatus, dataStreamLag, dataStreamStartTime, dataStreamNetwork.bytes,
		dataStreamNetwork.messages, dataStreamLCRs, dataStreamOperations, dataStreamNetwork.wait,
	},
	collect: collectDataStreams,
}

func collectDataStreams(to sink, d *ogg.Deployment) {
	for _, s := range d.DataStreams {
		to.state(dataStreamStatus, dataStreamUp, s.Status, d.Name, s.Name)
		to.number(dataStreamLag, s.Lag, d.Name, s.Name)
		to.timestamp(dataStreamStartTime, s.Started, d.Name, s.Name)
		dataStreamNetwork.collect(to, s.NetworkCounters, s.CountersSince, []string{d.Name, s.Name})
		collectDistributed(to, dataStreamLCRs, dataStreamOperations, &s.DistributionCounters, s.CountersSince, d.Name, s.Name)
	}
}
