package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	serviceCriticalResources = gauge("ogg_service_critical_resources",
		"Resources of the service marked as critical, by health (mpoints/{p}/serviceHealth: criticalResourcesHealthy, criticalResourcesUnhealthy).",
		"microservice", "health").from("26ai, or earlier where present")
	pmMissingPackets = counter("ogg_pm_missing_packets_total",
		"Packets from processes that the Performance Metrics Service missed since it started; if there are any, its figures are incomplete (mpoints/{p}/pmsrvrStats: missingPackets).")
	pmPackets = counter("ogg_pm_packets_total",
		"Packets that the Performance Metrics Service received from processes since it started (mpoints/{p}/pmsrvrStats: packetsReceived).")
	pmReceiveErrors = counter("ogg_pm_receive_errors_total",
		"Receive errors of the Performance Metrics Service since it started (mpoints/{p}/pmsrvrStats: receiveErrors).")
)

var pmServiceMetrics = []*metric{serviceCriticalResources, pmMissingPackets, pmReceiveErrors, pmPackets}

func collectPMService(to sink, deployment string, p *ogg.Monitored) {
	if h := p.Health; h != nil {
		to.number(serviceCriticalResources, h.Healthy, deployment, p.Microservice(), "healthy")
		to.number(serviceCriticalResources, h.Unhealthy, deployment, p.Microservice(), "unhealthy")
	}
	if c := p.Collecting; c != nil {
		to.count(pmMissingPackets, c.MissingPackets, p.Started, deployment)
		to.count(pmReceiveErrors, c.ReceiveErrors, p.Started, deployment)
		to.count(pmPackets, c.Packets, p.Started, deployment)
	}
}
