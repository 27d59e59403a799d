package server_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// compartment is a simulated compartment whose deployments are simulated ones.
type compartment struct {
	*ocitest.Server
	entry config.OCI
	sales *oggtest.Server
}

// simulateCompartment starts one with the deployments sales, which runs and whose
// Service Manager does not answer, and archive, which is stopped.
func simulateCompartment(t testing.TB) compartment {
	t.Helper()
	sales, sm := simulate(t, "unused", oggtest.Installation{
		ReverseProxy: true, WithoutServiceManager: true,
		Deployments: []oggtest.Deployment{{Name: "SALES", Processes: []oggtest.Process{{Name: "EXT1"}}}},
	})
	cloud, err := ocitest.Start(ocitest.ControlPlane{Listener: bubble.Listen(t), Deployments: []ocitest.Deployment{
		{DisplayName: "sales", OGGName: "SALES", URL: sales.URL(), Healthy: new(true)},
		{DisplayName: "archive", Status: "INACTIVE", URL: sales.URL()},
		{DisplayName: "stream", Category: "STREAM_ANALYTICS", URL: sales.URL()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	file, err := cloud.WriteConfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(cloud.URL())
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := config.NewPattern(regexp.QuoteMeta(endpoint.Hostname()))
	if err != nil {
		t.Fatal(err)
	}
	sm.Name, sm.URL, sm.Labels = "", nil, map[string]string{"site": "cloud"}
	return compartment{cloud, config.OCI{
		Name: "emea", Auth: config.OCIAuthConfigFile, ConfigFile: file, Profile: "DEFAULT", Endpoint: endpoint,
		CompartmentIDs: []string{ocitest.Compartment}, RefreshInterval: 5 * time.Second, Timeout: bubble.Timeout(t, 10*time.Second),
		ProxyConfig: promconfig.ProxyConfig{}, ScrapeHosts: hosts, Scrape: &sm,
	}, sales}
}

// eventually scrapes until the exposition has each line that begins with one of
// wanted, and none that begins with one of unwanted.
func (e *exporter) eventually(t testing.TB, path string, wanted, unwanted []string) string {
	t.Helper()
	deadline := time.Now().Add(time.Hour)
	for {
		_, text := e.get(t, path)
		has := func(start string) bool { return strings.Contains("\n"+text, "\n"+start) }
		lacks := func(start string) bool { return !has(start) }
		if !slices.ContainsFunc(wanted, lacks) && !slices.ContainsFunc(unwanted, has) {
			return text
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never had %q without %q:\n%s", path, wanted, unwanted, text)
		}
		time.Sleep(time.Second)
	}
}

const (
	salesUp   = `ogg_deployment_up{deployment="SALES",service_manager="emea/sales"} 1`
	archiveUp = `ogg_deployment_up{deployment="archive",service_manager="emea/archive"} 0`
	ociIsUp   = `ogg_oci_up{oci="emea"} 1`
)

// TestCloud: what a compartment has is found, and read like what is configured.
func TestCloud(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		_, configured := simulate(t, "gg", twoDeployments(false))
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry}, configured)
		e.eventually(t, "/metrics", []string{salesUp, archiveUp, ociIsUp, `ogg_up{service_manager="gg"} 1`, "go_goroutines"},
			[]string{`ogg_up{service_manager="emea/stream"}`})

		e.eventually(t, "/probe?target=emea", []string{ociIsUp}, []string{"ogg_up", "go_"})
		e.eventually(t, "/probe?target=emea/sales", []string{salesUp, `ogg_process_up{deployment="SALES",process="EXT1"`}, []string{"ogg_oci", "go_"})
		e.eventually(t, "/metrics?collect[]=process", []string{`ogg_process_up{deployment="SALES"`}, []string{"ogg_oci"})
		if status, body := e.get(t, "/probe?target=nobody"); status != http.StatusNotFound || !strings.Contains(body, `"emea", `) && !strings.Contains(body, `"emea"`) {
			t.Errorf("%d %s", status, body)
		}
		_, sd := e.get(t, "/sd")
		for _, want := range []string{`"__param_target":"emea"`, `"__param_target":"emea/sales"`, `"__param_target":"emea/archive"`, `"__param_target":"gg"`, `"site":"cloud"`} {
			if !strings.Contains(sd, want) {
				t.Errorf("no %s in %s", want, sd)
			}
		}
		if _, page := e.get(t, "/"); !strings.Contains(page, "Oracle Cloud") || !strings.Contains(page, "emea/sales") || strings.Contains(page, "PRIVATE KEY") {
			t.Errorf("the page:\n%s", page)
		}
	})
}

// TestCloudChanges: what OCI says is deleted is gone with its connections, and what is
// new is read. A refresh that fails changes nothing.
func TestCloudChanges(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry})
		e.eventually(t, "/metrics", []string{salesUp}, nil)
		mend := c.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{Status: http.StatusInternalServerError, Code: "InternalServerError"})
		e.eventually(t, "/metrics", []string{`ogg_oci_up{oci="emea"} 0`, salesUp}, nil)
		mend()
		c.Change(func(p *ocitest.ControlPlane) {
			p.Deployments[0].Status = "DELETED"
			p.Deployments = append(p.Deployments, ocitest.Deployment{DisplayName: "fresh", OGGName: "SALES", URL: c.sales.URL()})
		})
		e.eventually(t, "/metrics", []string{`ogg_deployment_up{deployment="SALES",service_manager="emea/fresh"} 1`}, []string{salesUp})
		e.eventually(t, "/probe?target=emea/sales", []string{"no Service Manager"}, nil)
	})
}

