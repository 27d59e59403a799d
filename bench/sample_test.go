//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestMain makes the test binary serve as a role, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && roles[os.Args[1]] != nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		serveRole(roles[os.Args[1]](ctx))
		stop()
		return
	}
	os.Exit(m.Run())
}

// BenchmarkSample compares the cost of a sample from JSON to exposition with that of
// exposing it as a ready const metric of client_golang. The cost of fetching the bodies, as
// measured with a client that discards them, is subtracted.
//
// The exporter's handler and what it is compared with take turns in one process; the fleet
// is in another. ns is CPU time of all threads.
func BenchmarkSample(b *testing.B) {
	for _, s := range scopes {
		b.Run(s.name, func(b *testing.B) { benchmarkSample(b, s) })
	}
}

func benchmarkSample(b *testing.B, of scope) {
	path := of.probe(targetName(0))
	o := FleetOptions{FleetSize: oggtest.FleetSize{ServiceManagers: 1, Deployments: 4, Processes: 25}}
	f, err := startFleet(b.Context(), o)
	must(b, err)
	b.Cleanup(f.end)
	exporter := newHandler(b, oggtest.ConfigFor(targetName(0), f.URLs[0]), o)
	must(b, expose(exporter, path, io.Discard)) // learns
	requests, err := f.least(of)
	must(b, err)
	client := &Client{ctx: b.Context(), http: newClient()}
	b.Cleanup(client.http.CloseIdleConnections)
	ready, samples := readyHandler(b, exporter, path)

	var whole, fetching, exposing usage
	for b.Loop() {
		whole.add(b, func() error { return expose(exporter, path, io.Discard) })
		fetching.add(b, func() error {
			var took time.Duration
			return client.Send(Replay{Requests: requests, Concurrency: byDefault}, &took)
		})
		exposing.add(b, func() error { return expose(ready, path, io.Discard) })
	}
	n := float64(b.N * samples)
	b.ReportMetric(0, "ns/op") // the sum of all three is meaningless
	b.ReportMetric(float64(samples), "samples")
	for unit, value := range map[string]func(usage) float64{
		"ns":     func(u usage) float64 { return float64(u.cpu) },
		"B":      func(u usage) float64 { return float64(u.bytes) },
		"allocs": func(u usage) float64 { return float64(u.allocs) },
	} {
		ours, reference := value(whole)-value(fetching), value(exposing)
		b.ReportMetric(ours/n, unit+"/sample")
		b.ReportMetric(reference/n, unit+"/ready-sample")
		b.ReportMetric(ours/reference, unit+"-ratio")
	}
}

// usage is the resources that something has used in this process.
type usage struct {
	cpu           time.Duration
	bytes, allocs uint64
}

// add adds the usage of do.
func (u *usage) add(b *testing.B, do func() error) {
	before := used(b)
	must(b, do())
	after := used(b)
	u.cpu += after.cpu - before.cpu
	u.bytes += after.bytes - before.bytes
	u.allocs += after.allocs - before.allocs
}

// used returns the usage of this process since its start.
func used(b *testing.B) usage {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	var r syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return usage{time.Duration(r.Utime.Nano() + r.Stime.Nano()), memory.TotalAlloc, memory.Mallocs}
}

// newHandler returns the exporter's own handler for one Service Manager.
func newHandler(t testing.TB, sm config.ServiceManager, o FleetOptions) http.Handler {
	sm.Timeout, sm.MaxConcurrentRequests, sm.ReverseProxy = patience, byDefault, o.NGINX
	var on []string
	for _, c := range collector.Collectors {
		if c.Default {
			on = append(on, c.Name)
		}
	}
	s, err := server.New(t.Context(), &config.Config{ServiceManagers: []config.ServiceManager{sm}}, server.Options{TelemetryPath: "/metrics", Client: ogg.Options{Collectors: on}})
	must(t, err)
	t.Cleanup(s.Close)
	return s.Handler()
}

