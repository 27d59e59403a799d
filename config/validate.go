package config

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	promconfig "github.com/prometheus/common/config"
)

// apiVersion matches a version of the REST API.
var apiVersion = regexp.MustCompile(`^v[0-9]+$`)

// validate applies the rules that involve more than one value, and completes what is valid.
func (d *decoder) validate(c *Config) {
	const list = "service_managers"
	if len(c.ServiceManagers) == 0 && len(c.OCI) == 0 && !d.broken[list] && !d.broken["oci"] && !d.broken[""] {
		d.add(list, "must list at least one Service Manager if oci has no entries")
	}
	seen := map[string]int{}
	for i := range c.ServiceManagers {
		sm, path := &c.ServiceManagers[i], index(list, i)
		if d.broken[path] {
			continue
		}
		d.validateServiceManager(sm, path)
		d.unique(seen, sm.Name, i, list)
	}
	d.validateOCIs(c)
	d.validateExpectations(c.Expect, "expect")
	c.shareExpectations()
}

// shareExpectations gives the rules for all to each Service Manager.
func (c *Config) shareExpectations() {
	for i := range c.ServiceManagers {
		c.ServiceManagers[i].ExpectOfAll = c.Expect
	}
	for i := range c.OCI {
		if scrape := c.OCI[i].Scrape; scrape != nil {
			scrape.ExpectOfAll = c.Expect
		}
	}
}

// validateServiceManager checks and completes a Service Manager and its overrides.
func (d *decoder) validateServiceManager(sm *ServiceManager, path string) {
	if !d.has(join(path, "url")) {
		d.add(join(path, "url"), "is missing")
	}
	d.validateName(sm.Name, join(path, "name"))
	if sm.Name == "" && sm.URL != nil && !d.has(join(path, "name")) {
		sm.Name = hostPort(sm.URL)
	}
	d.validateReading(sm, path)
	if sm.URL != nil {
		d.validatePath(sm.URL, sm.ReverseProxy, join(path, "url"))
		sm.nameServer(withoutZone(sm.URL))
	}
}

// nameServer sets the name in the certificates of all services where none is set; "" sets none.
func (sm *ServiceManager) nameServer(name string) {
	set := func(c *promconfig.TLSConfig) { c.ServerName = cmp.Or(c.ServerName, name) }
	set(&sm.HTTPClient.TLSConfig)
	for i := range sm.Deployments {
		set(&sm.Deployments[i].HTTPClient.TLSConfig)
	}
}

// validateReading checks and completes the settings for reading a Service Manager.
func (d *decoder) validateReading(sm *ServiceManager, path string) {
	d.validateConcurrency(sm, path)
	if !apiVersion.MatchString(sm.APIVersion) {
		d.add(join(path, "api_version"), "must be v and digits, such as v2")
	}
	d.validateLabels(sm.Labels, join(path, "labels"))
	d.validateAliases(sm.Aliases, join(path, "aliases"))
	d.validateExpectations(sm.Expect, join(path, "expect"))
	d.validateHTTPClient(&sm.HTTPClient, path)
	d.validateDeployments(sm, join(path, "deployments"))
	d.complete(&sm.HTTPClient, path)
}

// validateConcurrency checks and completes how many requests may be in flight.
func (d *decoder) validateConcurrency(sm *ServiceManager, path string) {
	const one, all = "max_concurrent_requests", "max_concurrent_requests_total"
	if !d.has(join(path, all)) {
		sm.MaxConcurrentRequestsTotal = max(DefaultMaxConcurrentRequestsTotal, sm.MaxConcurrentRequests)
	} else if n := sm.MaxConcurrentRequestsTotal; n < 1 || n > maxConcurrentRequests {
		d.add(join(path, all), "must be from 1 to %d", maxConcurrentRequests)
	}
	if n := sm.MaxConcurrentRequests; n < 1 || n > maxConcurrentRequests {
		d.add(join(path, one), "must be from 1 to %d", maxConcurrentRequests)
	}
}

