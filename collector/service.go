package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

var (
	serviceUp = gauge("ogg_service_up",
		"Whether the service is running (installation/services or deployments/{d}/services/{s}: status). If no Service Manager answers for a managed deployment: whether the service itself answers (config/health).",
		"microservice")
	serviceStatus = stateSet("ogg_service_status",
		"Status of the service as the Service Manager reports it (installation/services or deployments/{d}/services/{s}: status). If none answers for a managed deployment: running, or unknown if the service does not answer.",
		[]string{"starting", "running", "stopped", "restart", "killed", "abended"}, "microservice")
	serviceEnabled = gauge("ogg_service_enabled",
		"Whether the Service Manager manages the service (installation/services or deployments/{d}/services/{s}: enabled).",
		"microservice")
	serviceCritical = gauge("ogg_service_critical",
		"Whether the service is critical to its deployment (installation/services or deployments/{d}/services/{s}: critical).",
		"microservice")
	serviceLocked = gauge("ogg_service_locked",
		"Whether a security administrator has locked the service so that it cannot start (installation/services: locked).",
		"microservice").from("21c")
	serviceHealthy = gauge("ogg_service_healthy",
		"Whether the service reports itself as healthy, including its critical resources (config/health: healthy).",
		"microservice")
	serviceStartTime = gauge("ogg_service_start_time_seconds",
		"When the service started, in Unix time (config/health: started).",
		"microservice")
	criticalResourceHealthy = gauge("ogg_critical_resource_healthy",
		"Whether a process, path or service marked as critical is healthy; microservice is the service that monitors it (config/health: criticalResources).",
		"microservice", "resource", "resource_type")
	tlsNotAfter = gauge("ogg_tls_certificate_not_after_timestamp_seconds",
		"When the server certificate of the latest connection to the service expires, in Unix time; behind a reverse proxy, it is the proxy's certificate (TLS handshake).",
		"microservice")
	clockSkew = gauge("ogg_clock_skew_seconds",
		"How far the clock of the service's host is ahead of the exporter's, negative if it is behind, to the second; 0 if they may agree. Behind a reverse proxy, it is the proxy's clock. Taken from the fastest answer of the scrape (header Date of any answer).",
		"microservice")
)

var serviceCollector = Collector{
	Name: "service", Help: "status, health and clocks of services, critical resources, server certificates", Default: true, Role: "User",
	metrics: []*metric{
		serviceUp, serviceStatus, serviceHealthy, criticalResourceHealthy, tlsNotAfter, clockSkew,
		serviceEnabled, serviceCritical, serviceLocked, serviceStartTime,
	},
	collect: collectServices,
}

func collectServices(to sink, d *ogg.Deployment) {
	for _, s := range d.Services {
		to.state(serviceStatus, serviceUp, s.Status, d.Name, s.Name)
		to.boolean(serviceEnabled, s.Enabled, d.Name, s.Name)
		to.boolean(serviceCritical, s.Critical, d.Name, s.Name)
		to.boolean(serviceLocked, s.Locked, d.Name, s.Name)
		to.boolean(serviceHealthy, s.Healthy, d.Name, s.Name)
		to.timestamp(serviceStartTime, s.Started, d.Name, s.Name)
		to.timestamp(tlsNotAfter, s.CertificateNotAfter, d.Name, s.Name)
		if s.ClockSkew != nil {
			to.sample(clockSkew, s.ClockSkew.Seconds(), d.Name, s.Name)
		}
		for _, r := range s.CriticalResources {
			to.boolean(criticalResourceHealthy, r.Healthy, r.Deployment, s.Name, r.Name, r.Type)
		}
	}
}
