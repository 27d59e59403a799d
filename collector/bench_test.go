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

// BenchmarkScrape scrapes 10 deployments of 50 processes at 20 ms a request, and
// reports the wall time against what concurrency allows: the requests of the
// busiest service ÷ the requests that it may serve at once × the latency.
func BenchmarkScrape(b *testing.B) {
	const processes, latency = 50, 20 * time.Millisecond
	installation := oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 10, Processes: processes, Release: oggtest.Release26ai})[0]
	installation.RequestLog = 10_000
	s, err := oggtest.Start(installation)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	client := clientFor(b, s, installation)
	s.Fault(oggtest.Target{}, oggtest.Fault{Latency: latency})
	scrape := func() {
		samples := make(chan prometheus.Metric, 100)
		go func() {
			defer close(samples)
			collector.NewScrape(context.Background(), []*ogg.Client{client}, allCollectors()).Collect(samples)
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

// requests counts the requests that the simulation got, in all and of the service
// with the most.
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
