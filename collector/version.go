package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var serviceManagerInfo = newMetric("gauge", prometheus.GaugeValue, "ogg_service_manager_info",
	"Versions of the REST API that the Service Manager offers, and their lifecycle (active or deprecated), read once each time it starts (services: items.version, items.lifecycle). No sample if it does not list them.",
	[]string{"service_manager", "api_version", "lifecycle"}).asInfo()

// exportVersions sends what is known of the API's versions, in the deployment of the Service
// Manager.
func exportVersions(to sink, d *ogg.Deployment) {
	for _, v := range d.APIVersions {
		to.sample(serviceManagerInfo, 1, v.Version, v.Lifecycle)
	}
}
