package collector

import (
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	tableOperations = counter("ogg_table_operations_total",
		"Operations of the process on the table since it started, by kind; those on tables beyond the cap are summed as the table _other (mpoints/{p}/statisticsTableExtract or statisticsTableReplicat: mappedTotal...).",
		"process", "process_type", "table", "operation")
	tableDiscards = counter("ogg_table_discards_total",
		"Operations on the table that the process discarded since it started (mpoints/{p}/statisticsTableExtract or statisticsTableReplicat: totalDiscards).",
		"process", "process_type", "table")
	tableIgnores = counter("ogg_table_ignores_total",
		"Operations on the table that the process ignored since it started (mpoints/{p}/statisticsTableExtract or statisticsTableReplicat: totalIgnores).",
		"process", "process_type", "table")
	tableRowFetches = counter("ogg_table_row_fetch_attempts_total",
		"Rows of the table that the Extract had to fetch from the database since it started (mpoints/{p}/statisticsTableExtract: totalRowFetchAttempts).",
		"process", "process_type", "table")
	tableRowFetchFailures = counter("ogg_table_row_fetch_failures_total",
		"Rows of the table that the Extract failed to fetch from the database since it started (mpoints/{p}/statisticsTableExtract: totalRowFetchFailures).",
		"process", "process_type", "table")
	tableConflictsDetected = counter("ogg_table_conflicts_detected_total",
		"Conflicts of the Replicat on the table since it started. Each also counts as resolved or failed (mpoints/{p}/statisticsTableReplicat: totalConflictsDetected).",
		"process", "process_type", "table")
	tableConflictsResolved = counter("ogg_table_conflicts_resolved_total",
		"Conflicts on the table that the Replicat resolved since it started (mpoints/{p}/statisticsTableReplicat: totalConflictsResolved).",
		"process", "process_type", "table")
	tableConflictsFailed = counter("ogg_table_conflicts_failed_total",
		"Conflicts on the table that the Replicat failed to resolve since it started (mpoints/{p}/statisticsTableReplicat: totalConflictsFailed).",
		"process", "process_type", "table")
	tableDropped = gauge("ogg_table_dropped",
		"Tables of the process that have no series of their own and are summed as the table _other.",
		"process", "process_type")
)

var tableCollector = Collector{
	Name: "table", Help: "operations, discards and conflicts of Extracts and Replicats by table", Default: false, Role: "User",
	metrics: []*metric{
		tableDropped, tableOperations, tableDiscards, tableConflictsFailed, tableConflictsDetected, tableConflictsResolved,
		tableRowFetchFailures, tableIgnores, tableRowFetches,
	},
	collect: collectTables,
}

func collectTables(to sink, d *ogg.Deployment) {
	for _, of := range d.Tables {
		labels := []string{d.Name, of.Process, of.Type}
		for _, t := range of.Tables {
			collectTable(to, t, of.Started, with(labels, t.Name))
		}
		to.sample(tableDropped, float64(of.Dropped), labels...)
	}
}

func collectTable(to sink, t ogg.Table, since wire.Timestamp, labels []string) {
	collectOperations(to, tableOperations, t.Operations, since, labels)
	to.count(tableDiscards, t.Discards, since, labels...)
	to.count(tableIgnores, t.Ignores, since, labels...)
	to.count(tableRowFetches, t.RowFetches, since, labels...)
	to.count(tableRowFetchFailures, t.RowFetchFailures, since, labels...)
	to.count(tableConflictsDetected, t.ConflictsDetected, since, labels...)
	to.count(tableConflictsResolved, t.ConflictsResolved, since, labels...)
	to.count(tableConflictsFailed, t.ConflictsFailed, since, labels...)
}
