package collector_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// BenchmarkScrape scrapes at 20 ms per request, and compares the wall time with what
// concurrency allows: the requests of the busiest service ÷ the requests that it may
// serve at once × the latency.
func BenchmarkScrape(b *testing.B) {
	for name, c := range map[string]struct {
		deployments, processes int
		collectors             []string
	}{
		"status and lag of 10x50":         {10, 50, []string{"deployment", "service", "process"}},
		"all that is on by default 1x100": {1, 100, defaultCollectors()},
	} {
		b.Run(name, func(b *testing.B) { benchmarkScrape(b, c.deployments, c.processes, c.collectors) })
	}
}

func benchmarkScrape(b *testing.B, deployments, processes int, collectors []string) {
	const latency = 20 * time.Millisecond
	installation := oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: deployments, Processes: processes, Release: oggtest.Release26ai})[0]
	installation.RequestLog = 10_000
	s, err := oggtest.Start(installation)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	client := clientFor(b, s, installation, collectors...)
	s.Fault(oggtest.Target{}, oggtest.Fault{Latency: latency})
	scrape := func() {
		samples := make(chan prometheus.Metric, 100)
		go func() {
			defer close(samples)
			collector.NewScrape(context.Background(), []*ogg.Client{client}, collector.Options{Enabled: collectors}).Collect(samples)
		}()
		for range samples {
		}
	}
	scrape()
	s.ResetRequests()
	scrape()
	all, busiest := requests(s)
	for b.Loop() {
		scrape()
	}
	bound := time.Duration(busiest) * latency / 8
	b.ReportMetric(float64(all), "requests/op")
	b.ReportMetric(float64(busiest), "requests-of-busiest-service/op")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bound), "wall/bound")
}

// BenchmarkExport, BenchmarkGather and BenchmarkEncode measure what the stages of a sample behind
// the poll cost, without I/O.
func BenchmarkExport(b *testing.B) {
	inst, o := fleetSnapshot(b), collector.Options{Enabled: allCollectors(), MaxSeries: 50_000}
	b.ReportAllocs()
	for b.Loop() {
		collector.RecordOf(o, inst)
	}
	reportSamples(b, inst, o)
}

func BenchmarkGather(b *testing.B) {
	inst, o := fleetSnapshot(b), collector.Options{Enabled: allCollectors(), MaxSeries: 50_000}
	exported := collector.RecordOf(o, inst)
	b.ReportAllocs()
	for b.Loop() {
		if err := exported.Gatherer(nil).Each(func(*dto.MetricFamily) {}); err != nil {
			b.Fatal(err)
		}
	}
	reportSamples(b, inst, o)
}

func BenchmarkEncode(b *testing.B) {
	inst, o := fleetSnapshot(b), collector.Options{Enabled: allCollectors(), MaxSeries: 50_000}
	families, err := collector.GathererOf(inst, o).Gather()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		encoder := expfmt.NewEncoder(io.Discard, expfmt.NewFormat(expfmt.TypeOpenMetrics), expfmt.WithCreatedLines())
		for _, family := range families {
			if err := encoder.Encode(family); err != nil {
				b.Fatal(err)
			}
		}
	}
	reportSamples(b, inst, o)
}

// reportSamples reports how many samples there are, and the time for each.
func reportSamples(b *testing.B, inst *ogg.Installation, o collector.Options) {
	b.Helper()
	samples := 0
	_ = collector.GathererOf(inst, o).Each(func(family *dto.MetricFamily) { samples += len(family.GetMetric()) })
	b.ReportMetric(float64(samples), "samples/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*samples), "ns/sample")
}

func defaultCollectors() []string {
	var names []string
	for _, c := range collector.Collectors {
		if c.Default {
			names = append(names, c.Name)
		}
	}
	return names
}

// requests counts the requests that the simulation got, in total and for the busiest
// service.
func requests(s *oggtest.Server) (all, busiest int) {
	byService := map[[2]string]int{}
	for _, r := range s.Requests() {
		byService[[2]string{r.Deployment, r.Service}]++
	}
	for _, n := range byService {
		all, busiest = all+n, max(busiest, n)
	}
	return all, busiest
}
