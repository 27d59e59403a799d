package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	deploymentUp = gauge("ogg_deployment_up",
		"Whether the deployment is running (installation/deployments or deployments/{d}: status). If no Service Manager answers for a managed deployment: whether a service reports its health and Oracle Cloud does not report that the deployment is not running.")
	deploymentStatus = stateSet("ogg_deployment_status",
		"Status of the deployment as the Service Manager reports it (installation/deployments or deployments/{d}: status). If none answers for a managed deployment: determined as for ogg_deployment_up.",
		[]string{"running", "stopped", "restart", "killed", "abended"})
	deploymentEnabled = gauge("ogg_deployment_enabled",
		"Whether the Service Manager manages the deployment (installation/deployments or deployments/{d}: enabled).")
	deploymentInfo = info("ogg_deployment_info",
		"GoldenGate version, platform and database of the deployment, read once each time a service starts (config/summary: build.version, build.platform, build.dbms).",
		"version", "platform", "dbms")
)

var deploymentCollector = Collector{
	Name: "deployment", Help: "status and version of deployments", Default: true, Role: "User",
	metrics: []*metric{deploymentUp, deploymentStatus, deploymentEnabled, deploymentInfo, serviceManagerInfo},
	collect: collectDeployment,
}

func collectDeployment(to sink, d *ogg.Deployment) {
	to.state(deploymentStatus, deploymentUp, d.Status, d.Name)
	to.boolean(deploymentEnabled, d.Enabled, d.Name)
	exportVersions(to, d)
	if d.Build != nil {
		to.sample(deploymentInfo, 1, d.Name, d.Build.Version, d.Build.Platform, d.Build.DBMS)
	}
}
