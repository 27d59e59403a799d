package main

import (
	"net/url"
	"os"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// demoCloud is the name under which the simulated compartment is read.
const demoCloud = "cloud"

// startDemoCloud starts the simulated compartment of Oracle Cloud of --demo, and the
// GoldenGate of the one deployment in it that is read. The function that it returns
// ends them.
func startDemoCloud() (entry config.OCI, end func(), err error) {
	var ends []func()
	end = func() {
		for _, e := range ends {
			e()
		}
	}
	defer func() {
		if err != nil {
			end()
			end = func() {}
		}
	}()
	sales, err := oggtest.Start(oggtest.DemoManaged())
	if err != nil {
		return entry, end, err
	}
	ends = append(ends, sales.Close)
	cloud, err := ocitest.Start(demoPlane(sales))
	if err != nil {
		return entry, end, err
	}
	ends = append(ends, cloud.Close)
	dir, err := os.MkdirTemp("", "ogg_exporter-demo") // for the key of the simulated user
	if err != nil {
		return entry, end, err
	}
	ends = append(ends, func() { _ = os.RemoveAll(dir) })
	file, err := cloud.WriteConfig(dir)
	if err != nil {
		return entry, end, err
	}
	entry, err = demoEntry(cloud, sales, file)
	return entry, end, err
}

// demoPlane returns the compartment, in which one deployment is where sales is.
func demoPlane(sales *oggtest.Server) ocitest.ControlPlane {
	plane := ocitest.Demo(time.Now())
	plane.Deployments[0].URL, plane.Deployments[0].OGGName = sales.URL(), oggtest.DemoManaged().Deployments[0].Name
	return plane
}

// demoEntry returns the configuration that reads the compartment with the credentials in
// file.
func demoEntry(cloud *ocitest.Server, sales *oggtest.Server, file string) (config.OCI, error) {
	endpoint, err := url.Parse(cloud.URL())
	if err != nil {
		return config.OCI{}, err
	}
	scrape, err := demoServiceManager("", sales)
	scrape.URL = nil // OCI tells
	return config.OCI{
		Name: demoCloud, Auth: config.OCIAuthConfigFile, ConfigFile: file, Profile: config.DefaultOCIProfile,
		Endpoint: endpoint, CompartmentIDs: []string{ocitest.Compartment},
		RefreshInterval: time.Minute, Timeout: 10 * time.Second, Scrape: &scrape,
	}, err
}
