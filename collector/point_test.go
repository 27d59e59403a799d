package collector_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestPointMembers checks which metric each member of a point becomes, and in which unit, in an
// installation where nothing else makes these samples; and that -1 becomes none.
func TestPointMembers(t *testing.T) {
	t.Parallel()
	for point, c := range map[string]struct{ response, want string }{
		"EXT1/positionEr": {`{"endOfFile":true}`, `ogg_process_at_end_of_file{process="EXT1"} 1`},
		"PAR/positionEr":  {`{"endOfFile":false}`, `ogg_process_at_end_of_file{process="PAR"} 0`},
		"EXT1/statisticsExtract": {
			`{"totalMetadataRecords":5}`, `ogg_extract_metadata_records_total{process="EXT1"} 5`,
		},
		"PAR/statisticsReplicat": {`{"totalDeleteRowExists":5,"totalDeleteRowMissing":"6"}`, `
			ogg_replicat_row_conflicts_total{kind="delete_row_exists",process="PAR"} 5
			ogg_replicat_row_conflicts_total{kind="delete_row_missing",process="PAR"} 6`},
		"EXT1/statisticsTableExtract": {`{"statisticsTableExtract":[
			{"tableName":"A","totalDiscards":5,"totalIgnores":6,"totalRowFetchAttempts":7,"totalRowFetchFailures":8,"mappedTotalInserts":9},
			{"tableName":"B","totalDiscards":10,"mappedTotalInserts":8},{"tableName":"C","totalDiscards":1},{"tableName":"D","totalDiscards":2}]}`, `
			ogg_table_discards_total{process="EXT1",table="A"} 5
			ogg_table_discards_total{process="EXT1",table="B"} 10
			ogg_table_discards_total{process="EXT1",table="_other"} 3
			ogg_table_ignores_total{process="EXT1",table="A"} 6
			ogg_table_row_fetch_attempts_total{process="EXT1",table="A"} 7
			ogg_table_row_fetch_failures_total{process="EXT1",table="A"} 8`},
		"PAR/statisticsTableReplicat": {`{"statisticsTableReplicat":[
			{"tableName":"A","totalConflictsDetected":5,"totalConflictsResolved":6,"totalConflictsFailed":7,"totalIgnores":8},
			{"tableName":"A","totalConflictsDetected":1,"totalConflictsResolved":1,"totalConflictsFailed":1,"totalIgnores":1}]}`, `
			ogg_table_conflicts_detected_total{process="PAR",table="A"} 6
			ogg_table_conflicts_failed_total{process="PAR",table="A"} 8
			ogg_table_conflicts_resolved_total{process="PAR",table="A"} 7
			ogg_table_ignores_total{process="PAR",table="A"} 9`},
		"PAR/parallelReplicat": {`{"missingDepColumns":5,"nonNativeSupport":6,"maxSchedulingConst":7,"fkParentRowDeletes":8,
			"largeAverageRows":9,"largeAverageChunks":10,"splitAverageRows":11,"splitAverageChunks":12}`, `
			ogg_replicat_large_average_chunks{process="PAR"} 10
			ogg_replicat_large_average_rows{process="PAR"} 9
			ogg_replicat_serializations_total{process="PAR",reason="fk_parent_delete"} 8
			ogg_replicat_serializations_total{process="PAR",reason="missing_dependency_columns"} 5
			ogg_replicat_serializations_total{process="PAR",reason="non_native"} 6
			ogg_replicat_serializations_total{process="PAR",reason="too_many_constraints"} 7
			ogg_replicat_split_average_chunks{process="PAR"} 12
			ogg_replicat_split_average_rows{process="PAR"} 11`},
		"COORD/coordinationReplicat": {`{"averageCoordinationTime":5,"maxthreads":6}`, `
			ogg_replicat_coordination_average_seconds{process="COORD"} 5
			ogg_replicat_threads_max{process="COORD"} 6`},
		"PAR/trailInput": {`{"trailInputs":[{"trailName":"ea","ioReadCount":5,"trailTimesAtEof":6,"trailLobBytes":7,"trailReadTime":1500000,"trailReadErrors":8,
			"ioWriteCount":50,"trailWriteTime":50,"trailBufferFlushes":50}]}`, `
			ogg_process_trail_eof_total{direction="input",process="PAR",trail="ea"} 6
			ogg_process_trail_io_operations_total{direction="input",process="PAR",trail="ea"} 5
			ogg_process_trail_io_seconds_total{direction="input",process="PAR",trail="ea"} 1.5
			ogg_process_trail_lob_bytes_total{direction="input",process="PAR",trail="ea"} 7
			ogg_process_trail_read_errors_total{direction="input",process="PAR",trail="ea"} 8`},
		"EXT1/trailOutput": {`{"trailName":"ea","ioWriteCount":5,"trailWriteTime":"2500000","trailLobBytes":6,"trailBufferFlushes":7,"trailBufferFlushTime":250000,
			"trailBytesFlushed":8,"trailLastBufferFlushTs":"2026-03-01T11:59:58Z","ioReadCount":50,"trailReadTime":50,"trailTimesAtEof":50}`, `
			ogg_process_trail_flush_seconds_total{direction="output",process="EXT1",trail="ea"} 0.25
			ogg_process_trail_flushed_bytes_total{direction="output",process="EXT1",trail="ea"} 8
			ogg_process_trail_flushes_total{direction="output",process="EXT1",trail="ea"} 7
			ogg_process_trail_io_operations_total{direction="output",process="EXT1",trail="ea"} 5
			ogg_process_trail_io_seconds_total{direction="output",process="EXT1",trail="ea"} 2.5
			ogg_process_trail_last_flush_timestamp_seconds{direction="output",process="EXT1",trail="ea"} 1.772366398e+09
			ogg_process_trail_lob_bytes_total{direction="output",process="EXT1",trail="ea"} 6`},
		"EXT1/currentInflightTransactions": {`{"currentInflightTransactions":[{"startTime":"2026-03-01T11:00:00Z","redoThread":2,"redoSeq":"1201"},
			{"startTime":"2026-03-01T10:00:00Z","redoThread":1,"redoSeq":1200},{"redoThread":3,"redoSeq":7}]}`, `
			ogg_extract_oldest_inflight_transaction_redo_sequence{process="EXT1",thread="1"} 1200`},
		"EXT1/processPerformance": {`{"pageFaults":5}`, `ogg_process_page_faults_total{process="EXT1"} 5`},
		"EXT1/cacheStatistics": {`{"maxMemoryUsage":5,"timesBufferOverflowed":6,"timesWaitSignaled":7}`, `
			ogg_cache_buffer_overflows_total{process="EXT1"} 6
			ogg_cache_memory_max_bytes{process="EXT1"} 5
			ogg_cache_wait_signals_total{process="EXT1"} 7`},
		"PMSRVR/pmsrvrStats": {`{"packetsReceived":5}`, `ogg_pm_packets_total{} 5`},
		"DISTSRVR/distsrvrNetworkStats": {`{"statistics":[{"name":"OUT","sendWaitTime":1500000,"receiveWaitTime":2500000},
			{"name":"STREAM","dataStreaming":true,"sendWaitTime":3500000,"receiveWaitTime":4500000}]}`, `
			ogg_data_stream_wait_seconds_total{direction="received",stream="STREAM"} 4.5
			ogg_data_stream_wait_seconds_total{direction="sent",stream="STREAM"} 3.5
			ogg_distribution_path_wait_seconds_total{direction="received",path="OUT"} 2.5
			ogg_distribution_path_wait_seconds_total{direction="sent",path="OUT"} 1.5`},
		"RECVSRVR/recvsrvrStats": {`{"recvsrvrStats":[{"pathName":"IN","totalCommands":5,"totalSends":6,"totalReceives":7,"totalSendWaitTime":1500000,
			"totalReceiveWaitTime":2500000,"lastCommandTimestamp":"2026-03-01T11:59:58Z"}]}`, `
			ogg_receiver_path_commands_total{path="IN"} 5
			ogg_receiver_path_io_operations_total{direction="received",path="IN"} 7
			ogg_receiver_path_io_operations_total{direction="sent",path="IN"} 6
			ogg_receiver_path_last_command_timestamp_seconds{path="IN"} 1.772366398e+09
			ogg_receiver_path_wait_seconds_total{direction="received",path="IN"} 2.5
			ogg_receiver_path_wait_seconds_total{direction="sent",path="IN"} 1.5`},
	} {
		t.Run(strings.ReplaceAll(point, "/", " "), func(t *testing.T) {
			t.Parallel()
			var want, names []string
			for line := range strings.Lines(strings.TrimSpace(c.want)) {
				want = append(want, strings.TrimSpace(line))
				name, _, _ := strings.Cut(want[len(want)-1], "{")
				names = append(names, name)
			}
			if got := samplesOfPoint(t, point, c.response, names); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			unknown := regexp.MustCompile(`:("20[^"]*"|true|false)`).ReplaceAllString(c.response, ":null")
			unknown = regexp.MustCompile(`:"?\d+"?`).ReplaceAllString(unknown, ":-1")
			if got := samplesOfPoint(t, point, unknown, names); len(got) > 0 {
				t.Errorf("of what is unknown: %q", got)
			}
		})
	}
}

