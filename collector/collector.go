// Package collector turns what packages ogg and oci read into Prometheus samples: one
// file per resource, all listed in collectors.go. It is pure, a snapshot in and samples
// out: nothing that touches the network, a file or the clock belongs here.
package collector

import "github.com/ogg-exporter/ogg_exporter/ogg"

// Collector turns one resource into samples. A flag switches it on and off.
type Collector struct {
	// Name is the word in --collector.NAME and in the label collector.
	Name string
	// Help says what is collected, for the flag.
	Help string
	// Default is whether it is on.
	Default bool
	// Role is the GoldenGate role that its reads need.
	Role string

	metrics []*metric
	// collect sends what is about one deployment; nil in that of the pipelines, which are of no
	// Service Manager alone.
	collect func(sink, *ogg.Deployment)
	// sum sends what is about no deployment alone; nil if there is nothing.
	sum func(sink, *ogg.Installation)
}
