package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// redacted replaces a secret in printed output, as in promconfig.
const redacted = "<secret>"

// unsafeKeys are keys that may have secrets below them, but which promconfig prints.
var unsafeKeys = []string{"endpoint_params", "claims", "values"}

// printed is the YAML form of a Service Manager.
type printed struct {
	Name                       string                      `yaml:"name,omitempty"`
	URL                        string                      `yaml:"url,omitempty"`
	ReverseProxy               bool                        `yaml:"reverse_proxy"`
	APIVersion                 string                      `yaml:"api_version"`
	AllowPlainText             bool                        `yaml:"allow_plain_text"`
	Timeout                    time.Duration               `yaml:"timeout"`
	MaxConcurrentRequests      int                         `yaml:"max_concurrent_requests"`
	MaxConcurrentRequestsTotal int                         `yaml:"max_concurrent_requests_total"`
	HTTPClient                 promconfig.HTTPClientConfig `yaml:",inline"`
	IncludeDeployments         string                      `yaml:"include_deployments,omitempty"`
	ExcludeDeployments         string                      `yaml:"exclude_deployments,omitempty"`
	IncludeProcesses           string                      `yaml:"include_processes,omitempty"`
	ExcludeProcesses           string                      `yaml:"exclude_processes,omitempty"`
	IncludePaths               string                      `yaml:"include_paths,omitempty"`
	ExcludePaths               string                      `yaml:"exclude_paths,omitempty"`
	Aliases                    []string                    `yaml:"aliases,omitempty"`
	Labels                     map[string]string           `yaml:"labels,omitempty"`
	Expect                     []Expectation               `yaml:"expect,omitempty"`
	Deployments                []Deployment                `yaml:"deployments,omitempty"`
}

// MarshalYAML returns the Service Manager with its secrets redacted.
func (sm ServiceManager) MarshalYAML() (any, error) {
	p := printed{
		Name: sm.Name, ReverseProxy: sm.ReverseProxy, APIVersion: sm.APIVersion, AllowPlainText: sm.AllowPlainText,
		Timeout: sm.Timeout, MaxConcurrentRequests: sm.MaxConcurrentRequests, MaxConcurrentRequestsTotal: sm.MaxConcurrentRequestsTotal,
		HTTPClient:         sm.HTTPClient,
		IncludeDeployments: sm.IncludeDeployments.String(), ExcludeDeployments: sm.ExcludeDeployments.String(),
		IncludeProcesses: sm.IncludeProcesses.String(), ExcludeProcesses: sm.ExcludeProcesses.String(),
		IncludePaths: sm.IncludePaths.String(), ExcludePaths: sm.ExcludePaths.String(),
		Aliases:     sm.Aliases,
		Labels:      sm.Labels,
		Expect:      sm.Expect,
		Deployments: sm.Deployments,
	}
	if sm.URL != nil {
		p.URL = sm.URL.Redacted()
	}
	return redact(p)
}

// MarshalYAML returns the rule with its patterns as written.
func (e Expectation) MarshalYAML() (any, error) {
	return struct {
		Deployment string `yaml:"deployment,omitempty"`
		Process    string `yaml:"process,omitempty"`
		Path       string `yaml:"path,omitempty"`
		State      string `yaml:"state"`
		Required   bool   `yaml:"required,omitempty"`
	}{e.Deployment.String(), e.Process.String(), e.Path.String(), e.State, e.Required}, nil
}

// printedOCI is the YAML form of an entry of oci.
type printedOCI struct {
	Name                   string                 `yaml:"name"`
	Auth                   string                 `yaml:"auth"`
	ConfigFile             string                 `yaml:"config_file,omitempty"`
	Profile                string                 `yaml:"profile,omitempty"`
	APIKey                 *OCIAPIKey             `yaml:"api_key,omitempty"`
	Region                 string                 `yaml:"region,omitempty"`
	Endpoint               string                 `yaml:"endpoint,omitempty"`
	CompartmentIDs         []string               `yaml:"compartment_ids"`
	IncludeSubcompartments bool                   `yaml:"include_subcompartments,omitempty"`
	IdentityEndpoint       string                 `yaml:"identity_endpoint,omitempty"`
	RefreshInterval        time.Duration          `yaml:"refresh_interval"`
	Timeout                time.Duration          `yaml:"timeout"`
	IncludeDeployments     string                 `yaml:"include_deployments,omitempty"`
	ExcludeDeployments     string                 `yaml:"exclude_deployments,omitempty"`
	TLSConfig              promconfig.TLSConfig   `yaml:"tls_config,omitempty"`
	ProxyConfig            promconfig.ProxyConfig `yaml:",inline"`
	ScrapeHosts            string                 `yaml:"scrape_hosts,omitempty"`
	Scrape                 *ServiceManager        `yaml:"scrape,omitempty"`
}

