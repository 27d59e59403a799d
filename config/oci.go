package config

import (
	"maps"
	"net/url"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// What an entry of oci gets where the file says nothing.
const (
	DefaultOCIConfigFile      = "~/.oci/config"
	DefaultOCIProfile         = "DEFAULT"
	DefaultOCIRefreshInterval = 5 * time.Minute
	DefaultOCITimeout         = time.Minute
)

// The ways to sign requests to OCI.
const (
	OCIAuthConfigFile        = "config_file"
	OCIAuthAPIKey            = "api_key"
	OCIAuthInstancePrincipal = "instance_principal"
	OCIAuthResourcePrincipal = "resource_principal"
)

// OCI is what is to be found and watched of the Oracle Cloud service OCI GoldenGate.
type OCI struct {
	// Name is the label oci. No other entry and no Service Manager has it.
	Name string `yaml:"name"`
	// Auth is how requests are signed: one of the constants OCIAuth….
	Auth string `yaml:"auth"`
	// ConfigFile is a file of the OCI SDKs, ready to be opened, and Profile its section. Both are
	// for OCIAuthConfigFile only, and empty otherwise.
	ConfigFile string `yaml:"config_file"`
	Profile    string `yaml:"profile"`
	// APIKey is for OCIAuthAPIKey only, and nil otherwise.
	APIKey *OCIAPIKey `yaml:"api_key"`
	// Region is that of the control plane, such as eu-frankfurt-1. Empty stands for the one that
	// the profile, the instance or the resource names.
	Region string `yaml:"region"`
	// Endpoint is the URL of the control plane; nil for the region's own.
	Endpoint *url.URL `yaml:"endpoint"`
	// CompartmentIDs has at least one element.
	CompartmentIDs []string `yaml:"compartment_ids"`
	// RefreshInterval is the time from one refresh to the next, and Timeout the longest that one
	// may take; both more than zero.
	RefreshInterval time.Duration `yaml:"refresh_interval"`
	Timeout         time.Duration `yaml:"timeout"`
	// IncludeDeployments and ExcludeDeployments are about display names. Their zero values match
	// all and none.
	IncludeDeployments Pattern `yaml:"include_deployments"`
	ExcludeDeployments Pattern `yaml:"exclude_deployments"`
	// TLSConfig and ProxyConfig are those of the connection to the control plane.
	TLSConfig   promconfig.TLSConfig   `yaml:"tls_config"`
	ProxyConfig promconfig.ProxyConfig `yaml:",inline"`
	// Scrape is how to read the deployments that are found: a Service Manager without Name, URL
	// and ReverseProxy. nil stands for not at all.
	Scrape *ServiceManager `yaml:"scrape"`
}

// OCIAPIKey is the API signing key of an OCI user.
type OCIAPIKey struct {
	TenancyID   string `yaml:"tenancy_id"`
	UserID      string `yaml:"user_id"`
	Fingerprint string `yaml:"fingerprint"`
	// KeyFile holds the private key in PEM, and PassphraseFile, if not empty, what it is
	// encrypted with. Both are ready to be opened.
	KeyFile        string `yaml:"key_file"`
	PassphraseFile string `yaml:"passphrase_file"`
}

// Wants says whether a deployment of that display name is to be watched: included and not excluded.
func (o *OCI) Wants(displayName string) bool {
	return wants(o.IncludeDeployments, o.ExcludeDeployments, displayName)
}

// ServiceManager returns the target for a deployment that was found: label is what its metrics of
// the control plane have in the label deployment, oggName what GoldenGate itself calls it, or ""
// where that is not known. Scrape must not be nil. The result shares nothing with it.
func (o *OCI) ServiceManager(label, oggName string, u *url.URL) ServiceManager {
	sm := *o.Scrape
	sm.Name, sm.URL, sm.ReverseProxy = o.Name+"/"+label, u, true
	if sm.Managed = oggName; oggName == "" {
		sm.Managed = label
	}
	sm.HTTPClient = cloneHTTPClient(sm.HTTPClient)
	sm.Labels = maps.Clone(sm.Labels)
	sm.Deployments = slices.Clone(sm.Deployments)
	for i := range sm.Deployments {
		sm.Deployments[i].HTTPClient = cloneHTTPClient(sm.Deployments[i].HTTPClient)
	}
	return sm
}

// setDefaults prepares an entry for the decoder, which overwrites what the file sets.
func (o *OCI) setDefaults() {
	o.Auth = OCIAuthConfigFile
	o.RefreshInterval, o.Timeout = DefaultOCIRefreshInterval, DefaultOCITimeout
}
