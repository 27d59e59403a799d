package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	processLastOperationLag = gauge("ogg_process_last_operation_lag_seconds",
		"Lag of the last operation of a running process (mpoints/{p}/positionEr: lastOperationLagMs).",
		"process", "process_type")
	replicatLowWatermarkLag = gauge("ogg_replicat_low_watermark_lag_seconds",
		"Lag of the operation up to which a parallel or integrated Replicat has applied everything (mpoints/{p}/positionEr: lowWatermarkLagMs).",
		"process", "process_type").from("23ai")
	replicatHighWatermarkLag = gauge("ogg_replicat_high_watermark_lag_seconds",
		"Lag of the newest operation that a parallel or integrated Replicat has applied (mpoints/{p}/positionEr: highWatermarkLagMs).",
		"process", "process_type").from("23ai")
	processLastOperation = gauge("ogg_process_last_operation_timestamp_seconds",
		"When the last operation took place, in Unix time (mpoints/{p}/positionEr: lastOperationTs).",
		"process", "process_type")
	processLastCheckpoint = gauge("ogg_process_last_checkpoint_timestamp_seconds",
		"When the last checkpoint took place, in Unix time (mpoints/{p}/positionEr: lastCheckpointTs).",
		"process", "process_type")
	processAtEnd = gauge("ogg_process_at_end_of_file",
		"Whether the process has read all there was to read, which tells one that is idle from one that is stuck (mpoints/{p}/positionEr: endOfFile).",
		"process", "process_type").from("23ai")
)

var operationPositionMetrics = []*metric{
	processLastOperationLag, replicatLowWatermarkLag, replicatHighWatermarkLag, processAtEnd, processLastOperation, processLastCheckpoint,
}

func collectOperationPosition(to sink, p *ogg.Monitored, labels []string) {
	at := p.Position
	if at == nil {
		return
	}
	to.number(processLastOperationLag, at.Lag, labels...)
	to.number(replicatLowWatermarkLag, at.LowWatermarkLag, labels...)
	to.number(replicatHighWatermarkLag, at.HighWatermarkLag, labels...)
	to.boolean(processAtEnd, at.AtEnd, labels...)
	to.timestamp(processLastOperation, at.Operation, labels...)
	to.timestamp(processLastCheckpoint, at.Checkpoint, labels...)
}
