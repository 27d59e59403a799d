package collector

import "github.com/ogg-exporter/ogg_exporter/oci"

var (
	ociBackupSuccess = ociGauge("ogg_oci_deployment_last_backup_success_timestamp_seconds",
		"When the latest backup of the deployment kept in one of the compartments ended, in Unix time; when it began, if OCI does not report the end. No sample if that cannot be read for one of the backups (GET /deploymentBackups with lifecycleState ACTIVE: timeBackupFinished, timeOfBackup).", "deployment")
	ociBackupNext = ociGauge("ogg_oci_deployment_next_backup_timestamp_seconds",
		"When the next backup of the deployment is scheduled, in Unix time (GET /deployments/{d}: timeNextBackupScheduled).", "deployment")
)

var ociBackupPart = ociPart{
	name: oci.PartBackups, title: "backups",
	policy:  "`inspect goldengate-deployment-backups`, and `read goldengate-deployments` for the next backup",
	metrics: []*metric{ociBackupSuccess, ociBackupNext},
	collect: collectOCIBackups,
}

func collectOCIBackups(to sink, inv *oci.Inventory) {
	for _, d := range inv.Deployments {
		to.timestamp(ociBackupSuccess, d.LastBackup, d.Label)
		to.timestamp(ociBackupNext, d.NextBackup, d.Label)
	}
}
