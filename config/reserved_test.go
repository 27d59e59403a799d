package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// TestReservedLabels checks the list against METRICS.md, which is generated from the metrics. The samples
// of pipelines are of a target that has no label of the configuration, so that a Service Manager may have
// a label such as source.
func TestReservedLabels(t *testing.T) {
	carried := map[string]bool{}
	for _, row := range metrics(t) {
		if strings.HasPrefix(row["metric"], "`ogg_pipeline_") {
			continue
		}
		for label := range strings.SplitSeq(row["labels"], ",") {
			carried[strings.TrimSpace(label)] = true
		}
		switch row["type"] {
		case "histogram":
			carried["le"] = true
		case "summary":
			carried["quantile"] = true
		}
	}
	// A misread table must not pass for one without labels.
	for _, label := range []string{"service_manager", "deployment", "microservice", "process", "path", "status", "code", "le", "collector"} {
		if !carried[label] {
			t.Errorf("METRICS.md was misread: no label %s in %v", label, carried)
		}
	}
	for label := range carried {
		if !config.ReservedLabel(label) {
			t.Errorf("the metrics have the label %q, which is not reserved", label)
		}
	}
	for _, label := range []string{"instance", "job", "site", "region", "environment", "team", "__meta_site", ""} {
		if config.ReservedLabel(label) {
			t.Errorf("%q is reserved, but no metric has it", label)
		}
	}
}

// metrics returns the rows of the tables in METRICS.md, by column name.
func metrics(t *testing.T) []map[string]string {
	t.Helper()
	text, err := os.ReadFile("../METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	var columns []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			columns = nil
		case columns == nil:
			columns = cells
		case strings.HasPrefix(line, "|-"):
		default:
			row := map[string]string{}
			for i, name := range columns {
				row[strings.TrimSpace(name)] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, row)
		}
	}
	return rows
}
