package config

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// ociAuthKeys are the keys that require a certain value of auth.
var ociAuthKeys = map[string]string{
	"config_file": OCIAuthConfigFile, "profile": OCIAuthConfigFile, "api_key": OCIAuthAPIKey,
}

// foundKeys are the keys of a Service Manager that OCI sets for each deployment.
var foundKeys = []string{"name", "url", "reverse_proxy"}

var (
	ociRegion      = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.-]*$`)
	ociCompartment = regexp.MustCompile(`^ocid1\.(compartment|tenancy)\.[a-zA-Z0-9_.-]+$`)
)

func (d *decoder) validateOCIs(c *Config) {
	const list = "oci"
	seen := map[string]int{}
	for i := range c.OCI {
		if path := index(list, i); !d.broken[path] {
			d.validateOCI(&c.OCI[i], path)
			d.unique(seen, c.OCI[i].Name, i, list)
		}
	}
	for i := range c.ServiceManagers {
		d.apart(c.ServiceManagers[i].Name, index("service_managers", i), seen)
	}
}

// apart checks that a Service Manager does not have the name of an entry of oci, or one that a
// deployment found there may get.
func (d *decoder) apart(name, path string, found map[string]int) {
	prefix, _, below := strings.Cut(name, "/")
	i, taken := found[prefix]
	switch at := index("oci", i); {
	case !taken || name == "":
	case below:
		d.add(join(path, "name"), "must not start with %s: reserved for the deployments of %s on line %d", quote(prefix+"/"), at, d.line(at))
	default:
		d.add(join(path, "name"), "%s is also the name of %s on line %d", quote(name), at, d.line(at))
	}
}

func (d *decoder) validateOCI(o *OCI, path string) {
	if !d.has(join(path, "name")) {
		d.add(join(path, "name"), "is missing")
	}
	d.validateName(o.Name, join(path, "name"))
	if strings.Contains(o.Name, "/") {
		d.add(join(path, "name"), "must not contain a /")
	}
	d.validateOCIAuth(o, path)
	for key, endpoint := range map[string]*url.URL{"endpoint": o.Endpoint, "identity_endpoint": o.IdentityEndpoint} {
		if endpoint != nil && endpoint.Path != "" {
			d.add(join(path, key), "must not have a path")
		}
	}
	d.validateCompartments(o, path)
	d.validateTLS(&o.TLSConfig, join(path, "tls_config"))
	d.validateProxy(&o.ProxyConfig, path)
	if o.Scrape != nil && !d.broken[join(path, "scrape")] {
		d.validateScrape(o.Scrape, join(path, "scrape"))
	}
	if len(d.list) == 0 {
		c := promconfig.HTTPClientConfig{TLSConfig: o.TLSConfig, ProxyConfig: o.ProxyConfig}
		d.complete(&c, path)
	}
}

// validateOCIAuth checks the keys for signing against auth.
func (d *decoder) validateOCIAuth(o *OCI, path string) {
	ways := []string{OCIAuthConfigFile, OCIAuthAPIKey, OCIAuthInstancePrincipal, OCIAuthResourcePrincipal}
	if !slices.Contains(ways, o.Auth) {
		d.add(join(path, "auth"), "must be %s", strings.Join(ways[:3], ", ")+" or "+ways[3])
		return
	}
	for key, way := range ociAuthKeys {
		if d.has(join(path, key)) && way != o.Auth {
			d.add(join(path, key), "requires auth: %s, not %s", way, o.Auth)
		}
	}
	if at := join(path, "region"); d.has(at) && !ociRegion.MatchString(o.Region) {
		d.add(at, "must be the name of a region, such as eu-frankfurt-1")
	}
	switch o.Auth {
	case OCIAuthAPIKey:
		d.validateAPIKey(o, path)
	case OCIAuthConfigFile:
		d.validateProfile(o, path)
	}
}

// validateAPIKey checks an API key that is set in the configuration itself.
func (d *decoder) validateAPIKey(o *OCI, path string) {
	if o.Region == "" && !o.hasEndpoints() && !d.has(join(path, "region")) {
		d.add(join(path, "region"), "is missing")
	}
	at := join(path, "api_key")
	if o.APIKey == nil {
		if !d.broken[at] {
			d.add(at, "is missing")
		}
		return
	}
	complete := true
	for _, key := range []string{"tenancy_id", "user_id", "fingerprint", "key_file"} {
		if !d.has(join(at, key)) {
			d.add(join(at, key), "is missing")
			complete = false
		}
	}
	if complete {
		d.checkCredentials(o, join(at, "key_file"))
	}
}

// validateProfile sets the default file and profile, and checks the profile.
func (d *decoder) validateProfile(o *OCI, path string) {
	at := join(path, "config_file")
	if !d.has(at) {
		o.ConfigFile = d.checkFile(DefaultOCIConfigFile, at)
	}
	if !d.has(join(path, "profile")) {
		o.Profile = DefaultOCIProfile
	}
	if o.ConfigFile != "" && o.Profile != "" {
		d.checkCredentials(o, at)
	}
}

// checkCredentials checks that everything needed to sign requests is there.
func (d *decoder) checkCredentials(o *OCI, path string) {
	parent, _ := cutLast(path)
	if d.reported(path, join(parent, "passphrase_file")) {
		return // the file cannot be read
	}
	c, err := o.Credentials()
	switch {
	case errors.Is(err, errNoProfile):
		d.add(join(parent, "profile"), "%s", err)
	case err != nil:
		d.add(path, "%s", err)
	case c.Region == "" && !o.hasEndpoints():
		d.add(path, "profile has no region; set region here or in the profile")
	}
}

// validateCompartments checks that there are compartments, without duplicates, and that those below
// them can be listed.
func (d *decoder) validateCompartments(o *OCI, parent string) {
	if at := join(parent, "identity_endpoint"); d.has(at) && !o.IncludeSubcompartments {
		d.add(at, "requires include_subcompartments: true")
	}
	ids, path := o.CompartmentIDs, join(parent, "compartment_ids")
	if len(ids) == 0 && !d.broken[path] {
		d.add(path, "must list at least one compartment")
	}
	seen := map[string]bool{}
	for i, id := range ids {
		at := index(path, i)
		switch {
		case d.broken[at]:
		case !ociCompartment.MatchString(id):
			d.add(at, "must be the OCID of a compartment or tenancy, such as ocid1.compartment.oc1..a")
		case seen[id]:
			d.add(at, "is listed twice")
		}
		seen[id] = true
	}
}

// validateScrape checks and completes the settings for reading the deployments that are found.
func (d *decoder) validateScrape(sm *ServiceManager, path string) {
	for _, key := range foundKeys {
		if d.has(join(path, key)) {
			d.add(join(path, key), "cannot be set here: OCI reports it for each deployment")
		}
	}
	if d.has(join(path, "aliases")) {
		d.add(join(path, "aliases"), "cannot be set here: each deployment is on a host of its own")
	}
	d.validateReading(sm, path)
}
