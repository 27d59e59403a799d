package ogg

// Statistics are the operations of an Extract or Replicat: counters that begin
// at 0 with the process.
type Statistics struct {
	Operations
	Discards          Number `json:"totalDiscards"`
	Ignores           Number `json:"totalIgnores"`
	ConversionErrors  Number `json:"totalConversionErrors"`
	ConversionsCut    Number `json:"totalConversionTruncates"`
	DDLs              Number `json:"totalExecutedDdls"`
	Procedures        Number `json:"totalExecutedProcedures"`
	MetadataRecords   Number `json:"totalMetadataRecords"`   // Extract, 23ai and later
	RowFetches        Number `json:"totalRowFetchAttempts"`  // Extract
	RowFetchFailures  Number `json:"totalRowFetchFailures"`  // Extract
	ConflictsDetected Number `json:"totalConflictsDetected"` // Replicat
	ConflictsResolved Number `json:"totalConflictsResolved"` // Replicat
	ConflictsFailed   Number `json:"totalConflictsFailed"`   // Replicat
}

// Operations count changes of rows by kind. Upserts and Unsupported are told
// from 19c on.
type Operations struct {
	Inserts     Number `json:"mappedTotalInserts"`
	Updates     Number `json:"mappedTotalUpdates"`
	Deletes     Number `json:"mappedTotalDeletes"`
	Upserts     Number `json:"mappedTotalUpserts"`
	Truncates   Number `json:"mappedTotalTruncates"`
	Unsupported Number `json:"mappedTotalUnsupported"`
}

// statisticsExtractPoint is GET /mpoints/{p}/statisticsExtract (all releases).
var statisticsExtractPoint = monitoringPoint{
	name: "statisticsExtract",
	asks: func(p *Monitored) bool { return p.is("extract") },
	read: reading("statisticsExtract", func(p *Monitored, s *Statistics) { p.Statistics = s }),
}

// statisticsReplicatPoint is GET /mpoints/{p}/statisticsReplicat (all releases).
var statisticsReplicatPoint = monitoringPoint{
	name: "statisticsReplicat",
	asks: func(p *Monitored) bool { return p.is("replicat") },
	read: reading("statisticsReplicat", func(p *Monitored, s *Statistics) { p.Statistics = s }),
}
