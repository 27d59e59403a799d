package source

import (
	"net/url"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// startDemoCloud starts the simulated compartment of Oracle Cloud of --demo, and the
// GoldenGate of the one deployment in it that is read.
func (s *simulation) startDemoCloud() error {
	managed := oggtest.DemoManaged()
	sales, err := oggtest.Start(managed)
	if err != nil {
		return err
	}
	s.ends = append(s.ends, sales.Close)
	plane := ocitest.Demo(time.Now())
	plane.Deployments[0].URL, plane.Deployments[0].OGGName = sales.URL(), managed.Deployments[0].Name
	cloud, err := ocitest.Start(plane)
	if err != nil {
		return err
	}
	s.ends = append(s.ends, cloud.Close)
	entry, err := demoEntry(cloud, sales)
	s.config.OCI = []config.OCI{entry}
	return err
}

// demoEntry returns the configuration that reads the compartment. The key of its user is in no
// file: the root of a container may be read-only.
func demoEntry(cloud *ocitest.Server, sales *oggtest.Server) (config.OCI, error) {
	hosts, err := config.NewPattern(`127\.0\.0\.1`)
	if err != nil {
		return config.OCI{}, err
	}
	endpoint, err := url.Parse(cloud.URL())
	scrape := sales.Config("")
	scrape.URL, scrape.ReverseProxy = nil, false // as in a file: OCI reports them
	return config.OCI{
		Name: "cloud", Auth: config.OCIAuthAPIKey, Region: ocitest.Region,
		Given: &config.OCICredentials{
			TenancyID: ocitest.TenancyID, UserID: ocitest.UserID, Fingerprint: cloud.Fingerprint(), Region: ocitest.Region,
			Key: promconfig.Secret(cloud.Key()),
		},
		Endpoint: endpoint, CompartmentIDs: []string{ocitest.Compartment},
		RefreshInterval: time.Minute, Timeout: 10 * time.Second, ScrapeHosts: hosts, Scrape: &scrape,
	}, err
}
