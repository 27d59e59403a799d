package collector

import (
	"strconv"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	distributionPath = pathMetrics{
		up: gauge("ogg_distribution_path_up",
			"Whether the distribution path is running (sources, sources/{p} or mpoints/{p}/distsrvrPathStats: status).",
			"path"),
		status: stateSet("ogg_distribution_path_status",
			"Status of the distribution path (sources, sources/{p} or mpoints/{p}/distsrvrPathStats: status).",
			pathStates, "path"),
		lag: gauge("ogg_distribution_path_lag_seconds",
			"Time between the Extract writing to the trail and the path processing it, as last measured. It is frozen while the path is not running: read it together with ogg_distribution_path_lag_age_seconds (sources/{p}/info: lag).",
			"path"),
		lagAge: gauge("ogg_distribution_path_lag_age_seconds",
			"Time since the lag was measured (sources/{p}/info: sinceLagReported).",
			"path"),
		startTime: gauge("ogg_distribution_path_start_time_seconds",
			"When the distribution path last started, in Unix time; no sample if it never did (sources/{p}/info: lastStarted).",
			"path"),
		checkpointSequence: gauge("ogg_distribution_path_checkpoint_sequence",
			"Sequence number of the trail file of the distribution path's last checkpoint (sources/{p}/checkpoints: current.input and current.output, current.sequence).",
			"path", "direction", "trail"),
		checkpointOffset: gauge("ogg_distribution_path_checkpoint_offset_bytes",
			"Position of that checkpoint in the trail file; no sample until something has been read (sources/{p}/checkpoints: current.input and current.output, current.offset).",
			"path", "direction", "trail"),
		network: networkMetrics{
			bytes: counter("ogg_distribution_path_network_bytes_total",
				"Bytes that the distribution path sent and received since the Distribution Service started (mpoints/{p}/distsrvrNetworkStats: totalBytesSent, totalBytesReceived). While Performance Metrics is down or absent, bytes sent as the service itself counts them, from a start that is not documented (sources/{p}/stats: netStats.totalBytesSent). Exact up to 2^53.",
				"path", "direction"),
			messages: counter("ogg_distribution_path_network_messages_total",
				"Messages that the distribution path sent and received since the Distribution Service started (mpoints/{p}/distsrvrNetworkStats: totalMessagesSent, totalMessagesReceived). While Performance Metrics is down or absent, messages sent as the service itself counts them, from a start that is not documented (sources/{p}/stats: netStats.totalMsgsSent). Exact up to 2^53.",
				"path", "direction"),
			wait: counter("ogg_distribution_path_wait_seconds_total",
				"Time that the distribution path waited to send and to receive since the Distribution Service started; a slow network shows here (mpoints/{p}/distsrvrNetworkStats: sendWaitTime, receiveWaitTime, taken as microseconds: the unit is not documented).",
				"path", "direction"),
		},
	}
	distributionPathInfo = info("ogg_distribution_path_info",
		"Which Extract writes the trail of the distribution path, and whether the Receiver Service started the path; target_initiated is empty if not reported, as before 21.3 (sources/{p}/info: sourceExtractName; mpoints/{p}/distsrvrPathStats or sources/{p}: targetInitiated).",
		"path", "extract", "target_initiated")
	distributionPathLCRs = counter("ogg_distribution_path_lcrs_total",
		"Logical change records that the distribution path read from its trail (received) and sent since the Distribution Service started (mpoints/{p}/distsrvrPathStats: lcrsReceived, lcrsSent). While Performance Metrics is down or absent, as the service itself counts them, from a start that is not documented (sources/{p}/stats: lcrReceived, lcrSent). Exact up to 2^53.",
		"path", "direction")
	distributionPathOperations = counter("ogg_distribution_path_operations_total",
		"Operations of the distribution path since the Distribution Service started, by kind; the oldest releases do not report upsert and unsupported (mpoints/{p}/distsrvrPathStats: totalInserts, totalUpdates, totalDeletes, totalUpserts, totalDDLs, totalProcedures, totalUnsupported, totalOthers). While Performance Metrics is down or absent, as the service itself counts them, from a start that is not documented, without ddl since 21.3 (sources/{p}/stats: inserts, updates, deletes, upserts, ddl, procedure, unsupported, other). Exact up to 2^53.",
		"path", "operation")
)

var distributionPathCollector = Collector{
	Name: "distribution_path", Help: "status, lag, position and throughput of distribution paths", Default: true, Role: "User",
	metrics: append(distributionPath.all(), distributionPathInfo, distributionPathLCRs, distributionPathOperations, distributionPath.network.wait),
	collect: collectDistributionPaths,
}

func collectDistributionPaths(to sink, d *ogg.Deployment) {
	for _, p := range d.DistributionPaths {
		distributionPath.collect(to, d.Name, &p.Path, p.NetworkCounters)
		if p.Told {
			to.sample(distributionPathInfo, 1, d.Name, p.Name, p.Extract, booleanLabel(p.TargetInitiated))
		}
		collectDistributed(to, distributionPathLCRs, distributionPathOperations, &p.DistributionCounters, p.CountersSince, d.Name, p.Name)
	}
}

// collectDistributed sends what a path or data stream has counted.
func collectDistributed(to sink, lcrs, operations *metric, n *ogg.DistributionCounters, since wire.Timestamp, labels ...string) {
	to.count(lcrs, n.LCRsReceived, since, with(labels, "received")...)
	to.count(lcrs, n.LCRsSent, since, with(labels, "sent")...)
	for operation, count := range map[string]wire.Number{
		"insert": n.Inserts, "update": n.Updates, "delete": n.Deletes, "upsert": n.Upserts,
		"ddl": n.DDLs, "procedure": n.Procedures, "unsupported": n.Unsupported, "other": n.Others,
	} {
		to.count(operations, count, since, with(labels, operation)...)
	}
}

// booleanLabel returns true, false, or an empty string if the fact is unknown.
func booleanLabel(fact *bool) string {
	if fact == nil {
		return ""
	}
	return strconv.FormatBool(*fact)
}
