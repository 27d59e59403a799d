package ogg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// site is a deployment that a poll found, and the visit for its readers.
type site struct {
	found *Deployment
	visit *visit
}

// newSite returns the site of a listed deployment.
func (c *Client) newSite(listed listedDeployment) *site {
	s := &site{
		&Deployment{Name: listed.Name, Status: strings.ToLower(listed.Status), Enabled: listed.Enabled},
		&visit{
			deployment: listed.Name, manager: c.serviceManager,
			config: c.config, options: c.options, memory: c.memoryOf(listed.Name),
		},
	}
	if listed.Name == ServiceManager {
		s.visit.root = c.endpointOf(ServiceManager, ServiceManager, c.config.URL.String())
	}
	return s
}

// discoverInstallation finds what the Service Manager lists.
func (c *Client) discoverInstallation(ctx context.Context) ([]*site, error) {
	sites, complete, err := c.discoverAtOnce(ctx)
	if !complete && err == nil {
		return c.discoverSingly(ctx)
	}
	return sites, err
}

// discoverAtOnce lists everything with GET /installation/deployments and GET
// /installation/services. It reports false if the release lacks one of them.
func (c *Client) discoverAtOnce(ctx context.Context) ([]*site, bool, error) {
	begin := time.Now()
	var deployments *[]listedDeployment
	var services *[]listedService
	var deploymentsErr, servicesErr error
	ofDeployments, oddDeployments := rest.WithOddities(ctx)
	ofServices, oddServices := rest.WithOddities(ctx)
	var group wire.Group
	group.Go(func() {
		deploymentsErr = c.options.Panics.Catch("the list of deployments", func() (err error) {
			deployments, err = listDeployments(ofDeployments, c.serviceManager)
			return err
		})
	})
	group.Go(func() {
		servicesErr = c.options.Panics.Catch("the list of services", func() (err error) {
			services, err = listServices(ofServices, c.serviceManager)
			return err
		})
	})
	group.Wait()
	if services == nil && servicesErr == nil || deployments == nil && deploymentsErr == nil {
		return nil, false, wire.Join(servicesErr, deploymentsErr)
	}
	sites := c.assemble(deployments, services)
	for _, s := range sites {
		s.found.record(Read{"deployment", time.Since(begin), deploymentsErr})
	}
	c.recordOdd(sites, "deployment", oddDeployments)
	c.recordOdd(sites, "service", oddServices)
	recordUnnamed(c, sites, "deployment", deployments)
	recordUnnamed(c, sites, "service", services)
	return sites, true, servicesErr
}

// recordOdd records what was odd in a list with the deployment that it is about; with the
// Service Manager's own where that is not known.
func (c *Client) recordOdd(sites []*site, collector string, odd *rest.Oddities) {
	for _, err := range odd.All() {
		about := map[*site][]wire.Odd{}
		for _, o := range err.Odd {
			if s := c.siteOf(sites, o.Siblings["deploymentName"]); s != nil {
				about[s] = append(about[s], o)
			}
		}
		for s, odd := range about {
			s.found.record(Read{Collector: collector, Err: &wire.OddError{URL: err.URL, Odd: odd}})
		}
	}
}

// recordUnnamed records the entries without a name with the deployment that they are about; with
// the Service Manager's own where that is not known.
func recordUnnamed[T interface{ about() (string, bool) }](c *Client, sites []*site, collector string, list *[]T) {
	lost := map[*site]int{}
	for _, entry := range deref(list) {
		deployment, named := entry.about()
		if s := c.siteOf(sites, deployment); s != nil && !named {
			lost[s]++
		}
	}
	for s, entries := range lost {
		s.found.record(Read{Collector: collector, Err: unnamed(entries)})
	}
}

// siteOf returns the site of a deployment, of the Service Manager's own if there is none of that
// name, of the first if that one is not to be read, and nil if the deployment is not.
func (c *Client) siteOf(sites []*site, deployment string) *site {
	if deployment != "" && !c.wants(deployment) {
		return nil
	}
	for _, name := range []string{deployment, ServiceManager} {
		if i := slices.IndexFunc(sites, func(s *site) bool { return s.found.Name == name }); i >= 0 {
			return sites[i]
		}
	}
	if len(sites) == 0 {
		return nil
	}
	return sites[0]
}

// assemble builds the sites of the wanted deployments from the two lists, one of which may be
// missing. It records duplicates in the reads of their deployment.
func (c *Client) assemble(deployments *[]listedDeployment, services *[]listedService) []*site {
	var all []*site
	byName := map[string]*site{}
	add := func(listed listedDeployment) *site {
		s := c.newSite(listed)
		byName[listed.Name], all = s, append(all, s)
		return s
	}
	for _, listed := range deref(deployments) {
		if s := byName[listed.Name]; s != nil {
			s.found.record(Read{Collector: "deployment", Err: &DuplicateError{Name: listed.Name}})
		} else if c.wants(listed.Name) {
			add(listed)
		}
	}
	for _, listed := range deref(services) {
		s := byName[listed.Deployment]
		switch {
		case !c.wants(listed.Deployment) || listed.Name == "":
			continue
		case s == nil:
			s = add(listedDeployment{Name: listed.Deployment})
		case s.visit.peer(listed.Name) != nil:
			s.found.record(Read{Collector: "service", Err: &DuplicateError{Name: listed.Name}})
			continue
		}
		s.visit.peers = append(s.visit.peers, c.newPeer(listed))
	}
	return all
}

// deref returns the list, which is empty if it was not read.
func deref[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}