// samplesOfPoint returns the samples of these metrics with that response of a point, of the object that
// the point is about, without the labels that all have.
func samplesOfPoint(t *testing.T, point, response string, names []string) []string {
	t.Helper()
	s, client := simulate(t, oggtest.Installation{
		Release: oggtest.Release26ai, Clock: oggtest.NewManualClock(now),
		Deployments: []oggtest.Deployment{{
			Name: "north",
			Processes: []oggtest.Process{
				{Name: "EXT1", Started: time.Hour},
				{Name: "PAR", Type: oggtest.Replicat, Mode: oggtest.Parallel, Started: time.Hour},
				{Name: "COORD", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 2, Started: time.Hour},
			},
			DistributionPaths: []oggtest.DistributionPath{{Name: "OUT", Extract: "EXT1", Started: time.Hour}},
			DataStreams:       []oggtest.DataStream{{Name: "STREAM", Extract: "EXT1", Started: time.Hour}},
			ReceiverPaths:     []oggtest.ReceiverPath{{Name: "IN", Started: time.Hour}},
		}},
	})
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/" + point}, oggtest.Fault{Body: `{"response":` + response + `}`})
	process, _, _ := strings.Cut(point, "/")
	common := regexp.MustCompile(`,?(deployment|process_type|service_manager)="[^"]*"`)
	var lines []string
	for name, samples := range parse(expose(t, client)) {
		if !slices.Contains(names, name) {
			continue
		}
		for _, line := range samples {
			line = strings.Replace(common.ReplaceAllString(line, ""), "{,", "{", 1)
			if strings.Contains(line, `process="`+process+`"`) || !strings.Contains(line, `process="`) {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	slices.Sort(lines)
	return lines
}
