package oggtest

import (
	"fmt"
	"net/url"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// Config returns the configuration that reads the simulation under this name, with the
// user and password of its Installation.
func (s *Server) Config(name string) config.ServiceManager {
	sm := ConfigFor(name, s.URL())
	sm.ReverseProxy = s.spec.ReverseProxy
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: s.spec.User, Password: promconfig.Secret(s.spec.Password)}
	sm.HTTPClient.TLSConfig.CA = string(s.CACertificate())
	return sm
}

// Config returns the configuration that reads the capture under the name that is in it.
// It selects everything: the patterns of Selection are the caller's to compile.
func (r *Replayed) Config() config.ServiceManager {
	sm := ConfigFor(r.ServiceManager(), r.URL())
	sm.ReverseProxy = true
	return sm
}

// ConfigFor returns the configuration that reads address under this name, with the
// default user and password. It panics when address is not a URL.
func ConfigFor(name, address string) config.ServiceManager {
	u, err := url.Parse(address)
	if err != nil {
		panic(fmt.Sprintf("oggtest: %v", err))
	}
	client := promconfig.DefaultHTTPClientConfig
	client.BasicAuth = &promconfig.BasicAuth{Username: DefaultUser, Password: DefaultPassword}
	return config.ServiceManager{
		Name: name, URL: u, APIVersion: config.DefaultAPIVersion, HTTPClient: client,
		Timeout: config.DefaultTimeout, MaxConcurrentRequests: config.DefaultMaxConcurrentRequests,
		MaxConcurrentRequestsTotal: config.DefaultMaxConcurrentRequestsTotal,
	}
}
