package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// OperationPosition is how far an Extract or Replicat is, in time.
type OperationPosition struct {
	// Lag is that of the latest operation, LowWatermarkLag and HighWatermarkLag those between
	// which a parallel or integrated Replicat works (23ai and later), all in seconds.
	Lag, LowWatermarkLag, HighWatermarkLag wire.Number
	// Operation and Checkpoint are when the latest ones were.
	Operation, Checkpoint wire.Timestamp
}

// positionEr is the answer of that point (all releases).
type positionEr struct {
	Lag              wire.Number    `json:"lastOperationLagMs"`
	LowWatermarkLag  wire.Number    `json:"lowWatermarkLagMs"`
	HighWatermarkLag wire.Number    `json:"highWatermarkLagMs"`
	Operation        wire.Timestamp `json:"lastOperationTs"`
	Checkpoint       wire.Timestamp `json:"lastCheckpointTs"`
}

func (r *positionEr) position() *OperationPosition {
	return &OperationPosition{
		Lag:             r.Lag.Per(1e3),
		LowWatermarkLag: r.LowWatermarkLag.Per(1e3), HighWatermarkLag: r.HighWatermarkLag.Per(1e3),
		Operation: r.Operation, Checkpoint: r.Checkpoint,
	}
}
