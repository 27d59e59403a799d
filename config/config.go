// Package config is what the user writes: the schema of the configuration file, its defaults,
// strict decoding, and validation that reports all mistakes at once, each with its line and field.
// It must not import anything that reads GoldenGate or makes metrics.
package config

import (
	"net/url"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Defaults for a Service Manager.
const (
	DefaultTimeout                    = 10 * time.Second
	DefaultMaxConcurrentRequests      = 8
	DefaultMaxConcurrentRequestsTotal = 64
	DefaultAPIVersion                 = "v2"
)

// maxConcurrentRequests is the largest allowed value of max_concurrent_requests, and of
// max_concurrent_requests_total.
const maxConcurrentRequests = 1000

// Config is a complete, valid configuration. Its printed, JSON and YAML forms contain no secrets.
type Config struct {
	// ServiceManagers are in the order of the file, with unique names. There is at least one,
	// unless OCI has an entry.
	ServiceManagers []ServiceManager `yaml:"service_managers"`
	// OCI are the entries for Oracle Cloud, in the order of the file, with unique names.
	OCI []OCI `yaml:"oci"`
	// Expect are the rules for all Service Managers, which come after their own. They are also in
	// each ServiceManager, as ExpectOfAll.
	Expect []Expectation `yaml:"expect"`
	// Warnings say what is valid but hardly meant, each in one line of the form of Load's errors.
	Warnings []string `yaml:"-"`
}

// ServiceManager is a GoldenGate Service Manager to read.
type ServiceManager struct {
	// Name is the label service_manager, unique in a Config. Default: host:port of URL.
	Name string `yaml:"name"`
	// URL has a scheme (http or https), a host, optionally a port, and with ReverseProxy optionally
	// a path, without a slash at its end, below which the services are. It has nothing else.
	URL *url.URL `yaml:"url"`
	// ReverseProxy says that URL is an NGINX reverse proxy in front of all services.
	ReverseProxy bool `yaml:"reverse_proxy"`
	// APIVersion is the version of the REST API that is asked: v and digits.
	APIVersion string `yaml:"api_version"`
	// AllowPlainText says that services which are listed without TLS may be asked, with the
	// password, over plain text although URL is https.
	AllowPlainText bool `yaml:"allow_plain_text"`
	// Timeout is the longest that one poll may take; greater than zero.
	Timeout time.Duration `yaml:"timeout"`
	// MaxConcurrentRequests limits the requests in flight to one GoldenGate service; 1 to 1000.
	MaxConcurrentRequests int `yaml:"max_concurrent_requests"`
	// MaxConcurrentRequestsTotal limits those to all services of the Service Manager together; 1 to
	// 1000. Default: 64, or MaxConcurrentRequests if that is more.
	MaxConcurrentRequestsTotal int `yaml:"max_concurrent_requests_total"`
	// HTTPClient says how to authenticate and connect. Its file paths can be opened as they are.
	HTTPClient promconfig.HTTPClientConfig `yaml:",inline"`
	// IncludeDeployments selects the deployments to read. Its zero value selects all.
	IncludeDeployments Pattern `yaml:"include_deployments"`
	// ExcludeDeployments selects the deployments to leave out. Its zero value leaves out none.
	ExcludeDeployments Pattern `yaml:"exclude_deployments"`
	// IncludeProcesses and ExcludeProcesses do the same for Extracts and Replicats.
	IncludeProcesses Pattern `yaml:"include_processes"`
	ExcludeProcesses Pattern `yaml:"exclude_processes"`
	// IncludePaths and ExcludePaths do the same for distribution and receiver paths.
	IncludePaths Pattern `yaml:"include_paths"`
	ExcludePaths Pattern `yaml:"exclude_paths"`
	// Aliases are other names and addresses of the host under which paths lead there, in lower case, without
	// ports; nil if there are none.
	Aliases []string `yaml:"aliases"`
	// Labels are the labels of the target in Prometheus's service discovery; nil if there are none.
	Labels map[string]string `yaml:"labels"`
	// Expect are the rules of what is expected to run; nil if there are none.
	Expect []Expectation `yaml:"expect"`
	// Deployments are the overrides, with unique names; nil if there are none.
	Deployments []Deployment `yaml:"deployments"`
	// Managed names the only deployment behind URL if no Service Manager answers there, which can
	// happen where Oracle manages the deployment; "" otherwise. No key of the file sets it.
	Managed string `yaml:"-"`
	// ExpectOfAll are the rules of the Config, which come after Expect.
	ExpectOfAll []Expectation `yaml:"-"`
}

// Deployment is an override for one deployment of a Service Manager.
type Deployment struct {
	// Name is the deployment's name in GoldenGate.
	Name string `yaml:"name"`
	// HTTPClient is complete: what the override does not set is copied from the Service Manager. It
	// shares no memory with the Service Manager's.
	HTTPClient promconfig.HTTPClientConfig `yaml:",inline"`
}

// Wants reports whether a deployment is to be read: included and not excluded.
func (sm *ServiceManager) Wants(deployment string) bool {
	return wants(sm.IncludeDeployments, sm.ExcludeDeployments, deployment)
}

// WantsProcess reports whether an Extract or Replicat is to be read.
func (sm *ServiceManager) WantsProcess(process string) bool {
	return wants(sm.IncludeProcesses, sm.ExcludeProcesses, process)
}

// WantsPath reports whether a distribution or receiver path is to be read.
func (sm *ServiceManager) WantsPath(path string) bool {
	return wants(sm.IncludePaths, sm.ExcludePaths, path)
}

// Patterns returns the patterns that select what is read, by their keys in the file. To set
// one through its pointer sets that of the Service Manager.
func (sm *ServiceManager) Patterns() map[string]*Pattern {
	return map[string]*Pattern{
		"include_deployments": &sm.IncludeDeployments, "exclude_deployments": &sm.ExcludeDeployments,
		"include_processes": &sm.IncludeProcesses, "exclude_processes": &sm.ExcludeProcesses,
		"include_paths": &sm.IncludePaths, "exclude_paths": &sm.ExcludePaths,
	}
}

// wants reports whether a name is included and not excluded.
func wants(include, exclude Pattern, name string) bool {
	return (include.IsZero() || include.MatchString(name)) && !exclude.MatchString(name)
}

// Hosts returns the names and addresses under which the Service Manager is known, in lower case and
// without ports: the host of its URL, and its aliases.
func (sm *ServiceManager) Hosts() []string {
	var hosts []string
	if sm.URL != nil {
		hosts = []string{canonicalHost(sm.URL.Hostname())}
	}
	for _, alias := range sm.Aliases {
		if !slices.Contains(hosts, alias) {
			hosts = append(hosts, alias)
		}
	}
	return hosts
}

// HTTPClientFor returns how to connect to the services of a deployment: its override, or the
// Service Manager's own settings. The caller may modify the result.
func (sm *ServiceManager) HTTPClientFor(deployment string) promconfig.HTTPClientConfig {
	for i := range sm.Deployments {
		if sm.Deployments[i].Name == deployment {
			return cloneHTTPClient(sm.Deployments[i].HTTPClient)
		}
	}
	return cloneHTTPClient(sm.HTTPClient)
}

// setDefaults sets the defaults before the decoder runs, which overwrites what the file sets.
func (sm *ServiceManager) setDefaults() {
	sm.Timeout = DefaultTimeout
	sm.MaxConcurrentRequests = DefaultMaxConcurrentRequests
	sm.MaxConcurrentRequestsTotal = DefaultMaxConcurrentRequestsTotal
	sm.APIVersion = DefaultAPIVersion
	sm.HTTPClient = defaultHTTPClient()
}

// setDefaults sets the defaults before the decoder runs, which overwrites what the file sets.
func (d *Deployment) setDefaults() {
	d.HTTPClient = defaultHTTPClient()
}

// defaultHTTPClient returns promconfig's defaults, but without HTTP/2, of which the exporter has no
// use: over HTTP/1.1, a request always ends in time, whatever its peer sends.
func defaultHTTPClient() promconfig.HTTPClientConfig {
	c := promconfig.DefaultHTTPClientConfig
	c.EnableHTTP2 = false
	return c
}
