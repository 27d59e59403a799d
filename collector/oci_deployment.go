package collector

import "github.com/ogg-exporter/ogg_exporter/oci"

var (
	ociDeploymentStatus = ociGauge("ogg_oci_deployment_status",
		"Lifecycle state of the deployment (GET /deployments: lifecycleState).", "deployment", "status").
		asStates([]string{"creating", "updating", "active", "inactive", "deleting", "deleted", "failed", "needs_attention"})
	ociDeploymentHealthy = ociGauge("ogg_oci_deployment_healthy",
		"Whether everything that belongs to the deployment works (GET /deployments/{d}: isHealthy).", "deployment")
	ociDeploymentSubStatus = ociGauge("ogg_oci_deployment_sub_status",
		"What OCI is doing with the deployment. No sample if it is doing nothing (GET /deployments: lifecycleSubState).", "deployment", "status").
		asStates([]string{"recovering", "starting", "stopping", "moving", "upgrading", "restoring", "backup_in_progress", "rollback_in_progress"})
	ociDeploymentCPUCores = ociGauge("ogg_oci_deployment_cpu_cores",
		"Minimum number of OCPUs of the deployment (GET /deployments: cpuCoreCount).", "deployment")
	ociDeploymentAutoScaling = ociGauge("ogg_oci_deployment_auto_scaling_enabled",
		"Whether OCI may give the deployment more OCPUs (GET /deployments: isAutoScalingEnabled).", "deployment")
	ociDeploymentStorage = ociGauge("ogg_oci_deployment_storage_used_bytes",
		"Storage that the deployment uses (GET /deployments: storageUtilizationInBytes).", "deployment")
	ociDeploymentStorageExceeded = ociGauge("ogg_oci_deployment_storage_limit_exceeded",
		"Whether the deployment uses more storage than it is allowed to. Oracle documents the field as deprecated and no longer updated (GET /deployments: isStorageUtilizationLimitExceeded).", "deployment")
	ociDeploymentLatest = ociGauge("ogg_oci_deployment_latest_version",
		"Whether the deployment has the latest version, with no newer one to upgrade to (GET /deployments: isLatestVersion).", "deployment")
	ociDeploymentUpgrade = ociGauge("ogg_oci_deployment_upgrade_timestamp_seconds",
		"When OCI will upgrade the deployment, in Unix time. No sample if no upgrade is due (GET /deployments/{d}: timeOfNextMaintenance where nextMaintenanceActionType is UPGRADE).", "deployment")
	ociDeploymentMaintenance = ociGauge("ogg_oci_deployment_next_maintenance_timestamp_seconds",
		"When OCI next performs maintenance of any kind on the deployment, in Unix time (GET /deployments/{d}: timeOfNextMaintenance).", "deployment")
	ociDeploymentSupported = ociGauge("ogg_oci_deployment_version_supported_until_timestamp_seconds",
		"When the deployment's version stops being supported and available, in Unix time (GET /deployments/{d}: timeOggVersionSupportedUntil).", "deployment")
	ociDeploymentInfo = ociGauge("ogg_oci_deployment_info",
		"Identity and type of the deployment; ogg_deployment is the name that GoldenGate itself uses (GET /deployments/{d}: id, oggData.deploymentName, oggData.oggVersion, deploymentType, category, licenseModel, environmentType, deploymentRole).",
		"deployment", "ocid", "ogg_deployment", "version", "deployment_type", "category", "license_model", "environment_type", "deployment_role").asInfo()
)

var ociDeploymentPart = ociPart{
	name: oci.PartDeployments, title: "deployments",
	policy: "`inspect goldengate-deployments` for what `GET /deployments` returns, `read goldengate-deployments` for what `GET /deployments/{d}` returns (part `" + oci.PartDetails + "`)",
	metrics: []*metric{
		ociDeploymentStatus, ociDeploymentHealthy, ociDeploymentSubStatus, ociDeploymentInfo, ociDeploymentSupported, ociDeploymentUpgrade,
		ociDeploymentMaintenance, ociDeploymentLatest, ociDeploymentStorage, ociDeploymentStorageExceeded, ociDeploymentCPUCores, ociDeploymentAutoScaling,
	},
	collect: collectOCIDeployments,
}

func collectOCIDeployments(to sink, inv *oci.Inventory) {
	for _, d := range inv.Deployments {
		to.states(ociDeploymentStatus, d.Status, d.Label)
		to.boolean(ociDeploymentHealthy, d.Healthy, d.Label)
		to.states(ociDeploymentSubStatus, d.SubStatus, d.Label)
		to.sample(ociDeploymentInfo, 1, d.Label, d.ID, d.OGGName, d.Version, d.Type, d.Category, d.LicenseModel, d.Environment, d.Role)
		to.timestamp(ociDeploymentSupported, d.SupportedUntil, d.Label)
		if d.Maintenance == "upgrade" {
			to.timestamp(ociDeploymentUpgrade, d.NextMaintenance, d.Label)
		}
		to.timestamp(ociDeploymentMaintenance, d.NextMaintenance, d.Label)
		to.boolean(ociDeploymentLatest, d.LatestVersion, d.Label)
		to.number(ociDeploymentStorage, d.StorageBytes, d.Label)
		to.boolean(ociDeploymentStorageExceeded, d.StorageExceeded, d.Label)
		to.number(ociDeploymentCPUCores, d.CPUCores, d.Label)
		to.boolean(ociDeploymentAutoScaling, d.AutoScaling, d.Label)
	}
}