// wants reports whether the deployment is to be read.
func (c *Client) wants(deployment string) bool {
	return deployment != "" && c.config.Wants(deployment)
}

// discoverSingly lists the deployments with GET /deployments, and requests each of them, and
// each of their services, individually.
func (c *Client) discoverSingly(ctx context.Context) ([]*site, error) {
	within, odd := rest.WithOddities(ctx)
	names, err := listNames(within, c.serviceManager, "/deployments")
	if len(names) == 0 && err != nil {
		c.serviceManager.Forget() // the release may have changed
		return c.withVersions(ctx, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !c.wants(name) })
	sites := make([]*site, len(names))
	var group wire.Group
	for i, name := range names {
		group.Go(func() {
			sites[i] = c.readSite(ctx, name)
			sites[i].found.record(Read{Collector: "deployment", Err: err})
		})
	}
	group.Wait()
	c.recordOdd(sites, "deployment", odd)
	return sites, nil
}

// withVersions returns the error for which nothing of the Service Manager could be listed,
// with the versions of the API that it offers if what was asked is missing.
func (c *Client) withVersions(ctx context.Context, err error) ([]*site, error) {
	if !rest.IsNotFound(err) || c.config.Managed != "" {
		return nil, err
	}
	if another := c.anotherService(ctx); another != nil {
		return nil, fmt.Errorf("%w: %w", another, err)
	}
	s := c.newSite(listedDeployment{Name: ServiceManager})
	s.found.APIVersions, _, _ = readVersions(ctx, s.visit)
	return []*site{s}, notOffered(s.found.APIVersions, c.config.APIVersion, err)
}

// anotherService returns an error that says which service the URL is of, where that is not the
// Service Manager: GET /config/health/check (19c and later; no role).
func (c *Client) anotherService(ctx context.Context) error {
	who, err := rest.Get[struct {
		Service    string `json:"serviceName"`
		Deployment string `json:"deploymentName"`
	}](ctx, c.serviceManager, "/config/health/check")
	if err != nil || who.Service == "" || who.Service == ServiceManager {
		return nil //nolint:nilerr // that it is not known is no failure
	}
	return fmt.Errorf("this is %s of deployment %s, not the Service Manager", wire.OneLine(who.Service), wire.OneLine(who.Deployment))
}

// readSite reads one deployment and its services individually.
func (c *Client) readSite(ctx context.Context, name string) *site {
	begin := time.Now()
	within, odd := rest.WithOddities(ctx)
	listed := listedDeployment{Name: name}
	err := c.options.Panics.Catch("deployment "+name, func() (err error) {
		listed, err = getDeployment(within, c.serviceManager, name)
		return err
	})
	s := c.newSite(listed)
	s.found.record(Read{"deployment", time.Since(begin), wire.Join(err, odd.Err())})

	begin = time.Now()
	within, odd = rest.WithOddities(ctx)
	var services []listedService
	err = c.options.Panics.Catch("the services of "+name, func() (err error) {
		services, err = listServicesSingly(within, c.serviceManager, name)
		return err
	})
	for _, listed := range services {
		s.visit.peers = append(s.visit.peers, c.newPeer(listed))
	}
	s.found.record(Read{"service", time.Since(begin), wire.Join(err, odd.Err())})
	return s
}

// speakREST names the services that are known to have GoldenGate's common routes. Others, such
// as pluginsrvr, are listed but get no requests.
var speakREST = []string{ServiceManager, "adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"}

// notRunning are the states in which a service cannot respond.
var notRunning = []string{"stopped", "killed", "abended"}

// newPeer returns the peer of a listed service, with its endpoint.
func (c *Client) newPeer(listed listedService) *peer {
	p := &peer{listed: Service{
		Name: listed.Name, Status: strings.ToLower(listed.Status),
		Enabled: listed.Enabled, Critical: listed.Critical, Locked: listed.Locked,
	}}
	if listed.Name == ServiceManager && listed.Deployment == ServiceManager {
		p.endpoint = c.serviceManager
		return p
	}
	if !slices.Contains(speakREST, listed.Name) || slices.Contains(notRunning, p.listed.Status) {
		return p
	}
	base, err := serviceURL(c.config, listed)
	if err != nil {
		p.listErr = err
		return p
	}
	p.endpoint = c.endpointOf(listed.Deployment, listed.Name, base)
	return p
}

// Why a service that runs is not asked.
var (
	errNoPort    = errors.New("no listening port is listed for it")
	errPlainText = errors.New("not asked, because it is listed without TLS (isSsl false) and url is https: allow_plain_text would send the password unencrypted")
)

// serviceURL returns the URL of a listed service's API: behind the reverse proxy, or on the
// Service Manager's host at the port that the service listens on. The address that it listens
// on may be unreachable from here. A service without TLS is not asked if url is https, unless
// allow_plain_text is set: the list alone must not decide that a password is sent unencrypted.
func serviceURL(c config.ServiceManager, listed listedService) (string, error) {
	if c.ReverseProxy {
		return baseURL(c, rest.Segment(listed.Deployment)+"/"+rest.Segment(listed.Name)+"/"), nil
	}
	if listed.Port == 0 {
		return "", errNoPort
	}
	scheme := c.URL.Scheme
	switch {
	case listed.TLS == nil:
	case *listed.TLS:
		scheme = "https"
	case scheme == "https" && !c.AllowPlainText:
		return "", errPlainText
	default:
		scheme = "http"
	}
	c.URL = &url.URL{Scheme: scheme, Host: net.JoinHostPort(c.URL.Hostname(), strconv.Itoa(int(listed.Port)))}
	return baseURL(c, ""), nil
}
