package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// stageBenchmarks are the benchmarks of the parts of a scrape.
var stageBenchmarks = []struct {
	name, directory string
	bare            bool // whether it has a part of that name, with the least that the others need
	bound           string
}{
	{"Request", "ogg/internal/rest", true, "net/http's transport, which makes 39 of them"},
	{"Decode", "ogg/internal/rest", false, "the JSON library, and the texts that are kept"},
	{"Export", "collector", false, "a metric and its label values for each sample"},
	{"Gather", "collector", false, "client_golang's form of a metric"},
	{"Encode", "collector", false, "expfmt"},
}

// measureStages adds the allocations of each stage. A benchmark that does not run is a row, too.
func measureStages(ctx context.Context, b *bench) error {
	took := "500ms"
	if b.quick {
		took = "20x"
	}
	for _, s := range stageBenchmarks {
		results, err := runBenchmarks(ctx, s.directory, s.name, took)
		if err != nil {
			fmt.Fprintln(b.log, err)
		}
		b.addStage(s.name, s.bare, s.bound, results)
	}
	return nil
}

// addStage adds the rows of a benchmark. If there is a bare part, its allocations are the target.
func (b *bench) addStage(name string, hasBare bool, bound string, results []result) {
	if len(results) == 0 {
		b.add("stage "+strings.ToLower(name), "Benchmark"+name+" did not run", "it runs", "", false)
	}
	allocs := 0.0
	for _, r := range results {
		if hasBare && r.stage() == strings.ToLower(name)+"/bare" {
			allocs = r.metrics["allocs/op"]
		}
	}
	for _, r := range results {
		value := fmt.Sprintf("%.0f allocations, %.0f B, %.0f ns", r.metrics["allocs/op"], r.metrics["B/op"], r.metrics["ns/op"])
		if n := r.metrics["samples"]; n > 0 {
			value += fmt.Sprintf(" for %.0f samples", n)
		}
		if allocs == 0 {
			b.note("stage "+r.stage(), value, bound)
			continue
		}
		b.add("stage "+r.stage(), value, fmt.Sprintf("≤ %.0f allocations, the bare loop's", allocs), bound, r.metrics["allocs/op"] <= allocs)
	}
}

// result is a line that a benchmark printed: its name, and its values by unit.
type result struct {
	name    string
	metrics map[string]float64
}

// stage returns the name of the stage, with that of a part of the benchmark: request/digest.
func (r result) stage() string {
	name := strings.TrimPrefix(r.name, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 { // GOMAXPROCS
		name = name[:i]
	}
	return strings.ToLower(name)
}

// runBenchmarks runs the benchmark of that name, of a package of this module.
func runBenchmarks(ctx context.Context, directory, name, took string) ([]result, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark"+name+"$", "-benchmem", "-benchtime", took, //nolint:gosec // literals
		"github.com/ogg-exporter/ogg_exporter/"+directory)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return resultsIn(string(out)), nil
}

// resultsIn returns the results in the output of go test.
func resultsIn(out string) []result {
	var results []result
	for line := range strings.Lines(out) {
		if name, rest, ok := strings.Cut(line, "\t"); ok && strings.HasPrefix(name, "Benchmark") {
			results = append(results, result{strings.TrimSpace(name), metricsOf(rest)})
		}
	}
	return results
}

// metricsOf parses the values in a benchmark's line, by unit. The first is the number of repetitions,
// which has none.
func metricsOf(line string) map[string]float64 {
	metrics := map[string]float64{}
	fields := strings.Fields(line)
	for i := 1; i+1 < len(fields); i += 2 {
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
			metrics[fields[i+1]] = v
		}
	}
	return metrics
}
