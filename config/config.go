// Package config is what the user writes: the schema of the configuration file, its defaults,
// strict decoding, and validation that lists every mistake at once with its line and field.
// It reads no GoldenGate and makes no metric, and must not come to import what does.
package config

import (
	"net/url"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// What a Service Manager gets where the file says nothing.
const (
	DefaultTimeout               = 10 * time.Second
	DefaultMaxConcurrentRequests = 8
)

// maxConcurrentRequests is the most that max_concurrent_requests may ask for.
const maxConcurrentRequests = 1000

// Config is a whole, valid configuration. Its printed, JSON and YAML forms hold no secret.
type Config struct {
	// ServiceManagers are in the order of the file, each with its own name. There is at least one,
	// or else an element of OCI.
	ServiceManagers []ServiceManager `yaml:"service_managers"`
	// OCI are the entries for Oracle Cloud, in the order of the file, each with its own name.
	OCI []OCI `yaml:"oci"`
}

// ServiceManager is one GoldenGate Service Manager to read.
type ServiceManager struct {
	// Name is the label service_manager, unique in a Config. Default: host:port of URL.
	Name string `yaml:"name"`
	// URL has a scheme (http or https) and a host, with or without a port, and nothing else.
	URL *url.URL `yaml:"url"`
	// ReverseProxy says that URL is that of an NGINX in front of all services.
	ReverseProxy bool `yaml:"reverse_proxy"`
	// Timeout is the longest that one poll may take; more than zero.
	Timeout time.Duration `yaml:"timeout"`
	// MaxConcurrentRequests bounds what is in flight to one GoldenGate service; 1 to 1000.
	MaxConcurrentRequests int `yaml:"max_concurrent_requests"`
	// HTTPClient says how to authenticate and connect. Its file paths are ready to be opened.
	HTTPClient promconfig.HTTPClientConfig `yaml:",inline"`
	// IncludeDeployments names the deployments to read. Its zero value matches all.
	IncludeDeployments Pattern `yaml:"include_deployments"`
	// ExcludeDeployments names the deployments to leave out. Its zero value leaves out none.
	ExcludeDeployments Pattern `yaml:"exclude_deployments"`
	// IncludeProcesses and ExcludeProcesses are the same for Extracts and Replicats.
	IncludeProcesses Pattern `yaml:"include_processes"`
	ExcludeProcesses Pattern `yaml:"exclude_processes"`
	// IncludePaths and ExcludePaths are the same for distribution and receiver paths.
	IncludePaths Pattern `yaml:"include_paths"`
	ExcludePaths Pattern `yaml:"exclude_paths"`
	// Labels are those of the target in Prometheus's service discovery; nil when there are none.
	Labels map[string]string `yaml:"labels"`
	// Deployments are the overrides, each with its own name; nil when there are none.
	Deployments []Deployment `yaml:"deployments"`
	// Managed names the one deployment that answers at URL where no Service Manager does, which
	// may be so where Oracle manages it; "" otherwise. No key of the file sets it.
	Managed string `yaml:"-"`
}

// Deployment is an override for one deployment of a Service Manager.
type Deployment struct {
	// Name is that of the deployment in GoldenGate.
	Name string `yaml:"name"`
	// HTTPClient is complete: what the override does not set comes from the Service Manager.
	// It shares no memory with the Service Manager's.
	HTTPClient promconfig.HTTPClientConfig `yaml:",inline"`
}

// Wants says whether a deployment is to be read: included and not excluded.
func (sm *ServiceManager) Wants(deployment string) bool {
	return wants(sm.IncludeDeployments, sm.ExcludeDeployments, deployment)
}

// WantsProcess says the same of an Extract or Replicat.
func (sm *ServiceManager) WantsProcess(process string) bool {
	return wants(sm.IncludeProcesses, sm.ExcludeProcesses, process)
}

// WantsPath says the same of a distribution or receiver path.
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

// wants says whether a name is included and not excluded.
func wants(include, exclude Pattern, name string) bool {
	return (include.IsZero() || include.MatchString(name)) && !exclude.MatchString(name)
}

// HTTPClientFor returns how to connect to the services of a deployment: its override's way,
// or the Service Manager's own. The result is the caller's to change.
func (sm *ServiceManager) HTTPClientFor(deployment string) promconfig.HTTPClientConfig {
	for i := range sm.Deployments {
		if sm.Deployments[i].Name == deployment {
			return cloneHTTPClient(sm.Deployments[i].HTTPClient)
		}
	}
	return cloneHTTPClient(sm.HTTPClient)
}

// setDefaults prepares a Service Manager for the decoder, which overwrites what the file sets.
func (sm *ServiceManager) setDefaults() {
	sm.Timeout = DefaultTimeout
	sm.MaxConcurrentRequests = DefaultMaxConcurrentRequests
	sm.HTTPClient = promconfig.DefaultHTTPClientConfig
}

// setDefaults prepares an override for the decoder, which overwrites what the file sets.
func (d *Deployment) setDefaults() {
	d.HTTPClient = promconfig.DefaultHTTPClientConfig
}
