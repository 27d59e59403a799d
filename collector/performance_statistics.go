package collector

import (
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	processOperations = counter("ogg_process_operations_total",
		"Operations of the process since it started, by kind; upsert and unsupported only from 19c (mpoints/{p}/statisticsExtract or statisticsReplicat: mappedTotal..., totalExecuted...). Exact up to 2^53.",
		"process", "process_type", "operation")
	processDiscards = counter("ogg_process_discards_total",
		"Operations that the process discarded since it started (mpoints/{p}/statisticsExtract or statisticsReplicat: totalDiscards).",
		"process", "process_type")
	processIgnores = counter("ogg_process_ignores_total",
		"Operations that the process ignored since it started (mpoints/{p}/statisticsExtract or statisticsReplicat: totalIgnores).",
		"process", "process_type")
	processConversionErrors = counter("ogg_process_conversion_errors_total",
		"Column values that the process failed to convert since it started (mpoints/{p}/statisticsExtract or statisticsReplicat: totalConversionErrors).",
		"process", "process_type")
	processConversionTruncations = counter("ogg_process_conversion_truncations_total",
		"Column values that a conversion truncated since the process started (mpoints/{p}/statisticsExtract or statisticsReplicat: totalConversionTruncates).",
		"process", "process_type")
	extractRowFetches = counter("ogg_extract_row_fetch_attempts_total",
		"Rows that the Extract had to fetch from the database since it started (mpoints/{p}/statisticsExtract: totalRowFetchAttempts).",
		"process", "process_type")
	extractRowFetchFailures = counter("ogg_extract_row_fetch_failures_total",
		"Rows that the Extract failed to fetch from the database since it started (mpoints/{p}/statisticsExtract: totalRowFetchFailures).",
		"process", "process_type")
	extractMetadataRecords = counter("ogg_extract_metadata_records_total",
		"Metadata records of the Extract since it started (mpoints/{p}/statisticsExtract: totalMetadataRecords).",
		"process", "process_type").from("23ai")
	replicatRowConflicts = counter("ogg_replicat_row_conflicts_total",
		"Conflicts of the Replicat since it started, by kind; those of inserts and updates are not documented (mpoints/{p}/statisticsReplicat: totalDeleteRowExists, totalDeleteRowMissing).",
		"process", "process_type", "kind")
	replicatConflicts = counter("ogg_replicat_conflicts_total",
		"Conflicts of the Replicat since it started. Each detected conflict also counts as resolved or failed: do not sum them (mpoints/{p}/statisticsReplicat: totalConflicts...).",
		"process", "process_type", "outcome")
)

var statisticsMetrics = []*metric{
	processDiscards, replicatConflicts, processOperations, processIgnores, processConversionErrors,
	processConversionTruncations, extractRowFetchFailures, extractRowFetches, replicatRowConflicts, extractMetadataRecords,
}

func collectStatistics(to sink, p *ogg.Monitored, labels []string) {
	s := p.Statistics
	if s == nil {
		return
	}
	collectOperations(to, processOperations, s.Operations, p.Started, labels)
	collectConflicts(to, s, p.Started, labels)
	to.count(processOperations, s.DDLs, p.Started, with(labels, "ddl")...)
	to.count(processOperations, s.Procedures, p.Started, with(labels, "procedure")...)
	to.count(processDiscards, s.Discards, p.Started, labels...)
	to.count(processIgnores, s.Ignores, p.Started, labels...)
	to.count(processConversionErrors, s.ConversionErrors, p.Started, labels...)
	to.count(processConversionTruncations, s.ConversionsCut, p.Started, labels...)
	to.count(extractRowFetches, s.RowFetches, p.Started, labels...)
	to.count(extractRowFetchFailures, s.RowFetchFailures, p.Started, labels...)
	to.count(extractMetadataRecords, s.MetadataRecords, p.Started, labels...)
}

func collectConflicts(to sink, s *ogg.Statistics, since wire.Timestamp, labels []string) {
	to.count(replicatConflicts, s.ConflictsDetected, since, with(labels, "detected")...)
	to.count(replicatConflicts, s.ConflictsResolved, since, with(labels, "resolved")...)
	to.count(replicatConflicts, s.ConflictsFailed, since, with(labels, "failed")...)
	to.count(replicatRowConflicts, s.DeleteRowExists, since, with(labels, "delete_row_exists")...)
	to.count(replicatRowConflicts, s.DeleteRowMissing, since, with(labels, "delete_row_missing")...)
}

// collectOperations sends the row operations; the last label is the kind.
func collectOperations(to sink, m *metric, o ogg.Operations, since wire.Timestamp, labels []string) {
	to.count(m, o.Inserts, since, with(labels, "insert")...)
	to.count(m, o.Updates, since, with(labels, "update")...)
	to.count(m, o.Deletes, since, with(labels, "delete")...)
	to.count(m, o.Upserts, since, with(labels, "upsert")...)
	to.count(m, o.Truncates, since, with(labels, "truncate")...)
	to.count(m, o.Unsupported, since, with(labels, "unsupported")...)
}
