package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/oci"
)

// ociGauge describes a gauge with the label oci and the given ones.
func ociGauge(name, help string, labels ...string) *metric {
	return newMetric("gauge", prometheus.GaugeValue, name, help, slices.Concat([]string{"oci"}, labels)).from("-")
}

// ociPart turns one resource of Oracle Cloud's control plane into samples.
type ociPart struct {
	name    string // the value of the label part
	title   string
	policy  string // the permission that its reads need
	metrics []*metric
	collect func(sink, *oci.Inventory)
}
