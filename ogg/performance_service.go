package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// ServiceHealth counts what is marked critical in a service.
type ServiceHealth struct {
	Healthy   wire.Number `json:"criticalResourcesHealthy"`
	Unhealthy wire.Number `json:"criticalResourcesUnhealthy"`
}

// serviceHealthPoint is GET /mpoints/{p}/serviceHealth (documented for 26ai, and
// seen on other live builds).
var serviceHealthPoint = monitoringPoint{
	name: "serviceHealth",
	asks: func(p *Monitored) bool { return p.Microservice() != "" },
	read: reading("serviceHealth", func(p *Monitored, h *ServiceHealth) { p.Health = h }),
}

// Collecting is how well the Performance Metrics Service gets what the processes
// send: counters that begin at 0 with the service. Where packets are missing,
// its figures are incomplete.
type Collecting struct {
	MissingPackets wire.Number `json:"missingPackets"`
	ReceiveErrors  wire.Number `json:"receiveErrors"`
}

// collectingPoint is GET /mpoints/{p}/pmsrvrStats (all releases).
var collectingPoint = monitoringPoint{
	name: "pmsrvrStats",
	asks: func(p *Monitored) bool { return p.is("pmserver") },
	read: reading("pmsrvrStats", func(p *Monitored, c *Collecting) { p.Collecting = c }),
}

// Microservice is the name under which the Service Manager lists the process;
// empty for one that is no service.
func (p *Monitored) Microservice() string {
	return map[string]string{
		"adminserver": "adminsrvr", "distserver": "distsrvr", "recvserver": "recvsrvr",
		"pmserver": "pmsrvr", "servicemanager": ServiceManager,
	}[p.Type]
}
