package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// measureSample runs BenchmarkSample in a process of its own.
func measureSample(ctx context.Context, b *bench) error {
	took := "3s"
	if b.quick {
		took = "20x" // a single run says nothing
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkSample$", "-benchtime", took,
		"github.com/ogg-exporter/ogg_exporter/bench")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if name, rest, ok := strings.Cut(line, "\t"); ok && strings.HasPrefix(name, "Benchmark") {
			b.addSample(name, metricsOf(rest))
		}
	}
	return nil
}

// addSample adds the rows of one scope.
func (b *bench) addSample(name string, metrics map[string]float64) {
	for _, s := range scopes {
		if !strings.Contains(name, "/"+strings.ReplaceAll(s.name, " ", "_")) {
			continue
		}
		for _, kind := range []struct{ name, unit string }{{"CPU", "ns"}, {"bytes", "B"}, {"allocations", "allocs"}} {
			b.atMost("sample cost, "+kind.name+", "+s.name, metrics[kind.unit+"-ratio"], 1.4, "%.2f",
				fmt.Sprintf(" (%.4g to %.4g %s; %.0f samples)", metrics[kind.unit+"/sample"], metrics[kind.unit+"/ready-sample"], kind.unit, metrics["samples"]))
		}
	}
}

// metricsOf parses the values in a benchmark's line, by unit.
func metricsOf(line string) map[string]float64 {
	metrics := map[string]float64{}
	fields := strings.Fields(line)
	for i := range len(fields) - 1 {
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
			metrics[fields[i+1]] = v
		}
	}
	return metrics
}
