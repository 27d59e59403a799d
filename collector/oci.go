package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/oci"
)

var (
	ociUp = ociGauge("ogg_oci_up",
		"Whether the last refresh could list the deployments of all compartments (GET /deployments). At 0, those of the others are shown as they were last listed.")
	ociLastSuccess = ociGauge("ogg_oci_last_refresh_success_timestamp_seconds",
		"When the last refresh began that could list the deployments of all compartments, in Unix time. No sample before the first.")
	ociRefreshDuration = ociGauge("ogg_oci_refresh_duration_seconds",
		"How long the last refresh took.")
	ociClockSkew = ociGauge("ogg_oci_clock_skew_seconds",
		"By how much OCI's clock is ahead of the exporter's, to a second; from 300 on, and from -300 down, OCI refuses all requests (header Date of any answer).")
	ociReadSuccess = ociGauge("ogg_oci_read_success",
		"Whether everything that belongs to the part could be read in the last refresh.", "part")
	ociReadDuration = ociGauge("ogg_oci_read_duration_seconds",
		"How long the reads of the part took in the last refresh.", "part")
	ociRequests = newMetric("counter", prometheus.CounterValue, "ogg_oci_api_requests_total",
		"Requests sent to OCI's control plane, by HTTP status of the answer; code is error where none came.",
		[]string{"oci", "code"}).from("-")
	ociSeriesDropped = ociGauge("ogg_oci_series_dropped",
		"Series of the entry of oci that this scrape left out to stay within --scrape.max-series, 0 when none.")
)

// ociGauge describes a gauge with the label oci and those given.
func ociGauge(name, help string, labels ...string) *metric {
	return newMetric("gauge", prometheus.GaugeValue, name, help, slices.Concat([]string{"oci"}, labels)).from("-")
}

// ociPart is the samples of one resource of Oracle Cloud's control plane.
type ociPart struct {
	name    string // in the label part
	title   string
	policy  string // the permission that its reads need
	metrics []*metric
	collect func(sink, *oci.Inventory)
}

// ociParts are all there are, the most important first.
func ociParts() []ociPart {
	return []ociPart{ociDeploymentPart, ociPipelinePart, ociBackupPart, ociConnectionPart}
}

// ociOwn are the metrics of the refresh itself.
var ociOwn = []*metric{ociUp, ociLastSuccess, ociRefreshDuration, ociClockSkew, ociReadSuccess, ociReadDuration, ociRequests, ociSeriesDropped}

// ociMetrics are those of Oracle Cloud, the most important first.
func ociMetrics() []*metric {
	all := slices.Clone(ociOwn)
	for _, p := range ociParts() {
		all = append(all, p.metrics...)
	}
	return all
}

// ExportOCI sends the samples of what a refresh found, no more of them than MaxSeries
// allows; none for nil, which stands for no refresh yet.
func ExportOCI(inv *oci.Inventory, o Options, samples chan<- prometheus.Metric) {
	if inv == nil {
		return
	}
	to := newSink(inv.OCI)
	exportRefresh(to, inv)
	for _, p := range ociParts() {
		p.collect(to, inv)
	}
	dropped := 0
	for _, n := range to.drop(o.MaxSeries, 1) {
		dropped += n
	}
	to.sample(ociSeriesDropped, float64(dropped))
	to.flush(samples)
}

// exportRefresh sends how the refresh went.
func exportRefresh(to sink, inv *oci.Inventory) {
	to.sample(ociUp, zeroOne(inv.Err == nil))
	if !inv.LastSuccess.IsZero() {
		to.sample(ociLastSuccess, float64(inv.LastSuccess.UnixMilli())/1e3)
	}
	to.sample(ociRefreshDuration, inv.Took.Seconds())
	if inv.ClockSkew != nil {
		to.sample(ociClockSkew, inv.ClockSkew.Seconds())
	}
	for _, r := range inv.Reads {
		to.sample(ociReadSuccess, zeroOne(r.Err == nil), r.Part)
		to.sample(ociReadDuration, r.Took.Seconds(), r.Part)
	}
	for code, n := range inv.Requests {
		to.sample(ociRequests, float64(n), code)
	}
}
