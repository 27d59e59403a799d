package oggtest

import (
	"strings"
	"testing"
)

// TestPointsHaveAllFields checks that the points of Performance Metrics have the members that other
// monitors show, in every release since the one that has them.
func TestPointsHaveAllFields(t *testing.T) {
	t.Parallel()
	const always, since19c, since21c, since23ai, since26ai = 0, 1, 2, 3, 4
	fields := []struct {
		path, before string // before precedes each member
		since        int
		members      string
	}{
		{"processes", "processes.0.", always, "firstMessage lastMessage"},
		{"E/positionEr", "", since23ai, "endOfFile trailTimesAtEof processMode"},
		{"E/positionEr", "inputCheckpoint.", always, "redoThread sequence rba scn timestamp"},
		{"E/positionEr", "outputCheckpoint.", always, "sequence rba timestamp"},
		{"RP/positionEr", "", since23ai, "lowWatermarkTs highWatermarkTs"},
		{"E/statisticsExtract", "", since23ai, "totalMetadataRecords"},
		{"E/statisticsTableExtract", "statisticsTableExtract.0.", always, "totalIgnores totalDiscards totalRowFetchAttempts totalRowFetchFailures"},
		{"RP/statisticsReplicat", "", always, "totalDeleteRowExists totalDeleteRowMissing"},
		{"RP/statisticsTableReplicat", "statisticsTableReplicat.0.", always, "totalIgnores totalDiscards totalConflictsDetected totalConflictsResolved totalConflictsFailed"},
		{"RP/statisticsTableReplicat", "statisticsTableReplicat.0.", since21c, "targetTableName"},
		{"RP/parallelReplicat", "", since19c, "splitAverageChunks splitAverageRows largeAverageRows largeAverageChunks " +
			"missingDepColumns nonNativeSupport maxSchedulingConst fkParentRowDeletes serializeTransactions"},
		{"RC/coordinationReplicat", "", always, "averageCoordinationTime maxthreads"},
		{"E/currentInflightTransactions", "currentInflightTransactions.0.", always, "redoSeq redoThread redoRba size"},
		{"E/processPerformance", "", always, "pageFaults ioOtherCount ioOtherBytes peakWorkingSetSize"},
		{"E/cacheStatistics", "", always, "maxMemoryUsage timesBufferOverflowed timesWaitSignaled"},
		{"PMSRVR/pmsrvrStats", "", always, "packetsReceived bytesReceived invalidPackets sequenceErrors minPacketSize maxPacketSize"},
		{"DISTSRVR/distsrvrPathStats", "statistics.0.", since26ai, "lastStarted dataStreaming"},
		{"DISTSRVR/distsrvrNetworkStats", "statistics.0.", always, "sendWaitTime receiveWaitTime"},
		{"RECVSRVR/recvsrvrStats", "recvsrvrStats.0.", always, "totalCommands totalSends totalReceives totalSendWaitTime totalReceiveWaitTime lastCommandTimestamp " +
			"sendBufferSize receiveBufferSize messageBufferSize flushSizeThreshold flushTimeThreshold"},
	}
	trails := "ioReadCount trailTimesAtEof trailLobBytes trailReadTime"
	written := "ioWriteCount trailWriteTime trailLobBytes trailBufferFlushes trailBufferFlushTime trailBytesFlushed trailLastBufferFlushTs trailMaxBytes"
	for n, release := range Releases {
		s, _ := monitoredWest(t, release)
		has := func(path, before, members string, want bool) {
			r := mpoint(t, s, path, 200)
			for member := range strings.FieldsSeq(members) {
				if got := r.at("response." + before + member); (got != "") != want {
					t.Errorf("%s %s: %s%s is %q", release, path, before, member, got)
				}
			}
		}
		for _, f := range fields {
			has(f.path, f.before, f.members, n >= f.since)
		}
		in, out := "", ""
		if n >= since23ai {
			in, out = "trailInputs.0.", "trailOutputs.0."
		}
		has("RP/trailInput", in, trails, true)
		has("E/trailOutput", out, written, true)
	}
}
