package collector

import (
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	replicatActiveAppliers = gauge("ogg_replicat_active_appliers",
		"Active appliers of a parallel Replicat (mpoints/{p}/parallelReplicat: activeAppliers).",
		"process", "process_type").from("19c")
	replicatTransactions = counter("ogg_replicat_transactions_total",
		"Transactions of a parallel Replicat since it started. The kind all includes the others: do not sum them. GoldenGate counts in 32 bits (mpoints/{p}/parallelReplicat: totalTransactions, largeTransactions, serializeTransactions).",
		"process", "process_type", "kind")
	replicatBarriers = counter("ogg_replicat_barriers_total",
		"Times the appliers or threads of a Replicat had to wait for each other since it started, by reason (mpoints/{p}/parallelReplicat: ddlOperations, events, metadataChanges, sequenceOperations, errors, replicatedProcedures; coordinationReplicat: totalDdls, totalPkUpdates, totalEventactions, totalUserDefinedBarriers).",
		"process", "process_type", "reason")
	replicatSerializations = counter("ogg_replicat_serializations_total",
		"Times a parallel Replicat could not apply in parallel since it started, by reason. GoldenGate counts in 32 bits (mpoints/{p}/parallelReplicat: missingDepColumns, nonNativeSupport, maxSchedulingConst, fkParentRowDeletes).",
		"process", "process_type", "reason").from("19c")
	replicatLargeRows = gauge("ogg_replicat_large_average_rows",
		"Average number of rows in the large transactions of a parallel Replicat (mpoints/{p}/parallelReplicat: largeAverageRows).",
		"process", "process_type").from("19c")
	replicatLargeChunks = gauge("ogg_replicat_large_average_chunks",
		"Average number of chunks of the large transactions of a parallel Replicat (mpoints/{p}/parallelReplicat: largeAverageChunks).",
		"process", "process_type").from("19c")
	replicatSplitRows = gauge("ogg_replicat_split_average_rows",
		"Average number of rows in the transactions that a parallel Replicat split (mpoints/{p}/parallelReplicat: splitAverageRows).",
		"process", "process_type").from("19c")
	replicatSplitChunks = gauge("ogg_replicat_split_average_chunks",
		"Average number of chunks of the transactions that a parallel Replicat split (mpoints/{p}/parallelReplicat: splitAverageChunks).",
		"process", "process_type").from("19c")
	replicatCoordination = gauge("ogg_replicat_coordination_average_seconds",
		"Average time that the coordination of the threads of a coordinated Replicat took (mpoints/{p}/coordinationReplicat: averageCoordinationTime, in seconds as in STATS REPLICAT).",
		"process", "process_type")
	replicatMostThreads = gauge("ogg_replicat_threads_max",
		"Most threads that a coordinated Replicat may have (mpoints/{p}/coordinationReplicat: maxthreads).",
		"process", "process_type")
	replicatThreadLagGap = gauge("ogg_replicat_coordination_thread_lag_gap_seconds",
		"Maximum minus minimum lag of all threads of a coordinated Replicat (mpoints/{p}/coordinationReplicat: threadLagGap, in seconds as in STATS REPLICAT).",
		"process", "process_type")
)

var replicatMetrics = []*metric{
	replicatActiveAppliers, replicatTransactions, replicatBarriers, replicatThreadLagGap, replicatSerializations,
	replicatCoordination, replicatMostThreads, replicatLargeRows, replicatLargeChunks, replicatSplitRows, replicatSplitChunks,
}

func collectReplicat(to sink, p *ogg.Monitored, labels []string) {
	if r := p.Parallel; r != nil {
		collectParallel(to, r, p.Started, labels)
	}
	if r := p.Coordination; r != nil {
		to.number(replicatThreadLagGap, r.ThreadLagGap, labels...)
		to.count(replicatBarriers, r.DDLBarriers, p.Started, with(labels, "ddl")...)
		to.count(replicatBarriers, r.KeyUpdateBarriers, p.Started, with(labels, "key_update")...)
		to.count(replicatBarriers, r.EventBarriers, p.Started, with(labels, "event")...)
		to.count(replicatBarriers, r.UserDefinedBarriers, p.Started, with(labels, "user_defined")...)
		to.number(replicatCoordination, r.AverageTime, labels...)
		to.number(replicatMostThreads, r.MostThreads, labels...)
	}
}

func collectParallel(to sink, r *ogg.ParallelReplicat, since wire.Timestamp, labels []string) {
	to.number(replicatActiveAppliers, r.ActiveAppliers, labels...)
	to.count(replicatTransactions, r.Transactions, since, with(labels, "all")...)
	to.count(replicatTransactions, r.LargeTransactions, since, with(labels, "large")...)
	to.count(replicatTransactions, r.SerializedTransactions, since, with(labels, "serialized")...)
	to.count(replicatBarriers, r.DDLs, since, with(labels, "ddl")...)
	to.count(replicatBarriers, r.Events, since, with(labels, "event")...)
	to.count(replicatBarriers, r.MetadataChanges, since, with(labels, "metadata")...)
	to.count(replicatBarriers, r.Sequences, since, with(labels, "sequence")...)
	to.count(replicatBarriers, r.Errors, since, with(labels, "error")...)
	to.count(replicatBarriers, r.Procedures, since, with(labels, "procedure")...)
	to.count(replicatSerializations, r.MissingColumns, since, with(labels, "missing_dependency_columns")...)
	to.count(replicatSerializations, r.NonNative, since, with(labels, "non_native")...)
	to.count(replicatSerializations, r.TooManyConstraints, since, with(labels, "too_many_constraints")...)
	to.count(replicatSerializations, r.ParentRowsDeleted, since, with(labels, "fk_parent_delete")...)
	to.number(replicatLargeRows, r.LargeAverageRows, labels...)
	to.number(replicatLargeChunks, r.LargeAverageChunks, labels...)
	to.number(replicatSplitRows, r.SplitAverageRows, labels...)
	to.number(replicatSplitChunks, r.SplitAverageChunks, labels...)
}
