package oci

import "github.com/ogg-exporter/ogg_exporter/ogg"

// Pipeline is a pipeline, in which OCI runs GoldenGate's processes by itself.
type Pipeline struct {
	// Label is the display name; where several pipelines have the same, each with the end of its
	// OCID, which is ID.
	Label, ID string
	// Status is the lifecycle state, and SubStatus what is being done, in lower case.
	Status, SubStatus string
	// Processes are those of a pipeline that runs, sorted by name.
	Processes []PipelineProcess
}

// PipelineProcess is an Extract or Replicat of a pipeline.
type PipelineProcess struct {
	Name string
	// Type is extract or replicat, and Status what it does, in lower case.
	Type, Status string
	// Lag is that of the last record, in seconds, and LastProcessed when that was processed.
	Lag           ogg.Number
	LastProcessed ogg.Timestamp
}
