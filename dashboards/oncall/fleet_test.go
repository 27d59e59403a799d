package oncall

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// fleet is what an exporter reads, and the exporter.
type fleet struct {
	emea, apac *oggtest.Server
	config     config.Config
	exporter   atomic.Pointer[server.Server] // nil while it is down
}

// startSites starts two Service Managers in which all is well, and the exporter: orders go from london to frankfurt,
// bills to sydney, and an Extract writes a trail that nobody reads.
func startSites(t *bubble.T) *fleet {
	t.Helper()
	bills := oggtest.Process{Name: "EXTBILL", Trail: "eb", Heartbeat: true}
	london := oggtest.Deployment{Name: "london", Processes: []oggtest.Process{
		{Name: "EXTORD", Trail: "ea", Critical: true, Heartbeat: true}, bills, {Name: "EXTAUD", Trail: "au"},
	}, DistributionPaths: []oggtest.DistributionPath{
		{Name: "orders", Extract: "EXTORD", Critical: true}, {Name: "billing", Extract: "EXTBILL", Target: "sydney", TargetTrail: "eb"},
	}}
	frankfurt := oggtest.Deployment{Name: "frankfurt", Processes: []oggtest.Process{
		{Name: "REPORD", Type: oggtest.Replicat, Mode: oggtest.Parallel, Trail: "ea", Heartbeat: true},
	}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "orders", Extract: "EXTORD", Trail: "ea"}}}
	sydney := oggtest.Deployment{Name: "sydney", Processes: []oggtest.Process{
		{Name: "REPBILL", Type: oggtest.Replicat, Trail: "eb"},
	}, ReceiverPaths: []oggtest.ReceiverPath{{Name: "billing", Extract: "EXTBILL", Trail: "eb", Remote: &bills, RemoteDeployment: "london"}}}
	return start(t,
		oggtest.Installation{Release: oggtest.Release23ai, Deployments: []oggtest.Deployment{london, frankfurt}},
		oggtest.Installation{Release: oggtest.Release23ai, Deployments: []oggtest.Deployment{sydney}})
}

// startDemo starts what --demo reads, and the exporter.
func startDemo(t *bubble.T) *fleet {
	t.Helper()
	cloud, demo := demoCloud(t), oggtest.Demo()
	f := start(t, demo[0], demo[1])
	f.kill()
	required, err := config.NewPattern("EXTORD")
	must(t, err)
	f.config.ServiceManagers[0].Expect = []config.Expectation{{Process: required, State: config.ExpectRunning, Required: true}}
	f.config.OCI = []config.OCI{cloud}
	f.restart(t)
	return f
}

// start starts the Service Managers, and an exporter that reads them.
func start(t *bubble.T, emea, apac oggtest.Installation) *fleet {
	t.Helper()
	f := &fleet{emea: simulate(t, emea), apac: simulate(t, apac)}
	f.config.ServiceManagers = []config.ServiceManager{f.emea.Config("emea"), f.apac.Config("apac")}
	f.restart(t)
	t.Cleanup(f.kill)
	return f
}

func simulate(t *bubble.T, i oggtest.Installation) *oggtest.Server {
	t.Helper()
	i.Network, i.RequestLog = bubble.Network(t), -1
	s, err := oggtest.Start(i)
	must(t, err)
	t.Cleanup(s.Close)
	return s
}

// demoCloud starts the compartment of the demo, and returns the entry that reads it.
func demoCloud(t *bubble.T) config.OCI {
	t.Helper()
	sales, plane := simulate(t, oggtest.DemoManaged()), ocitest.Demo(time.Now())
	plane.Listener = bubble.Listen(t)
	plane.Deployments[0].URL, plane.Deployments[0].OGGName = sales.URL(), oggtest.DemoManaged().Deployments[0].Name
	cloud, err := ocitest.Start(plane)
	must(t, err)
	t.Cleanup(cloud.Close)
	credentials, err := cloud.WriteConfig(t.TempDir())
	must(t, err)
	endpoint, err := url.Parse(cloud.URL())
	must(t, err)
	hosts, err := config.NewPattern(`127\.0\.0\.1`)
	must(t, err)
	scrape := sales.Config("")
	scrape.URL, scrape.ReverseProxy = nil, false // OCI reports them
	return config.OCI{
		Name: "cloud", Auth: config.OCIAuthConfigFile, ConfigFile: credentials, Profile: config.DefaultOCIProfile,
		Endpoint: endpoint, CompartmentIDs: []string{ocitest.Compartment},
		RefreshInterval: 5 * time.Minute, Timeout: 10 * time.Second, ScrapeHosts: hosts, Scrape: &scrape,
	}
}

// restart starts an exporter that remembers nothing.
func (f *fleet) restart(t *bubble.T) {
	t.Helper()
	o := server.Options{TelemetryPath: "/metrics", TimeoutOffset: 500 * time.Millisecond, MaxSeries: 20_000, MaxPipelines: 1000}
	o.Load = func() (*config.Config, error) { c := f.config; return &c, nil }
	o.Client.Dial, o.Client.UserAgent, o.Client.Logger = bubble.Dialer(t), "ogg_exporter/test", slog.New(slog.DiscardHandler)
	for _, c := range collector.Collectors {
		if c.Default {
			o.Client.Collectors = append(o.Client.Collectors, c.Name)
		}
	}
	f.kill()
	c := f.config
	exporter, err := server.New(context.Background(), &c, o)
	must(t, err)
	f.exporter.Store(exporter)
}

// kill ends the exporter.
func (f *fleet) kill() {
	if exporter := f.exporter.Swap(nil); exporter != nil {
		exporter.Close()
	}
}

// expect reloads the exporter's configuration, with other rules for emea.
func (f *fleet) expect(t *bubble.T, rules ...config.Expectation) {
	t.Helper()
	f.config.ServiceManagers = slices.Clone(f.config.ServiceManagers) // the exporter has the others
	f.config.ServiceManagers[0].Expect = rules
	must(t, f.exporter.Load().Reload(context.Background()))
}

// scrape returns what the exporter answers.
func (f *fleet) scrape() ([]byte, error) {
	exporter := f.exporter.Load()
	if exporter == nil {
		return nil, errors.New("connection refused")
	}
	request, answer := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
	exporter.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		return nil, errors.New(answer.Body.String())
	}
	return bytes.TrimSpace(answer.Body.Bytes()), nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
