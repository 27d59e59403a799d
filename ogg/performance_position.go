package ogg

// OperationPosition is how far an Extract or Replicat is, in time.
type OperationPosition struct {
	// Lag is that of the latest operation, LowWatermarkLag and HighWatermarkLag
	// those between which a parallel or integrated Replicat works (23ai and
	// later), all in seconds.
	Lag, LowWatermarkLag, HighWatermarkLag Number
	// Operation and Checkpoint are when the latest ones were.
	Operation, Checkpoint Timestamp
}

// positionPoint is GET /mpoints/{p}/positionEr (all releases).
var positionPoint = monitoringPoint{
	name: "positionEr",
	asks: (*Monitored).replicates,
	read: reading("positionEr", func(p *Monitored, r *struct {
		LastOperationLagMs, LowWatermarkLagMs, HighWatermarkLagMs Number
		LastOperationTs, LastCheckpointTs                         Timestamp
	},
	) {
		p.Position = &OperationPosition{
			Lag:             r.LastOperationLagMs.per(1e3),
			LowWatermarkLag: r.LowWatermarkLagMs.per(1e3), HighWatermarkLag: r.HighWatermarkLagMs.per(1e3),
			Operation: r.LastOperationTs, Checkpoint: r.LastCheckpointTs,
		}
	}),
}
