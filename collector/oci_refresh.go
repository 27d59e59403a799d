package collector

import (
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
