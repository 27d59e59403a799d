package collector_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

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

// BenchmarkExport turns one snapshot into some 34,000 samples, without I/O: it measures
// what a sample itself costs.
func BenchmarkExport(b *testing.B) {
	installation := oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 4, Processes: 100, Release: oggtest.Release26ai})[0]
	s, err := oggtest.Start(installation)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	inst := clientFor(b, s, installation).Poll(context.Background(), allCollectors()...)
	samples := make(chan prometheus.Metric, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		_ = collector.Export(inst, collector.Options{Enabled: allCollectors(), MaxSeries: 50_000}, samples)
		b.ReportMetric(float64(len(samples)), "samples/op")
		for len(samples) > 0 {
			<-samples
		}
	}
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
