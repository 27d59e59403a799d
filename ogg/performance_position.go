package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// OperationPosition is how far an Extract or Replicat has got, in time.
type OperationPosition struct {
	// Lag is the lag of the latest operation. A parallel or integrated Replicat works between
	// LowWatermarkLag and HighWatermarkLag (23ai and later). All are in seconds.
	Lag, LowWatermarkLag, HighWatermarkLag wire.Number
	// Operation and Checkpoint are the times of the latest ones.
	Operation, Checkpoint wire.Timestamp
	// AtEnd is whether there is nothing left to read; nil if that is not reported (before 23ai).
	AtEnd *bool
}

// positionEr is the response of the point positionEr (all releases).
type positionEr struct {
	Lag              wire.Number    `json:"lastOperationLagMs"`
	LowWatermarkLag  wire.Number    `json:"lowWatermarkLagMs"`
	HighWatermarkLag wire.Number    `json:"highWatermarkLagMs"`
	Operation        wire.Timestamp `json:"lastOperationTs"`
	Checkpoint       wire.Timestamp `json:"lastCheckpointTs"`
	EndOfFile        *bool          `json:"endOfFile"`
}

func (r *positionEr) position() *OperationPosition {
	return &OperationPosition{
		Lag:             r.Lag.Per(1e3),
		LowWatermarkLag: r.LowWatermarkLag.Per(1e3), HighWatermarkLag: r.HighWatermarkLag.Per(1e3),
		Operation: r.Operation, Checkpoint: r.Checkpoint, AtEnd: r.EndOfFile,
	}
}
