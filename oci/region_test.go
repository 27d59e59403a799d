package oci_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
)

// TestScrapeHosts checks where the credentials of scrape may go: to Oracle's own names for
// deployments in the domain of the region, or to what the configuration says instead.
func TestScrapeHosts(t *testing.T) {
	t.Parallel()
	_, c := start(t, two()) // whose profile has the region eu-frankfurt-1
	c.Scrape = login()
	endpoint := func(host string) *url.URL { return &url.URL{Scheme: "https", Host: host} }
	for _, test := range []struct {
		name     string
		region   string
		endpoint *url.URL
		hosts    string
		host     string
		want     bool
	}{
		{"the profile's region", "", nil, "", "awpo3giva3wa.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com", true},
		{"another region", "", nil, "", "awpo3giva3wa.deployment.goldengate.us-ashburn-1.oci.oraclecloud.com", false},
		{"the configured region", "us-ashburn-1", nil, "", "awpo3giva3wa.deployment.goldengate.us-ashburn-1.oci.oraclecloud.com", true},
		{"a realm of governments", "us-langley-1", nil, "", "a.deployment.goldengate.us-langley-1.oci.oraclegovcloud.com", true},
		{"the domain of another realm", "us-langley-1", nil, "", "a.deployment.goldengate.us-langley-1.oci.oraclecloud.com", false},
		{"the sovereign realm", "eu-frankfurt-2", nil, "", "a.deployment.goldengate.eu-frankfurt-2.oci.oraclecloud.eu", true},
		{"a dedicated realm", "ap-chiyoda-1", nil, "", "a.deployment.goldengate.ap-chiyoda-1.oci.oraclecloud8.com", true},
		{"an endpoint", "", endpoint("goldengate.ap-tokyo-1.oci.oraclecloud.com:443"), "", "a.deployment.goldengate.ap-tokyo-1.oci.oraclecloud.com", true},
		{"the region beside an endpoint", "", endpoint("oci.internal"), "", "a.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com", true},
		{"no label", "", nil, "", "deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com", false},
		{"another word", "", nil, "", "a.xdeployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com", false},
		{"two labels", "", nil, "", "a.b.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com", false},
		{"the control plane", "", nil, "", "goldengate.eu-frankfurt-1.oci.oraclecloud.com", false},
		{"something of Oracle's that anyone may create", "", nil, "", "a.functions.eu-frankfurt-1.oci.oraclecloud.com", false},
		{"a domain below", "", nil, "", "a.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com.evil.example", false},
		{"other characters for dots", "", nil, "", "a.deployment.goldengate.eu-frankfurt-1-oci-oraclecloud.com", false},
		{"elsewhere", "", nil, "", "evil.example", false},
		{"a custom domain", "", nil, `gg\.example\.com`, "gg.example.com", true},
		{"not all of a custom domain", "", nil, `gg\.example\.com`, "gg.example.com.evil.example", false},
		{"a custom domain in place of the default", "", nil, `gg\.example\.com`, "a.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com", false},
	} {
		entry := c
		entry.Region, entry.Endpoint, entry.ScrapeHosts = test.region, test.endpoint, pattern(t, test.hosts)
		if got := oci.ScrapeHosts(t, entry).MatchString(test.host); got != test.want {
			t.Errorf("%s: %s: %t", test.name, test.host, got)
		}
	}
}

// TestScrapeHostsRegionUnknown takes the default from the endpoint where nothing names a region.
func TestScrapeHostsRegionUnknown(t *testing.T) {
	t.Parallel()
	s, c := start(t, two())
	dir := strings.TrimSuffix(c.ConfigFile, "config")
	c = config.OCI{
		Name: "emea", Auth: config.OCIAuthAPIKey, CompartmentIDs: c.CompartmentIDs, Scrape: login(), Timeout: c.Timeout,
		APIKey:   &config.OCIAPIKey{TenancyID: ocitest.TenancyID, UserID: ocitest.UserID, Fingerprint: s.Fingerprint(), KeyFile: dir + "api_key.pem"},
		Endpoint: &url.URL{Scheme: "https", Host: "GoldenGate.ap-tokyo-1.oci.oraclecloud.com"},
	}
	hosts := oci.ScrapeHosts(t, c)
	if !hosts.MatchString("a.deployment.goldengate.ap-tokyo-1.oci.oraclecloud.com") || hosts.MatchString("a.deployment.") {
		t.Errorf("got %s", hosts)
	}
}

// TestWithheld checks that a deployment whose host does not match is no target, that it is said
// once, and that the others are read.
func TestWithheld(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{TLS: true, Deployments: []ocitest.Deployment{
		{DisplayName: "own", URL: "https://AWPO3giva3wa.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com:443/?x"},
		{DisplayName: "foreign", URL: "https://own.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com@evil.example/"},
		{DisplayName: "plain", URL: "http://own.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com/"},
		{DisplayName: "stream", URL: "https://evil.example", Category: "STREAM_ANALYTICS"},
	}})
	client, _ := newClient(t, c)
	if inv := client.Refresh(context.Background()); len(errorsOf(inv)) > 0 || inv.Targets() != nil {
		t.Errorf("without scrape: %v, %v", errorsOf(inv), inv.Targets())
	}
	c.Scrape = login()
	client, log := newClient(t, c)
	for range 2 {
		inv := client.Refresh(context.Background())
		if failed := errorsOf(inv); len(failed) != 1 ||
			failed[oci.PartScrape] != `2 of 4 deployments: deployment "foreign" is not read: scrape_hosts does not match its host "evil.example"; deployment "plain" is not read: its URL is not https` {
			t.Errorf("failed: %v", failed)
		}
		if targets := inv.Targets(); len(targets) != 1 || targets[0].Name != "emea/own" ||
			targets[0].URL.String() != "https://awpo3giva3wa.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com:443" {
			t.Errorf("targets: %v", targets)
		}
	}
	if lines := log.take(); len(lines) != 1 || !strings.Contains(lines[0], "evil.example") || !strings.Contains(lines[0], "part=scrape") {
		t.Errorf("logged:\n%s", strings.Join(lines, "\n"))
	}
	s.Change(func(p *ocitest.ControlPlane) { // who owns a deployment points it elsewhere
		p.Deployments[0].URL, p.Deployments[1].URL, p.Deployments[2].URL = "https://evil.example", "", ""
	})
	if inv := client.Refresh(context.Background()); len(inv.Targets()) != 0 ||
		errorsOf(inv)[oci.PartScrape] != `1 of 4 deployments: deployment "own" is not read: scrape_hosts does not match its host "evil.example"` {
		t.Errorf("%v, %v", inv.Targets(), errorsOf(inv))
	}
	s.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"})
	if inv := client.Refresh(context.Background()); len(inv.Targets()) != 0 {
		t.Errorf("targets of what is kept: %v", inv.Targets())
	}
}