// MarshalYAML returns the entry with its secrets redacted.
func (o OCI) MarshalYAML() (any, error) {
	p := printedOCI{
		Name: o.Name, Auth: o.Auth, ConfigFile: o.ConfigFile, Profile: o.Profile, APIKey: o.APIKey,
		Region: o.Region, CompartmentIDs: o.CompartmentIDs, IncludeSubcompartments: o.IncludeSubcompartments,
		RefreshInterval: o.RefreshInterval, Timeout: o.Timeout,
		IncludeDeployments: o.IncludeDeployments.String(), ExcludeDeployments: o.ExcludeDeployments.String(),
		TLSConfig: o.TLSConfig, ProxyConfig: o.ProxyConfig, ScrapeHosts: o.ScrapeHosts.String(), Scrape: o.Scrape,
	}
	if o.Endpoint != nil {
		p.Endpoint = o.Endpoint.Redacted()
	}
	if o.IdentityEndpoint != nil {
		p.IdentityEndpoint = o.IdentityEndpoint.Redacted()
	}
	return redact(p)
}

// MarshalYAML returns the override with its secrets redacted.
func (d Deployment) MarshalYAML() (any, error) {
	type plain Deployment
	return redact(plain(d))
}

// MarshalJSON returns what YAML shows, as JSON.
func (c Config) MarshalJSON() ([]byte, error) { return toJSON(c) }

// MarshalJSON returns what YAML shows, as JSON.
func (sm ServiceManager) MarshalJSON() ([]byte, error) { return toJSON(sm) }

// MarshalJSON returns what YAML shows, as JSON.
func (o OCI) MarshalJSON() ([]byte, error) { return toJSON(o) }

// MarshalJSON returns what YAML shows, as JSON.
func (c OCICredentials) MarshalJSON() ([]byte, error) { return toJSON(c) }

// MarshalJSON returns what YAML shows, as JSON.
func (d Deployment) MarshalJSON() ([]byte, error) { return toJSON(d) }

// Format prints YAML without secrets, whatever the verb.
func (c Config) Format(s fmt.State, _ rune) { format(s, c) }

// Format prints YAML without secrets, whatever the verb.
func (sm ServiceManager) Format(s fmt.State, _ rune) { format(s, sm) }

// Format prints YAML without secrets, whatever the verb.
func (o OCI) Format(s fmt.State, _ rune) { format(s, o) }

// Format prints YAML without secrets, whatever the verb.
func (c OCICredentials) Format(s fmt.State, _ rune) { format(s, c) }

// Format prints YAML without secrets, whatever the verb.
func (d Deployment) Format(s fmt.State, _ rune) { format(s, d) }

func format(s fmt.State, v any) {
	b, err := yaml.Marshal(v)
	if err != nil {
		b = []byte("<configuration cannot be printed>")
	}
	_, _ = s.Write(b)
}

func toJSON(v any) ([]byte, error) {
	b, err := yaml.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	if err := yaml.Unmarshal(b, &plain); err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

// redact returns v as a YAML tree, with the values under unsafeKeys hidden.
func redact(v any) (*yaml.Node, error) {
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		return nil, err
	}
	hide(n, false)
	return n, nil
}

func hide(n *yaml.Node, unsafe bool) {
	if n.Kind == yaml.ScalarNode && unsafe {
		*n = yaml.Node{Kind: yaml.ScalarNode, Value: redacted}
	}
	for i, child := range n.Content {
		switch {
		case n.Kind != yaml.MappingNode:
			hide(child, unsafe)
		case i%2 == 1:
			hide(child, unsafe || slices.Contains(unsafeKeys, n.Content[i-1].Value))
		}
	}
}
