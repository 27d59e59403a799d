package ogg

// ParallelReplicat is about the work of a parallel Replicat. All but
// ActiveAppliers are counters that begin at 0 with the process; GoldenGate keeps
// them in 32 bits.
type ParallelReplicat struct {
	ActiveAppliers         Number `json:"activeAppliers"` // 19c and later
	Transactions           Number `json:"totalTransactions"`
	LargeTransactions      Number `json:"largeTransactions"`
	SerializedTransactions Number `json:"serializeTransactions"` // 19c and later
	DDLs                   Number `json:"ddlOperations"`
	Events                 Number `json:"events"`
	MetadataChanges        Number `json:"metadataChanges"`
	Sequences              Number `json:"sequenceOperations"` // 19c and later
	Errors                 Number `json:"errors"`
	Procedures             Number `json:"replicatedProcedures"`
}

// parallelPoint is GET /mpoints/{p}/parallelReplicat (all releases).
var parallelPoint = monitoringPoint{
	name: "parallelReplicat",
	asks: func(p *Monitored) bool { return p.is("replicat") && p.mayBe("parallel") },
	read: reading("parallelReplicat", func(p *Monitored, r *ParallelReplicat) { p.Parallel = r }),
}

// Coordination is about the work of a coordinated Replicat.
type Coordination struct {
	// ThreadLagGap is between its fastest and slowest thread. The unit is not
	// documented: seconds, by the figure of the same name in STATS REPLICAT.
	ThreadLagGap Number `json:"threadLagGap"`
	// Barriers, by what made all threads wait, are counters that begin at 0 with
	// the process.
	DDLBarriers         Number `json:"totalDdls"`
	KeyUpdateBarriers   Number `json:"totalPkUpdates"`
	EventBarriers       Number `json:"totalEventactions"`
	UserDefinedBarriers Number `json:"totalUserDefinedBarriers"`
}

// coordinationPoint is GET /mpoints/{p}/coordinationReplicat (all releases).
var coordinationPoint = monitoringPoint{
	name: "coordinationReplicat",
	asks: func(p *Monitored) bool { return p.is("replicat") && p.mayBe("coordinated") },
	read: reading("coordinationReplicat", func(p *Monitored, r *Coordination) { p.Coordination = r }),
}
