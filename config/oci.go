package config

import (
	"maps"
	"net/url"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Defaults for an entry of oci.
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

// OCI is an entry of oci: what to find and watch in the Oracle Cloud service OCI GoldenGate.
type OCI struct {
	// Name is the label oci, unique among the entries and the Service Managers.
	Name string `yaml:"name"`
	// Auth is how requests are signed: one of the OCIAuth… constants.
	Auth string `yaml:"auth"`
	// ConfigFile is a configuration file of the OCI SDKs that can be opened as it is, and Profile
	// its section. Both are empty except with OCIAuthConfigFile.
	ConfigFile string `yaml:"config_file"`
	Profile    string `yaml:"profile"`
	// APIKey is nil except with OCIAuthAPIKey.
	APIKey *OCIAPIKey `yaml:"api_key"`
	// Given are the credentials of a simulation, which are in no file; nil otherwise.
	Given *OCICredentials `yaml:"-"`
	// Region is the control plane's, such as eu-frankfurt-1. If empty, it is taken from the
	// profile, the instance or the resource.
	Region string `yaml:"region"`
	// Endpoint is the URL of the control plane; the region's own if nil.
	Endpoint *url.URL `yaml:"endpoint"`
	// CompartmentIDs has at least one element. With IncludeSubcompartments, all compartments below
	// these are watched, too.
	CompartmentIDs         []string `yaml:"compartment_ids"`
	IncludeSubcompartments bool     `yaml:"include_subcompartments"`
	// IdentityEndpoint is the URL of the service that lists compartments; the region's own if nil.
	IdentityEndpoint *url.URL `yaml:"identity_endpoint"`
	// RefreshInterval is the time between refreshes, and Timeout the longest that one may take;
	// both are greater than zero.
	RefreshInterval time.Duration `yaml:"refresh_interval"`
	Timeout         time.Duration `yaml:"timeout"`
	// IncludeDeployments and ExcludeDeployments match display names. Their zero values include all
	// and exclude none.
	IncludeDeployments Pattern `yaml:"include_deployments"`
	ExcludeDeployments Pattern `yaml:"exclude_deployments"`
	// TLSConfig and ProxyConfig are for connections to the control plane.
	TLSConfig   promconfig.TLSConfig   `yaml:"tls_config"`
	ProxyConfig promconfig.ProxyConfig `yaml:",inline"`
	// ScrapeHosts matches the hosts, without a port and in lower case, to which the credentials of
	// Scrape may go. Its zero value stands for Oracle's own names for deployments of the region.
	ScrapeHosts Pattern `yaml:"scrape_hosts"`
	// Scrape is how to read the deployments that are found: a Service Manager without Name, URL and
	// ReverseProxy. If nil, they are not read.
	Scrape *ServiceManager `yaml:"scrape"`
}

// OCIAPIKey is the API signing key of an OCI user.
type OCIAPIKey struct {
	TenancyID   string `yaml:"tenancy_id"`
	UserID      string `yaml:"user_id"`
	Fingerprint string `yaml:"fingerprint"`
	// KeyFile holds the private key in PEM, and PassphraseFile its passphrase; empty if it is not
	// encrypted. Both paths can be opened as they are.
	KeyFile        string `yaml:"key_file"`
	PassphraseFile string `yaml:"passphrase_file"`
}

// OCICredentials sign the requests of an OCI user. Their printed, JSON and YAML forms contain no
// secrets.
type OCICredentials struct {
	TenancyID   string `yaml:"tenancy_id"`
	UserID      string `yaml:"user_id"`
	Fingerprint string `yaml:"fingerprint"`
	// Region is set by the configuration, or else by the profile; "" if by neither.
	Region string `yaml:"region"`
	// Key is the private key in PEM, and Passphrase decrypts it; "" if it is not encrypted.
	Key        promconfig.Secret `yaml:"key"`
	Passphrase promconfig.Secret `yaml:"passphrase"`
}

// Wants reports whether a deployment with that display name is to be watched: included and not
// excluded.
func (o *OCI) Wants(displayName string) bool {
	return wants(o.IncludeDeployments, o.ExcludeDeployments, displayName)
}

// ServiceManager returns the target for a deployment that was found. label is the value of the
// label deployment in its control plane metrics; oggName is its name in GoldenGate, "" if unknown.
// Scrape must not be nil. The result shares no memory with it.
func (o *OCI) ServiceManager(label, oggName string, u *url.URL) ServiceManager {
	sm := *o.Scrape
	sm.Name, sm.URL, sm.ReverseProxy = o.Name+"/"+label, u, true
	if sm.Managed = oggName; oggName == "" {
		sm.Managed = label
	}
	sm.HTTPClient = cloneHTTPClient(sm.HTTPClient)
	sm.Labels = maps.Clone(sm.Labels)
	sm.Expect, sm.ExpectOfAll = slices.Clone(sm.Expect), slices.Clone(sm.ExpectOfAll)
	sm.Deployments = slices.Clone(sm.Deployments)
	for i := range sm.Deployments {
		sm.Deployments[i].HTTPClient = cloneHTTPClient(sm.Deployments[i].HTTPClient)
	}
	return sm
}

// hasEndpoints reports whether the URLs of all services that are asked are configured, so that none
// follows from the region.
func (o *OCI) hasEndpoints() bool {
	return o.Endpoint != nil && (o.IdentityEndpoint != nil || !o.IncludeSubcompartments)
}

// setDefaults sets the defaults before the decoder runs, which overwrites what the file sets.
func (o *OCI) setDefaults() {
	o.Auth = OCIAuthConfigFile
	o.RefreshInterval, o.Timeout = DefaultOCIRefreshInterval, DefaultOCITimeout
}
