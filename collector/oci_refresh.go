package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/oci"
)

var (
	ociUp = ociGauge("ogg_oci_up",
		"Whether the last refresh listed the deployments of all compartments (GET /deployments). If 0, deployments of compartments that could not be listed are shown as last listed.")
	ociLastSuccess = ociGauge("ogg_oci_last_refresh_success_timestamp_seconds",
		"Start of the last refresh that listed the deployments of all compartments, in Unix time. No sample before the first.")
	ociRefreshDuration = ociGauge("ogg_oci_refresh_duration_seconds",
		"How long the last refresh took.")
	ociClockSkew = ociGauge("ogg_oci_clock_skew_seconds",
		"How far OCI's clock is ahead of the exporter's, to the second; at 300 or more, or -300 or less, OCI rejects all requests (header Date of any response).")
	ociReadSuccess = ociGauge("ogg_oci_read_success",
		"Whether the last refresh read everything that belongs to the part; of the part scrape, whether the key scrape_hosts allows the host of every deployment to read.", "part")
	ociReadDuration = ociGauge("ogg_oci_read_duration_seconds",
		"How long the last refresh took to read the part.", "part")
	ociRequests = newMetric("counter", prometheus.CounterValue, "ogg_oci_api_requests_total",
		"Requests sent to OCI's control plane, by HTTP status of the response; code is error if there was none.",
		[]string{"oci", "code"}).from("-")
	ociSeriesDropped = ociGauge("ogg_oci_series_dropped",
		"Series of the entry of oci that this scrape dropped to stay within --scrape.max-series, 0 if none.")
)

// exportRefresh sends the outcome of the refresh.
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
