package collector

import (
	"errors"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	up = newMetric("gauge", prometheus.GaugeValue, "ogg_up",
		"Whether the Service Manager answered and listed its services (installation/services) or, in releases without that list, its deployments (deployments). For a deployment that Oracle manages and that has no Service Manager: whether one of its services answered or Oracle has stopped it.",
		[]string{"service_manager"})

	scrapeSuccess = gauge("ogg_scrape_collector_success",
		"Whether this scrape read everything that the collector reads from the deployment. No sample if there is nothing to read, for example in a stopped deployment.",
		"collector")
	scrapeDuration = gauge("ogg_scrape_collector_duration_seconds",
		"How long the collector took to read from the deployment in this scrape.",
		"collector")

	apiRequests = newMetric("counter", prometheus.CounterValue, "ogg_api_requests_total",
		"Requests sent to GoldenGate, by HTTP status of the response; code is error if there was none.",
		[]string{"service_manager", "microservice", "code"})
	apiRetries = newMetric("counter", prometheus.CounterValue, "ogg_api_retries_total",
		"Requests sent to GoldenGate again after a failure that may be temporary.",
		[]string{"service_manager", "microservice"})
	apiHung = newMetric("gauge", prometheus.GaugeValue, "ogg_api_requests_hung",
		"Requests to GoldenGate that the exporter gave up at their deadline and that have not ended yet.",
		[]string{"service_manager", "microservice"})
	apiDuration = newMetric("histogram", prometheus.UntypedValue, "ogg_api_request_duration_seconds",
		"Time from a request to GoldenGate to the headers of its response.",
		[]string{"service_manager", "microservice"})
)

// exportInstallation sends the samples about the Service Manager as a whole.
func exportInstallation(to sink, inst *ogg.Installation) {
	to.sample(up, zeroOne(inst.Err == nil))
	for _, r := range inst.Requests {
		if r.Count > 0 || r.Hung > 0 {
			to.sample(apiHung, float64(r.Hung), r.Microservice)
		}
		if r.Count == 0 {
			continue
		}
		since := wire.Timestamp{Time: r.Since}
		for code, n := range r.Requests {
			to.counted(apiRequests, float64(n), since, []string{r.Microservice, code})
		}
		to.counted(apiRetries, float64(r.Retries), since, []string{r.Microservice})
		to.histogram(apiDuration, &duration{r, to.name})
	}
}

// duration is the histogram of the time of requests: the classic one and, in the format that can express it,
// the native one, too.
type duration struct {
	ogg.RequestStats

	serviceManager string
}

// Desc implements prometheus.Metric.
func (*duration) Desc() *prometheus.Desc { return apiDuration.desc }

// Write implements prometheus.Metric. The client library makes only one kind at once, so that it takes the native
// part out of a second one.
func (d *duration) Write(out *dto.Metric) error {
	buckets := make(map[float64]uint64, len(d.Buckets))
	for i, n := range d.Buckets {
		buckets[ogg.DurationBuckets[i]] = n
	}
	classic, err := prometheus.NewConstHistogramWithCreatedTimestamp(apiDuration.desc, d.Count, d.Sum, buckets, d.Since,
		d.serviceManager, d.Microservice)
	if err != nil {
		return err
	}
	native, err := prometheus.NewConstNativeHistogram(apiDuration.desc, d.Count, d.Sum, d.Sparse, nil, d.SparseZeros,
		ogg.SparseSchema, ogg.SparseZero, d.Since, d.serviceManager, d.Microservice)
	if err != nil {
		return err
	}
	var sparse dto.Metric
	if err := errors.Join(classic.Write(out), native.Write(&sparse)); err != nil {
		return err
	}
	h, from := out.GetHistogram(), sparse.GetHistogram()
	h.Schema, h.ZeroThreshold, h.ZeroCount = from.Schema, from.ZeroThreshold, from.ZeroCount
	h.PositiveSpan, h.PositiveDelta = from.GetPositiveSpan(), from.GetPositiveDelta()
	return nil
}

// exportReads sends the outcome of the reads of the enabled collectors. Those that are broken
// made no samples of all that was read.
func exportReads(to sink, d *ogg.Deployment, enabled []Collector, broken []string) {
	for _, r := range d.Reads {
		if slices.ContainsFunc(enabled, func(c Collector) bool { return c.Name == r.Collector }) {
			to.sample(scrapeSuccess, zeroOne(r.Err == nil && !slices.Contains(broken, r.Collector)), d.Name, r.Collector)
			to.sample(scrapeDuration, r.Took.Seconds(), d.Name, r.Collector)
		}
	}
}
