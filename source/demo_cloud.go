package source

import (
	"net/url"
	"os"
	"time"

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
	dir, err := os.MkdirTemp("", "ogg_exporter-demo") // for the key of the simulated user
	if err != nil {
		return err
	}
	s.ends = append(s.ends, func() { _ = os.RemoveAll(dir) })
	credentials, err := cloud.WriteConfig(dir)
	if err != nil {
		return err
	}
	entry, err := demoEntry(cloud, sales, credentials)
	s.config.OCI = []config.OCI{entry}
	return err
}

// demoEntry returns the configuration that reads the compartment with the credentials in
// a file.
func demoEntry(cloud *ocitest.Server, sales *oggtest.Server, credentials string) (config.OCI, error) {
	hosts, err := config.NewPattern(`127\.0\.0\.1`)
	if err != nil {
		return config.OCI{}, err
	}
	endpoint, err := url.Parse(cloud.URL())
	scrape := sales.Config("")
	scrape.URL, scrape.ReverseProxy = nil, false // as in a file: OCI reports them
	return config.OCI{
		Name: "cloud", Auth: config.OCIAuthConfigFile, ConfigFile: credentials, Profile: config.DefaultOCIProfile,
		Endpoint: endpoint, CompartmentIDs: []string{ocitest.Compartment},
		RefreshInterval: time.Minute, Timeout: 10 * time.Second, ScrapeHosts: hosts, Scrape: &scrape,
	}, err
}
