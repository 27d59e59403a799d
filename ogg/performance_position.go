package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// OperationPosition is how far an Extract or Replicat is, in time.
type OperationPosition struct {
	// Lag is that of the latest operation, LowWatermarkLag and HighWatermarkLag
	// those between which a parallel or integrated Replicat works (23ai and
	// later), all in seconds.
	Lag, LowWatermarkLag, HighWatermarkLag wire.Number
	// Operation and Checkpoint are when the latest ones were.
	Operation, Checkpoint wire.Timestamp
}

// positionPoint is GET /mpoints/{p}/positionEr (all releases).
var positionPoint = monitoringPoint{
	name: "positionEr",
	asks: (*Monitored).replicates,
	read: reading("positionEr", func(p *Monitored, r *struct {
		LastOperationLagMs, LowWatermarkLagMs, HighWatermarkLagMs wire.Number
		LastOperationTs, LastCheckpointTs                         wire.Timestamp
	},
	) {
		p.Position = &OperationPosition{
			Lag:             r.LastOperationLagMs.Per(1e3),
			LowWatermarkLag: r.LowWatermarkLagMs.Per(1e3), HighWatermarkLag: r.HighWatermarkLagMs.Per(1e3),
			Operation: r.LastOperationTs, Checkpoint: r.LastCheckpointTs,
		}
	}),
}
