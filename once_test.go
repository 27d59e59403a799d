package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestOnce: --once prints what a scrape has, also of Oracle Cloud, of pipelines and of what is read seldom,
// and nothing of the process.
func TestOnce(t *testing.T) {
	got := ask(t, "--demo", "--once")
	if got.code != 0 {
		t.Fatalf("exit status %d: %s", got.code, got.stderr)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(got.stdout))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ogg_up", "ogg_deployment_up", "ogg_process_lag_seconds", "ogg_process_kind", "ogg_trail_size_bytes", "ogg_oci_up", "ogg_oci_deployment_healthy", "ogg_pipeline_up"} {
		if families[name] == nil {
			t.Errorf("no %s", name)
		}
	}
	for name := range families {
		if !strings.HasPrefix(name, "ogg_") || strings.HasPrefix(name, "ogg_exporter_") {
			t.Errorf("%s is of the process, and node_exporter has it, too", name)
		}
	}
	if n := len(families["ogg_up"].GetMetric()); n != 3 {
		t.Errorf("%d Service Managers, want 3: the one in Oracle Cloud is missing", n)
	}
}

// TestOnceFails: what cannot be read is said by the metrics, and is no failure of the command.
func TestOnceFails(t *testing.T) {
	s := simulate(t)
	s.Close()
	got := ask(t, "--ogg.url="+s.URL(), "--ogg.username=oggadmin", "--once")
	if want := `ogg_up{service_manager="` + strings.TrimPrefix(s.URL(), "http://") + `"} 0`; got.code != 0 || !strings.Contains(got.stdout, want) {
		t.Errorf("exit status %d, no %s in:\n%s", got.code, want, got.stdout)
	}
}

// TestCardinality: the totals of --print-cardinality are those of the exposition.
func TestCardinality(t *testing.T) {
	s := simulate(t)
	args := []string{"--ogg.url=" + s.URL(), "--ogg.username=oggadmin"}
	series := 0
	for line := range strings.Lines(ask(t, append(args, "--once")...).stdout) {
		if !strings.HasPrefix(line, "#") {
			series++
		}
	}
	got := ask(t, append(args, "--print-cardinality")...)
	total := regexp.MustCompile(`(?m)^total +\d+ +(\d+)$`).FindStringSubmatch(got.stdout)
	if got.code != 0 || total == nil {
		t.Fatalf("exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	if n, _ := strconv.Atoi(total[1]); n != series {
		t.Errorf("%d series, want %d", n, series)
	}
	for _, want := range []string{"COLLECTOR", "process ", "service ", "(always) ", "SERVICE MANAGER", strings.TrimPrefix(s.URL(), "http://")} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in:\n%s", want, got.stdout)
		}
	}
}

// TestCardinalityIncomplete: numbers that may be too low are no success.
func TestCardinalityIncomplete(t *testing.T) {
	s := simulate(t)
	args := []string{"--ogg.url=" + s.URL(), "--ogg.username=oggadmin", "--print-cardinality"}
	s.Fault(oggtest.Target{Path: "/services/v2/extracts"}, oggtest.Fault{Status: http.StatusForbidden})
	const want = "ogg_exporter: error: --print-cardinality: not everything could be read, so there may be more series\n"
	if got := ask(t, args...); got.code != 1 || !strings.Contains(got.stderr, want) || !strings.Contains(got.stdout, "\ntotal ") {
		t.Errorf("one list fails: exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	s.Close()
	if got := ask(t, args...); got.code != 1 || !strings.Contains(got.stderr, want) || !strings.Contains(got.stdout, "\ntotal ") {
		t.Errorf("nothing answers: exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// TestDemoWritesNothing: the root of a container may be read-only, and have no directory for temporary
// files.
func TestDemoWritesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	t.Setenv("TMPDIR", dir)
	if got := ask(t, "--demo", "--config.check"); got.code != 0 {
		t.Errorf("exit status %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made the directory for temporary files")
	}
}