// TestCloudDeleted: what OCI says is deleted leaves no connection, and a scrape that
// reads it meanwhile ends as it began.
func TestCloudDeleted(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		u, err := url.Parse(c.sales.URL())
		if err != nil {
			t.Fatal(err)
		}
		before := newFront(t, u)
		c.Change(func(p *ocitest.ControlPlane) { p.Deployments[0].URL = before.URL })
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry})
		e.eventually(t, "/metrics", []string{salesUp}, nil)
		h, goOn := before.hold(t, "/extracts")
		scraped := make(chan string)
		go func() {
			_, body := e.get(t, "/metrics")
			scraped <- body
		}()
		h.await(t)
		c.Change(func(p *ocitest.ControlPlane) { p.Deployments[0].Status = "DELETED" })
		eventually(t, "it is no target any more", func() bool {
			_, sd := e.get(t, "/sd")
			return !strings.Contains(sd, `"emea/sales"`)
		})
		if text := e.scrape(t, "60"); strings.Contains(text, `service_manager="emea/sales"`) {
			t.Error("what is deleted is still there")
		}
		goOn()
		if body := <-scraped; !strings.Contains(body, salesUp) {
			t.Error("a scrape in flight lost what it read")
		}
		before.closes(t)
	})
}

// TestCloudReloadInRefresh: a reload does not wait for a refresh. One that keeps the
// entry keeps what it found, and one that removes it ends the refresh.
func TestCloudReloadInRefresh(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		before := newFront(t, c.entry.Endpoint)
		c.entry.Endpoint, c.entry.Timeout = before.at(t), time.Hour
		_, configured := simulate(t, "gg", twoDeployments(false))
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry})
		e.eventually(t, "/metrics", []string{salesUp}, nil)
		h, _ := before.hold(t, "/deployments")
		h.await(t)
		e.setLoad(func() (*config.Config, error) {
			return &config.Config{OCI: []config.OCI{c.entry}, ServiceManagers: []config.ServiceManager{configured}}, nil
		})
		e.reload(t)
		text := e.scrape(t, "60")
		for _, want := range []string{salesUp, ociIsUp, `ogg_up{service_manager="gg"} 1`} {
			if !strings.Contains(text, want) {
				t.Errorf("after a reload in a refresh there is no %s", want)
			}
		}
		e.configure(configured)
		e.reload(t)
		if text := e.scrape(t, "60"); strings.Contains(text, "emea") {
			t.Error("what is removed is still there")
		}
		before.closes(t)
	})
}

// TestCloudProbe: what is asked for is one name, and with collect[] what a collector
// reads, which the control plane's metrics are not.
func TestCloudProbe(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry})
		e.eventually(t, "/probe?target=emea", []string{ociIsUp}, nil)
		for query, want := range map[string]struct {
			status int
			oci    bool
		}{
			"target=emea":                              {http.StatusOK, true},
			"target=emea&collect[]=process":            {http.StatusOK, false},
			"target=emea&collect[]=nobody":             {http.StatusBadRequest, false},
			"target=emea&target=emea":                  {http.StatusBadRequest, false},
			"target=emea&debug=1":                      {http.StatusForbidden, false},
			"target=emea/sales":                        {http.StatusOK, false},
			"target=emea/nobody":                       {http.StatusNotFound, false},
			"target=" + url.QueryEscape(c.sales.URL()): {http.StatusBadRequest, false},
		} {
			status, body := e.get(t, "/probe?"+query)
			if status != want.status || strings.Contains(body, "ogg_oci_") != want.oci {
				t.Errorf("%s: status %d\n%s", query, status, body)
			}
		}
	})
}

// TestCloudReload: an entry that stays keeps what it found, one that is removed ends
// with all that it found, also while a refresh of it hangs.
func TestCloudReload(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		_, configured := simulate(t, "gg", twoDeployments(false))
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry}, configured)
		const requests = `ogg_api_requests_total{code="200",microservice="adminsrvr",service_manager="emea/sales"}`
		before := e.eventually(t, "/metrics", []string{salesUp, requests}, nil)
		e.setLoad(func() (*config.Config, error) { return &config.Config{OCI: []config.OCI{c.entry}}, nil })
		e.reload(t)
		after := e.scrape(t, "60")
		if value(t, after, requests) <= value(t, before, requests) {
			t.Error("what is found has another client after a reload that changes nothing of it")
		}
		if !strings.Contains(after, salesUp) || strings.Contains(after, `service_manager="gg"`) {
			t.Error("the reload lost what is found, or kept what is removed")
		}
		c.Fault(ocitest.Target{}, ocitest.Fault{Hang: true})
		e.configure(configured)
		e.reload(t)
		if text := e.scrape(t, "60"); strings.Contains(text, "emea") {
			t.Error("what is removed is still there")
		}
	})
}

// TestCloudScrapeHosts checks that a deployment whose host is not one of Oracle's is not read unless
// the entry allows it: no request reaches it, and the metrics say so.
func TestCloudScrapeHosts(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		c := simulateCompartment(t)
		c.entry.ScrapeHosts = config.Pattern{}
		e := newExporterWithClouds(t, io.Discard, []config.OCI{c.entry})
		e.eventually(t, "/metrics", []string{
			ociIsUp, `ogg_oci_deployment_status{deployment="sales"`,
			`ogg_oci_read_success{oci="emea",part="scrape"} 0`, `ogg_oci_read_success{oci="emea",part="details"} 1`,
		}, []string{`ogg_up{service_manager="emea/`})
		time.Sleep(5 * c.entry.RefreshInterval)
		if _, sd := e.get(t, "/sd"); strings.Contains(sd, "emea/") || len(c.sales.Requests()) > 0 {
			t.Errorf("it is read: %d requests, targets %s", len(c.sales.Requests()), sd)
		}
	})
}
