package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

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
	replicatThreadLagGap = gauge("ogg_replicat_coordination_thread_lag_gap_seconds",
		"Maximum minus minimum lag of all threads of a coordinated Replicat (mpoints/{p}/coordinationReplicat: threadLagGap, in seconds as in STATS REPLICAT).",
		"process", "process_type")
)

var replicatMetrics = []*metric{replicatActiveAppliers, replicatTransactions, replicatBarriers, replicatThreadLagGap}

func collectReplicat(to sink, p *ogg.Monitored, labels []string) {
	if r := p.Parallel; r != nil {
		to.number(replicatActiveAppliers, r.ActiveAppliers, labels...)
		to.count(replicatTransactions, r.Transactions, p.Started, with(labels, "all")...)
		to.count(replicatTransactions, r.LargeTransactions, p.Started, with(labels, "large")...)
		to.count(replicatTransactions, r.SerializedTransactions, p.Started, with(labels, "serialized")...)
		to.count(replicatBarriers, r.DDLs, p.Started, with(labels, "ddl")...)
		to.count(replicatBarriers, r.Events, p.Started, with(labels, "event")...)
		to.count(replicatBarriers, r.MetadataChanges, p.Started, with(labels, "metadata")...)
		to.count(replicatBarriers, r.Sequences, p.Started, with(labels, "sequence")...)
		to.count(replicatBarriers, r.Errors, p.Started, with(labels, "error")...)
		to.count(replicatBarriers, r.Procedures, p.Started, with(labels, "procedure")...)
	}
	if r := p.Coordination; r != nil {
		to.number(replicatThreadLagGap, r.ThreadLagGap, labels...)
		to.count(replicatBarriers, r.DDLBarriers, p.Started, with(labels, "ddl")...)
		to.count(replicatBarriers, r.KeyUpdateBarriers, p.Started, with(labels, "key_update")...)
		to.count(replicatBarriers, r.EventBarriers, p.Started, with(labels, "event")...)
		to.count(replicatBarriers, r.UserDefinedBarriers, p.Started, with(labels, "user_defined")...)
	}
}
