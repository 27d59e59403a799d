package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// ServiceHealth counts the critical resources of a service.
type ServiceHealth struct {
	Healthy   wire.Number `json:"criticalResourcesHealthy"`
	Unhealthy wire.Number `json:"criticalResourcesUnhealthy"`
}

// Collecting is how well the Performance Metrics Service receives what the processes send:
// counters that start at 0 with the service. If packets are missing, its figures are
// incomplete.
type Collecting struct {
	Packets        wire.Number `json:"packetsReceived"`
	MissingPackets wire.Number `json:"missingPackets"`
	ReceiveErrors  wire.Number `json:"receiveErrors"`
}
