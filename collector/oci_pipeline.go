package collector

import "github.com/ogg-exporter/ogg_exporter/oci"

var (
	ociPipelineStatus = ociGauge("ogg_oci_pipeline_status",
		"Lifecycle state of the pipeline (GET /pipelines: lifecycleState).", "pipeline", "status").
		asStates([]string{"creating", "updating", "active", "inactive", "deleting", "deleted", "failed", "needs_attention"})
	ociPipelineSubStatus = ociGauge("ogg_oci_pipeline_sub_status",
		"What the pipeline is doing, or what OCI is doing with it. No sample if OCI does not report it (GET /pipelines: lifecycleSubState).", "pipeline", "status").
		asStates([]string{"starting", "stopping", "stopped", "moving", "running"})
	ociProcessStatus = ociGauge("ogg_oci_pipeline_process_status",
		"Status of an Extract or Replicat of the pipeline (GET /pipelines/{p}/runningProcesses: status).", "pipeline", "process", "process_type", "status").
		asStates([]string{"running", "stopped", "error"})
	ociProcessLag = ociGauge("ogg_oci_pipeline_process_lag_seconds",
		"Lag of the last record that the process processed (GET /pipelines/{p}/runningProcesses: lastRecordLagInSeconds).", "pipeline", "process", "process_type")
	ociProcessLastProcessed = ociGauge("ogg_oci_pipeline_process_last_processed_timestamp_seconds",
		"When the process last processed a record, in Unix time (GET /pipelines/{p}/runningProcesses: timeLastProcessed).", "pipeline", "process", "process_type")
)

var ociPipelinePart = ociPart{
	name: oci.PartPipelines, title: "pipelines",
	policy:  "`inspect goldengate-pipelines`, and `read goldengate-pipelines` for the processes",
	metrics: []*metric{ociPipelineStatus, ociPipelineSubStatus, ociProcessStatus, ociProcessLag, ociProcessLastProcessed},
	collect: collectOCIPipelines,
}

func collectOCIPipelines(to sink, inv *oci.Inventory) {
	for _, p := range inv.Pipelines {
		to.states(ociPipelineStatus, p.Status, p.Label)
		to.states(ociPipelineSubStatus, p.SubStatus, p.Label)
		for _, process := range p.Processes {
			to.states(ociProcessStatus, process.Status, p.Label, process.Name, process.Type)
			to.number(ociProcessLag, process.Lag, p.Label, process.Name, process.Type)
			to.timestamp(ociProcessLastProcessed, process.LastProcessed, p.Label, process.Name, process.Type)
		}
	}
}