// expose writes the uncompressed exposition to out.
func expose(h http.Handler, path string, out io.Writer) error {
	return exposeAs(h, path, prometheusAccept, out)
}

func exposeAs(h http.Handler, path, accept string, out io.Writer) error {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", accept)
	w := &writer{header: http.Header{}, Writer: out}
	h.ServeHTTP(w, r)
	if w.status != 0 && w.status != http.StatusOK {
		return &url.Error{Op: "GET", URL: path, Err: http.ErrNotSupported}
	}
	return nil
}

// writer is an http.ResponseWriter that passes the body on to a Writer.
type writer struct {
	io.Writer
	header http.Header
	status int
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) { w.status = status }

// readyHandler returns a handler that exposes the exporter's samples as ready const
// metrics, and the number of samples.
func readyHandler(b *testing.B, exporter http.Handler, path string) (http.Handler, int) {
	var metrics readyMetrics
	var out bytes.Buffer
	must(b, exposeAs(exporter, path, string(expfmt.NewFormat(expfmt.TypeProtoDelim)), &out))
	decoder := expfmt.NewDecoder(&out, expfmt.NewFormat(expfmt.TypeProtoDelim))
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			break
		}
		must(b, err)
		metrics = append(metrics, constMetrics(b, &family)...)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics)
	h := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true, DisableCompression: true})
	samples, same := countSamples(b, h, path), countSamples(b, exporter, path)
	if samples != same {
		b.Fatalf("%d samples, but %d from the exporter", samples, same)
	}
	return h, samples
}

// countSamples counts the exposed samples.
func countSamples(b *testing.B, h http.Handler, path string) int {
	var out bytes.Buffer
	must(b, expose(h, path, &out))
	return bytes.Count(out.Bytes(), []byte("\n")) - bytes.Count(out.Bytes(), []byte("\n#"))
}

// readyMetrics is an unchecked collector of metrics.
type readyMetrics []prometheus.Metric

// Describe implements prometheus.Collector. It sends nothing.
func (readyMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (m readyMetrics) Collect(metrics chan<- prometheus.Metric) {
	for _, metric := range m {
		metrics <- metric
	}
}

// constMetrics makes const metrics from a family.
func constMetrics(b *testing.B, family *dto.MetricFamily) []prometheus.Metric {
	var metrics []prometheus.Metric
	var desc *prometheus.Desc
	for _, m := range family.GetMetric() {
		names, labels := make([]string, len(m.GetLabel())), make([]string, len(m.GetLabel()))
		for i, label := range m.GetLabel() {
			names[i], labels[i] = label.GetName(), label.GetValue()
		}
		if desc == nil {
			desc = prometheus.NewDesc(family.GetName(), family.GetHelp(), names, nil)
		}
		metric, err := constMetric(desc, m, labels)
		must(b, err)
		metrics = append(metrics, metric)
	}
	return metrics
}

// constMetric makes a const metric from one metric of a family.
func constMetric(desc *prometheus.Desc, m *dto.Metric, labels []string) (prometheus.Metric, error) {
	switch {
	case m.Histogram != nil:
		buckets := map[float64]uint64{}
		for _, bucket := range m.GetHistogram().GetBucket() {
			buckets[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
		}
		h := m.GetHistogram()
		return prometheus.NewConstHistogram(desc, h.GetSampleCount(), h.GetSampleSum(), buckets, labels...)
	case m.GetCounter().GetCreatedTimestamp() != nil:
		c := m.GetCounter()
		return prometheus.NewConstMetricWithCreatedTimestamp(desc, prometheus.CounterValue, c.GetValue(), c.GetCreatedTimestamp().AsTime(), labels...)
	case m.Counter != nil:
		return prometheus.NewConstMetric(desc, prometheus.CounterValue, m.GetCounter().GetValue(), labels...)
	default:
		return prometheus.NewConstMetric(desc, prometheus.GaugeValue, m.GetGauge().GetValue(), labels...)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