func (d *decoder) validateDeployments(sm *ServiceManager, list string) {
	seen := map[string]int{}
	for i := range sm.Deployments {
		dep, path := &sm.Deployments[i], index(list, i)
		if d.broken[path] {
			continue
		}
		if !d.has(join(path, "name")) {
			d.add(join(path, "name"), "is missing")
		}
		d.validateText(dep.Name, join(path, "name"))
		d.unique(seen, dep.Name, i, list)
		d.validateHTTPClient(&dep.HTTPClient, path)
		if !d.spendOnCopy(sm.HTTPClient) {
			return
		}
		inherit(&dep.HTTPClient, sm.HTTPClient, func(key string) bool { return d.has(join(path, key)) })
		d.complete(&dep.HTTPClient, path)
	}
}

// PipelinesName is the target under which the pipelines of all Service Managers are, and so the name of
// none of them.
const PipelinesName = "_pipelines"

// validateName checks the name of a Service Manager or of an entry of oci.
func (d *decoder) validateName(name, path string) {
	d.validateText(name, path)
	if name == PipelinesName {
		d.add(path, "must not be %s: reserved for the pipelines of all Service Managers", PipelinesName)
	}
}

// validateAliases checks and completes the other names of a host.
func (d *decoder) validateAliases(aliases []string, list string) {
	for i, alias := range aliases {
		path := index(list, i)
		if d.broken[path] || d.reported(path) || !d.spend(len(aliases)) {
			continue
		}
		aliases[i] = canonicalHost(alias)
		address, err := netip.ParseAddr(aliases[i])
		switch {
		case alias == "":
			d.add(path, "must not be empty")
		case err != nil && strings.ContainsFunc(alias, isNoHost):
			d.add(path, "must be a host name or address, without scheme, port, path or brackets")
		case err == nil && address.IsLoopback(), aliases[i] == "localhost":
			d.add(path, "must not be what every host calls itself")
		case slices.Contains(aliases[:i], aliases[i]):
			d.add(path, "is listed twice")
		}
	}
}

// validateText checks that a string is valid as the value of a label and readable for people.
func (d *decoder) validateText(s, path string) {
	switch {
	case !utf8.ValidString(s):
		d.add(path, "must be valid UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		d.add(path, "must not contain control characters")
	case s != strings.TrimSpace(s):
		d.add(path, "must not start or end with a space")
	}
}

// unique checks that no earlier element of a list has the same name.
func (d *decoder) unique(seen map[string]int, name string, i int, list string) {
	first, duplicate := seen[name]
	switch at := index(list, first); {
	case name == "":
	case duplicate:
		d.add(join(index(list, i), "name"), "%s is also the name of %s on line %d", quote(name), at, d.line(at))
	default:
		seen[name] = i
	}
}

// validateExpectations checks the rules of a list.
func (d *decoder) validateExpectations(rules []Expectation, list string) {
	for i := range rules {
		if path := index(list, i); !d.broken[path] && d.spend(0) {
			d.validateExpectation(&rules[i], path)
		}
	}
}

func (d *decoder) validateExpectation(e *Expectation, path string) {
	patterns := map[string]Pattern{"deployment": e.Deployment, "process": e.Process, "path": e.Path}
	named := false
	for key, pattern := range patterns {
		at := join(path, key)
		if !d.has(at) {
			continue
		}
		named = true
		_, literal := pattern.literal()
		switch {
		case d.broken[at] || d.reported(at):
		case pattern.IsZero():
			d.add(at, "must not be empty")
		case e.Required && !literal:
			d.add(at, "must be a plain name, not a pattern, because required is true")
		}
	}
	switch at := join(path, "state"); {
	case !named:
		d.add(path, "must have deployment, process or path")
	case d.has(join(path, "process")) && d.has(join(path, "path")):
		d.add(join(path, "path"), "must not be set together with process")
	case !d.has(at):
		d.add(at, "is missing")
	case !d.broken[at] && !slices.Contains([]string{ExpectRunning, ExpectStopped, ExpectAny}, e.State):
		d.add(at, "must be running, stopped or any, not %s", quote(e.State))
	}
}
