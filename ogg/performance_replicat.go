package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// ParallelReplicat is about the work of a parallel Replicat. All fields except ActiveAppliers
// are counters that start at 0 with the process. GoldenGate keeps them in 32 bits.
type ParallelReplicat struct {
	ActiveAppliers         wire.Number `json:"activeAppliers"` // 19c and later
	Transactions           wire.Number `json:"totalTransactions"`
	LargeTransactions      wire.Number `json:"largeTransactions"`
	SerializedTransactions wire.Number `json:"serializeTransactions"` // 19c and later
	DDLs                   wire.Number `json:"ddlOperations"`
	Events                 wire.Number `json:"events"`
	MetadataChanges        wire.Number `json:"metadataChanges"`
	Sequences              wire.Number `json:"sequenceOperations"` // 19c and later
	Errors                 wire.Number `json:"errors"`
	Procedures             wire.Number `json:"replicatedProcedures"`
}

// Coordination is about the work of a coordinated Replicat.
type Coordination struct {
	// ThreadLagGap is the gap between the fastest and the slowest thread. Its unit is not
	// documented, but the figure of the same name in STATS REPLICAT is in seconds.
	ThreadLagGap wire.Number `json:"threadLagGap"`
	// Barriers, by what made all threads wait, are counters that start at 0 with the
	// process.
	DDLBarriers         wire.Number `json:"totalDdls"`
	KeyUpdateBarriers   wire.Number `json:"totalPkUpdates"`
	EventBarriers       wire.Number `json:"totalEventactions"`
	UserDefinedBarriers wire.Number `json:"totalUserDefinedBarriers"`
}
