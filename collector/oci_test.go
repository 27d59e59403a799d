package collector_test

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// cloud starts a simulated control plane, and returns it with a client that reads it
// under the name emea.
func cloud(t testing.TB, p ocitest.ControlPlane) (*ocitest.Server, *oci.Client) {
	t.Helper()
	p.Listener = bubble.Listen(t)
	s, err := ocitest.Start(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	file, err := s.WriteConfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	c, err := oci.NewClient(config.OCI{
		Name: "emea", Auth: config.OCIAuthConfigFile, ConfigFile: file, Profile: "DEFAULT", Endpoint: endpoint,
		CompartmentIDs: []string{ocitest.Compartment}, IncludeSubcompartments: len(p.Parents) > 0, IdentityEndpoint: endpoint, Timeout: bubble.Timeout(t, 3*time.Second),
	}, oci.Options{UserAgent: "ogg_exporter/test", Dial: bubble.Dialer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return s, c
}

// ociVarying matches the samples that differ from one refresh to the next.
var ociVarying = regexp.MustCompile(`(?m)^(ogg_oci_(?:refresh_duration_seconds|read_duration_seconds|clock_skew_seconds|last_refresh_success_timestamp_seconds)\{.*\}) .*$`)

// exposeOCI returns what a scrape shows of refreshes.
func exposeOCI(t testing.TB, o collector.Options, inventories ...*oci.Inventory) string {
	t.Helper()
	return ociVarying.ReplaceAllString(gather(t, collector.NewScrape(context.Background(), nil, o).With(inventories...)), "$1 #")
}

// TestOCIExposition compares everything exposed of the demo's compartment with a golden
// file: first intact, then with one failure after another.
func TestOCIExposition(t *testing.T) {
	t.Parallel()
	refused := ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"}
	for _, test := range []struct {
		name string
		// what fails after a first refresh
		spoil func(*ocitest.Server)
	}{
		{"demo", func(*ocitest.Server) {}},
		{"list-refused", func(s *ocitest.Server) { s.Fault(ocitest.Target{Path: "/deployments"}, refused) }},
		{"details-refused", func(s *ocitest.Server) { s.Fault(ocitest.Target{Path: "/deployments/*"}, refused) }},
		{"rest-refused", func(s *ocitest.Server) {
			for _, path := range []string{"/deploymentBackups", "/connections", "/pipelines"} {
				s.Fault(ocitest.Target{Path: path}, refused)
			}
		}},
		{"throttled", func(s *ocitest.Server) {
			s.Fault(ocitest.Target{}, ocitest.Fault{Status: 429, Code: "TooManyRequests", RetryAfter: "60"})
		}},
		{"broken", func(s *ocitest.Server) {
			s.Fault(ocitest.Target{}, ocitest.Fault{Status: 500, Code: "InternalServerError", RetryAfter: "60"})
		}},
		{"silent", func(s *ocitest.Server) { s.Fault(ocitest.Target{}, ocitest.Fault{Hang: true}) }},
		{"skewed", func(s *ocitest.Server) { s.Change(func(p *ocitest.ControlPlane) { p.Skew = time.Hour }) }},
		{"key-revoked", (*ocitest.Server).Revoke},
		{"wrong-types", func(s *ocitest.Server) {
			s.Fault(ocitest.Target{Path: "/deployments*"}, ocitest.Fault{Item: "sales", Set: map[string]any{"cpuCoreCount": "many"}})
			s.Fault(ocitest.Target{Path: "/deployments/*"}, ocitest.Fault{Item: "sales", Set: map[string]any{"cpuCoreCount": "many", "isHealthy": "yes", "oggData": 1}})
		}},
		{"unknown-states", func(s *ocitest.Server) {
			for _, path := range []string{"/deployments", "/deployments/*", "/connections", "/pipelines", "/pipelines/*/runningProcesses"} {
				s.Fault(ocitest.Target{Path: path}, ocitest.Fault{Set: map[string]any{"lifecycleState": "HIBERNATING", "lifecycleSubState": "DREAMING", "status": "DREAMING", "connectionType": "NEW", "recipeType": "NEW"}})
			}
		}},
		{"deleted", func(s *ocitest.Server) {
			s.Change(func(p *ocitest.ControlPlane) {
				for i := range p.Deployments {
					p.Deployments[i].Status = "DELETED"
				}
			})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, c := cloud(t, ocitest.Demo(now))
				c.Refresh(context.Background())
				test.spoil(s)
				got := exposeOCI(t, collector.Options{}, c.Refresh(context.Background()))
				if test.name == "silent" { // how many of them were under way is chance
					got = regexp.MustCompile(`(?m)^(ogg_oci_api_requests_total\{code="error".*\}) .*$`).ReplaceAllString(got, "$1 #")
				}
				compare(t, "oci/"+test.name+".prom", got)
			})
		})
	}
}

// TestOCILint runs client_golang's linter on all metrics of Oracle Cloud.
func TestOCILint(t *testing.T) {
	t.Parallel()
	_, c := cloud(t, ocitest.Demo(now))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector.NewScrape(context.Background(), nil, collector.Options{}).With(c.Refresh(context.Background())))
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestNoRefreshYet: an entry that has not been refreshed has no samples.
func TestNoRefreshYet(t *testing.T) {
	t.Parallel()
	if got := exposeOCI(t, collector.Options{}, nil); strings.Contains(got, "ogg_oci") {
		t.Errorf("got:\n%s", got)
	}
}

// TestOCIBound drops the least important series of an entry.
func TestOCIBound(t *testing.T) {
	t.Parallel()
	_, c := cloud(t, ocitest.Demo(now))
	inv := c.Refresh(context.Background())
	whole := strings.Count(exposeOCI(t, collector.Options{}, inv), "\nogg_")
	got := exposeOCI(t, collector.Options{MaxSeries: whole - 1}, inv)
	if strings.Contains(got, "ogg_oci_connections{") || !strings.Contains(got, `ogg_oci_series_dropped{oci="emea"} 7`) {
		t.Errorf("got:\n%s", got)
	}
	least := exposeOCI(t, collector.Options{MaxSeries: 1}, inv)
	for _, name := range []string{"ogg_oci_up{", "ogg_oci_deployment_status{", "ogg_oci_pipeline_process_lag_seconds{"} {
		if !strings.Contains(least, name) {
			t.Errorf("without %s", name)
		}
	}
}

// TestOCIHardLimit: what is never dropped of an entry has a limit, too.
func TestOCIHardLimit(t *testing.T) {
	t.Parallel()
	inv := &oci.Inventory{OCI: "emea"}
	for i := range 2000 {
		inv.Deployments = append(inv.Deployments, &oci.Deployment{Label: strconv.Itoa(i), Status: "active"})
	}
	for maxSeries, up := range map[int]string{0: "1", 1: "0"} {
		got := exposeOCI(t, collector.Options{MaxSeries: maxSeries}, inv)
		if !strings.Contains(got, `ogg_oci_up{oci="emea"} `+up) || strings.Contains(got, "ogg_oci_deployment_status{") != (up == "1") {
			t.Errorf("%d: got %.500s", maxSeries, got)
		}
	}
}
