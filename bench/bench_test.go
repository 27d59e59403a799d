package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// at returns a request that a Service Manager received after some milliseconds.
func at(manager int, after int) Request {
	return Request{Manager: manager, Received: time.Unix(0, 0).Add(time.Duration(after) * time.Millisecond)}
}

func TestMostInFlight(t *testing.T) {
	for _, c := range []struct {
		name     string
		received []Request
		want     int
	}{
		{"none", nil, 0},
		{"one", []Request{at(0, 0)}, 1},
		{"one after the other", []Request{at(0, 0), at(0, 100), at(0, 200)}, 1},
		{"just too early", []Request{at(0, 0), at(0, 99), at(0, 199)}, 2},
		{"not in order", []Request{at(0, 150), at(0, 0), at(0, 50), at(0, 99)}, 3},
		{"two Service Managers", []Request{at(0, 0), at(1, 0), at(0, 1), at(1, 1), at(1, 2)}, 3},
	} {
		if got := mostInFlight(c.received, 100*time.Millisecond); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestLeastRatio checks the figures that measureConcurrency explains.
func TestLeastRatio(t *testing.T) {
	requests := []Request{{Deployment: serviceManager, URL: "a"}, {Deployment: serviceManager, URL: "b"}}
	for range 3 {
		requests = append(requests, Request{Deployment: "west", Service: "adminsrvr", Step: 1})
	}
	for range 200 {
		requests = append(requests, Request{Deployment: "west", Service: "adminsrvr", Step: 2})
	}
	if got, want := fmt.Sprintf("%.3f %.3f", leastRatio(stepsOf(requests)), leastRatio(withLoginCheck(requests))), "1.064 1.143"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDifference(t *testing.T) {
	a, b, c := Request{URL: "a"}, Request{URL: "b"}, Request{URL: "c"}
	more, fewer := difference([]Request{a, a, b}, []Request{a, c, b})
	if !slices.Equal(more, []string{"a"}) || !slices.Equal(fewer, []string{"c"}) {
		t.Errorf("more %v, fewer %v, want [a], [c]", more, fewer)
	}
}

func TestResults(t *testing.T) {
	results := resultsIn(`goos: linux
BenchmarkRequest-2        	    5000	    240000 ns/op	    6789 B/op	      31 allocs/op
BenchmarkExport/status_and_lag-2 	      20	  35031614 ns/op	  1509 samples	 9390093 B/op	   36871 allocs/op
--- BENCH: BenchmarkRequest-2
PASS
`)
	if len(results) != 2 {
		t.Fatalf("%d results, want 2: %v", len(results), results)
	}
	if r := results[0]; r.stage() != "request" || !maps.Equal(r.metrics, map[string]float64{"ns/op": 240000, "B/op": 6789, "allocs/op": 31}) {
		t.Errorf("got %s %v", r.stage(), r.metrics)
	}
	if r := results[1]; r.stage() != "export/status_and_lag" || r.metrics["samples"] != 1509 {
		t.Errorf("got %s %v", r.stage(), r.metrics)
	}
}

// TestStageBenchmarks checks that a benchmark that is not there is a row that fails.
func TestStageBenchmarks(t *testing.T) {
	var b bench
	b.addStage("NoSuchStage", false, "", resultsIn("PASS\nok  \tbench\t0.1s\n"))
	if len(b.rows) != 1 || b.rows[0].met != "no" {
		t.Errorf("rows %v, want one that fails", b.rows)
	}
}

func TestStageAllocations(t *testing.T) {
	var b bench
	for _, allocs := range []float64{31, 32} {
		b.addStage("Request", true, "", []result{
			{"BenchmarkRequest/password-2", map[string]float64{"allocs/op": allocs}},
			{"BenchmarkRequest/bare-2", map[string]float64{"allocs/op": 31}},
		})
	}
	if b.rows[0].met != "yes" || b.rows[2].met != "no" {
		t.Errorf("rows %v, want the first to meet its target and the third not to", b.rows)
	}
}

// TestShares checks what a profile's stacks are counted as.
func TestShares(t *testing.T) {
	const line = "-----------+-------------------------------------------------------\n"
	shares, err := sharesOf([]byte("File: ogg_exporter\nType: cpu\nDuration: 6s, Total samples = 1s\n" + line +
		"     300ms   internal/runtime/syscall.Syscall6\n             net/http.(*persistConn).writeLoop\n" + line +
		"     200ms   runtime.mallocgc\n             github.com/go-json-experiment/json.Unmarshal\n" +
		"             github.com/ogg-exporter/ogg_exporter/wire.(*Group).Go.func1\n" + line +
		"     0.10s   runtime.chansend\n             github.com/ogg-exporter/ogg_exporter/collector.processes\n" +
		"             github.com/prometheus/client_golang/prometheus.(*Registry).Gather.func1\n" + line +
		"     50ms   github.com/prometheus/client_golang/prometheus.processMetric prometheus/registry.go:617\n" +
		"             github.com/prometheus/client_golang/prometheus.(*Registry).Gather prometheus/registry.go:553\n" + line +
		"     50ms   slices.pdqsort slices/zsort.go:60\n" +
		"             github.com/ogg-exporter/ogg_exporter/collector.(*family).sorted github.com/ogg-exporter/ogg_exporter/collector/gather.go:153\n" + line +
		"     100ms   compress/flate.(*compressor).deflate\n             net/http.(*conn).serve\n" + line +
		"     100ms   runtime.scanobject\n             runtime.gcBgMarkWorker\n" + line +
		"     100ms   runtime.futex\n             github.com/ogg-exporter/ogg_exporter/wire.(*Group).Go.func1\n" + line))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"requests": "0.4", "decode": "0.2", "export": "0.1", "gather": "0.1", "encode": "0.1", "garbage collection": "0.1"} {
		if got := fmt.Sprintf("%.1f", shares[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if _, err := sharesOf([]byte(line)); err == nil {
		t.Error("no error for an empty profile")
	}
}

func TestDifferenceOf(t *testing.T) {
	got := differenceOf(map[string]float64{"requests": 0.030, "decode": 0.010, "gather": 0.010}, map[string]float64{"requests": 0.025, "garbage collection": 0.005})
	if want := "requests 25 %, garbage collection -25 %, encode 0 %, gather 50 %, export 0 %, decode 50 % of 20.0 ms"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTable(t *testing.T) {
	var b table
	b.atMost("ratio", 1.2, 1.15, "%.2f", " (noisy)", "the API")
	b.atLeast("times", 7, 7, "%.0f", "", "")
	b.note("share", "half", "")
	var out strings.Builder
	b.print(&out)
	if want := `| figure | measured     | target | met | bounded by |
| ---    | ---          | ---    | --- | ---        |
| ratio  | 1.20 (noisy) | ≤ 1.15 | no  | the API    |
| times  | 7            | ≥ 7    | yes |            |
| share  | half         |        |     |            |
`; out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestProbe(t *testing.T) {
	for i, want := range []string{"/probe?target=sm001&collect[]=deployment&collect[]=service&collect[]=process", "/probe?target=sm001"} {
		if got := scopes[i].probe(targetName(0)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
