package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// Statistics are the operations of an Extract or Replicat: counters that start at 0 with the
// process.
type Statistics struct {
	Operations
	Discards          wire.Number `json:"totalDiscards"`
	Ignores           wire.Number `json:"totalIgnores"`
	ConversionErrors  wire.Number `json:"totalConversionErrors"`
	ConversionsCut    wire.Number `json:"totalConversionTruncates"`
	DDLs              wire.Number `json:"totalExecutedDdls"`
	Procedures        wire.Number `json:"totalExecutedProcedures"`
	MetadataRecords   wire.Number `json:"totalMetadataRecords"`   // Extract, 23ai and later
	RowFetches        wire.Number `json:"totalRowFetchAttempts"`  // Extract
	RowFetchFailures  wire.Number `json:"totalRowFetchFailures"`  // Extract
	ConflictsDetected wire.Number `json:"totalConflictsDetected"` // Replicat
	ConflictsResolved wire.Number `json:"totalConflictsResolved"` // Replicat
	ConflictsFailed   wire.Number `json:"totalConflictsFailed"`   // Replicat
	DeleteRowExists   wire.Number `json:"totalDeleteRowExists"`   // Replicat
	DeleteRowMissing  wire.Number `json:"totalDeleteRowMissing"`  // Replicat
}

// Operations count row changes by kind. Upserts and Unsupported are reported from 19c on.
type Operations struct {
	Inserts     wire.Number `json:"mappedTotalInserts"`
	Updates     wire.Number `json:"mappedTotalUpdates"`
	Deletes     wire.Number `json:"mappedTotalDeletes"`
	Upserts     wire.Number `json:"mappedTotalUpserts"`
	Truncates   wire.Number `json:"mappedTotalTruncates"`
	Unsupported wire.Number `json:"mappedTotalUnsupported"`
}
