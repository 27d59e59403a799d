package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// demoNames are the names under which the simulated Service Managers are read.
var demoNames = []string{"emea", "apac"}

// startDemo starts the simulated Service Managers and the simulated compartment of
// --demo, says on stdout where to look, and returns the configuration that reads them.
// The function it returns ends them.
func startDemo(listen *web.FlagConfig, telemetryPath string, stdout io.Writer) (*config.Config, func(), error) {
	c := &config.Config{}
	var ends []func()
	end := func() {
		for _, e := range ends {
			e()
		}
	}
	for i, installation := range oggtest.Demo() {
		s, err := oggtest.Start(installation)
		if err != nil {
			end()
			return nil, func() {}, fmt.Errorf("starting the demo: %w", err)
		}
		ends = append(ends, s.Close)
		sm, err := demoServiceManager(demoNames[i], s)
		if err != nil {
			end()
			return nil, func() {}, fmt.Errorf("starting the demo: %w", err)
		}
		c.ServiceManagers = append(c.ServiceManagers, sm)
	}
	entry, endCloud, err := startDemoCloud()
	if err != nil {
		end()
		return nil, func() {}, fmt.Errorf("starting the demo: %w", err)
	}
	c.OCI, ends = []config.OCI{entry}, append(ends, endCloud)
	fmt.Fprintf(stdout, "Reading %d simulated Service Managers and a compartment of Oracle Cloud. Open %s\n",
		len(c.ServiceManagers), demoURL(listen, telemetryPath))
	return c, end, nil
}

// demoServiceManager returns the configuration of a simulated Service Manager.
func demoServiceManager(name string, s *oggtest.Server) (config.ServiceManager, error) {
	address, err := url.Parse(s.URL())
	if err != nil {
		return config.ServiceManager{}, err
	}
	client := promconfig.DefaultHTTPClientConfig
	client.BasicAuth = &promconfig.BasicAuth{
		Username: oggtest.DefaultUser, Password: oggtest.DefaultPassword,
	}
	client.TLSConfig.CA = string(s.CACertificate())
	return config.ServiceManager{
		Name: name, URL: address,
		Timeout: 10 * time.Second, MaxConcurrentRequests: 8, HTTPClient: client,
	}, nil
}

// demoURL is where a person on this machine finds the metrics.
func demoURL(listen *web.FlagConfig, telemetryPath string) string {
	scheme := "http"
	if *listen.WebConfigFile != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort((*listen.WebListenAddresses)[0])
	if err != nil {
		return telemetryPath
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + telemetryPath
}
