package collector_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestLint runs client_golang's linter on all metrics.
func TestLint(t *testing.T) {
	t.Parallel()
	client := start(t, everything(oggtest.Release26ai, false))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector.NewScrape(context.Background(), []*ogg.Client{client}, collector.Options{Enabled: allCollectors()}))
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestPromtool runs promtool on the golden expositions.
func TestPromtool(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("promtool is missing, and CI requires it")
		}
		t.Skip("LEFT OUT: promtool is not installed (package prometheus)")
	}
	for _, release := range oggtest.Releases {
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(strings.ReplaceAll(golden(t, release), "} #", "} 0"))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil || out.Len() > 0 {
			t.Errorf("%s: %v\n%s", release, err, out.String())
		}
	}
}
