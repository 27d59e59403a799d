package server_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recorded are bodies of real installations, and where they are served. The
// 12.3 one and the healths are Oracle's own examples.
var recorded = []struct {
	file          string
	service, path string
	times         int // 1 where the path also stands for what is beneath it
}{
	{"extracts-get.26ai-nginx-single.json", "adminsrvr", "/services/v2/extracts", 1},
	{"replicats-replicat-info-status-get.19c.response-only.json", "adminsrvr", "/services/v2/replicats/REP1/info/status", 0},
	{"replicats-replicat-info-status-get.12.3.json", "adminsrvr", "/services/v2/replicats/REP2/info/status", 0},
	{"config-health-get.21.3.json", "adminsrvr", "/services/v2/config/health", 0},
	{"config-health-check-get.19c.json", "distsrvr", "/services/v2/config/health", 0},
}

// TestRecorded serves recorded bodies as they are, through the whole exporter.
func TestRecorded(t *testing.T) {
	t.Parallel()
	const samplesDir = "../../shared/reference/samples/admin"
	if _, err := os.Stat(samplesDir); err != nil {
		t.Skipf("LEFT OUT: %s is not there", samplesDir)
	}
	gg, sm := simulate(t, "vmogg_single_deployment", oggtest.Installation{
		Release: oggtest.Release26ai, ReverseProxy: true, TLS: true,
		CertificateNotAfter: time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC),
		Clock:               oggtest.NewManualClock(time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)),
		Deployments: []oggtest.Deployment{{
			Name:     "ogg_test_01",
			Services: []oggtest.Service{{Name: "adminsrvr"}, {Name: "distsrvr"}, {Name: "recvsrvr"}},
			Processes: []oggtest.Process{
				{Name: "EXT1", Lag: 4 * time.Second},
				{Name: "REP1", Type: oggtest.Replicat},
				{Name: "REP2", Type: oggtest.Replicat},
			},
		}},
	})
	for _, r := range recorded {
		body, err := os.ReadFile(filepath.Join(samplesDir, r.file))
		if err != nil {
			t.Fatal(err)
		}
		gg.Fault(oggtest.Target{Service: r.service, Path: r.path}, oggtest.Fault{Body: string(body), Times: r.times})
	}
	got := strings.Join(samples(newExporter(t, io.Discard, sm).scrape(t, "10")), "\n") + "\n"
	checkGolden(t, "testdata/recorded.prom", got)
}
