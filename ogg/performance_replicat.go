package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// ParallelReplicat is about the work of a parallel Replicat. All fields except ActiveAppliers
// and the averages are counters that start at 0 with the process. GoldenGate keeps them in 32 bits.
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

	// Why transactions were not applied in parallel (19c and later).
	MissingColumns     wire.Number `json:"missingDepColumns"`
	NonNative          wire.Number `json:"nonNativeSupport"`
	TooManyConstraints wire.Number `json:"maxSchedulingConst"`
	ParentRowsDeleted  wire.Number `json:"fkParentRowDeletes"`

	// The average size of transactions that are large, and of those that were split (19c and later).
	LargeAverageRows   wire.Number `json:"largeAverageRows"`
	LargeAverageChunks wire.Number `json:"largeAverageChunks"`
	SplitAverageRows   wire.Number `json:"splitAverageRows"`
	SplitAverageChunks wire.Number `json:"splitAverageChunks"`
}

// Coordination is about the work of a coordinated Replicat.
type Coordination struct {
	// ThreadLagGap is the gap between the fastest and the slowest thread. Its unit is not
	// documented, but the figure of the same name in STATS REPLICAT is in seconds.
	ThreadLagGap wire.Number `json:"threadLagGap"`
	// AverageTime is how long coordination took on average, in seconds.
	AverageTime wire.Number `json:"averageCoordinationTime"`
	// MostThreads is how many threads the Replicat may have.
	MostThreads wire.Number `json:"maxthreads"`
	// Barriers, by what made all threads wait, are counters that start at 0 with the
	// process.
	DDLBarriers         wire.Number `json:"totalDdls"`
	KeyUpdateBarriers   wire.Number `json:"totalPkUpdates"`
	EventBarriers       wire.Number `json:"totalEventactions"`
	UserDefinedBarriers wire.Number `json:"totalUserDefinedBarriers"`
}
