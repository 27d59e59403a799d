package collector

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestMetricsMD keeps METRICS.md in step with the code.
func TestMetricsMD(t *testing.T) {
	const file = "../METRICS.md"
	got := metricsMD()
	if *Update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date: run `make golden`", file)
	}
}

// metricsMD returns the text of METRICS.md.
func metricsMD() string {
	var b strings.Builder
	b.WriteString("# Metrics\n\nGenerated from the code by `make golden`; `make test` fails if it is out of date.\n\n" +
		"A value that GoldenGate does not report is a missing sample, never 0. " +
		"A state set has one series per state, exactly one of which is 1; " +
		"the label `status` holds it (in `ogg_process_kind`, the label `kind`), and `unknown` stands for any other state.\n\n")
	fmt.Fprintf(&b, "The most important metrics come first. If a Service Manager has more series than `--scrape.max-series`, "+
		"whole metrics are dropped, from the end of this page upwards, until the rest fits; `ogg_scrape_series_dropped` counts the dropped series. "+
		"The metrics under Always, and those whose name ends in `%s`, are never dropped, even if they alone exceed the limit. If they exceed twice the limit, and 10,000 series, the Service Manager counts as down. "+
		"A histogram counts as its buckets, sum and count; the `_created` lines of OpenMetrics do not count.\n\n",
		strings.Join(essentialEndings, "`, `"))
	written := map[string]bool{}
	section(&b, written, "Always", "", always)
	for _, c := range Collectors {
		state := "off"
		if c.Default {
			state = "on"
		}
		of := ""
		if c.collect == nil {
			of = " Of all Service Managers together, joined from what other collectors read; `--scrape.max-series` limits them separately."
		}
		section(&b, written, "Collector `"+c.Name+"`",
			fmt.Sprintf("Flag `--[no-]collector.%s`, %s by default. The %s.%s Required GoldenGate role: %s.\n\n", c.Name, state, c.Help, of, c.Role),
			c.metrics)
	}
	section(&b, written, "Oracle Cloud",
		"For each entry of `oci` in the configuration. Its refreshes read them from OCI's control plane; scrapes show what the last refresh found. "+
			"`--scrape.max-series` limits each entry separately.\n\n", ociOwn)
	for _, p := range ociParts {
		section(&b, written, "Oracle Cloud: "+p.title,
			fmt.Sprintf("Part `%s`. Required OCI policy: %s, in each compartment.\n\n", p.name, p.policy), p.metrics)
	}
	b.WriteString("## The exporter itself\n\nAt `--web.telemetry-path` only, not at `/probe`: `ogg_exporter_build_info`, `ogg_exporter_config_last_reload_successful`, `ogg_exporter_config_last_reload_success_timestamp_seconds`, `ogg_exporter_panics_total`, and the `go_*` and `process_*` metrics of Prometheus's Go client library.\n")
	return b.String()
}

// section writes the table of one list of metrics.
func section(b *strings.Builder, written map[string]bool, title, intro string, metrics []*metric) {
	fmt.Fprintf(b, "## %s\n\n%s| metric | type | labels | since | help |\n|---|---|---|---|---|\n", title, intro)
	for _, m := range metrics {
		if written[m.name] {
			continue // two collectors share the metric
		}
		written[m.name] = true
		help := m.help
		if m.states != nil {
			help += " States: " + strings.Join(m.states, ", ") + "."
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", m.name, m.typ, strings.Join(m.labels, ", "), m.since, help)
	}
	b.WriteString("\n")
}
