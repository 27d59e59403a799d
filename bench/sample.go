package main

import (
	"context"
	"fmt"
	"strings"
)

// measureSample runs BenchmarkSample in a process of its own.
func measureSample(ctx context.Context, b *bench) error {
	took := "3s"
	if b.quick {
		took = "20x" // a single run says nothing
	}
	results, err := runBenchmarks(ctx, "bench", "Sample", took)
	for _, r := range results {
		b.addSample(r)
	}
	return err
}

// addSample adds the rows of one scope.
func (b *bench) addSample(r result) {
	for _, s := range scopes {
		if !strings.Contains(r.name, "/"+strings.ReplaceAll(s.name, " ", "_")) {
			continue
		}
		for _, kind := range []struct {
			name, unit string
			target     float64
		}{{"CPU", "ns", 1.4}, {"bytes", "B", 1.4}, {"allocations", "allocs", 1.2}} {
			b.atMost("sample cost, "+kind.name+", "+s.name, r.metrics[kind.unit+"-ratio"], kind.target, "%.2f",
				fmt.Sprintf(" (%.4g to %.4g %s; %.0f samples)", r.metrics[kind.unit+"/sample"], r.metrics[kind.unit+"/ready-sample"], kind.unit, r.metrics["samples"]),
				"client_golang's const metrics and formats")
		}
	}
}
