package ogg

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
			config: c.config, options: c.options, memory: c.memoryOf(listed.Name), starts: &c.starts,
		},
	}
	if listed.Name == ServiceManager {
		s.visit.root = c.endpointOf(ServiceManager, ServiceManager, c.config.URL.String())
	}
	return s
}

// discoverInstallation finds what the Service Manager lists.
func (c *Client) discoverInstallation(ctx context.Context, inst *Installation) ([]*site, error) {
	sites, complete, err := c.discoverAtOnce(ctx, inst)
	if !complete && err == nil {
		return c.discoverSingly(ctx, inst)
	}
	return sites, err
}

// discoverAtOnce lists everything with GET /installation/deployments and GET
// /installation/services. It reports false if the release lacks one of them.
func (c *Client) discoverAtOnce(ctx context.Context, inst *Installation) ([]*site, bool, error) {
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
	sites, err := c.assemble(deployments, services)
	if err != nil {
		return nil, true, err
	}
	for _, s := range sites {
		s.found.record(Read{"deployment", time.Since(begin), deploymentsErr})
	}
	c.recordOdd(sites, "deployment", oddDeployments)
	c.recordOdd(sites, "service", oddServices)
	recordUnnamed(c, sites, "deployment", deployments)
	recordUnnamed(c, sites, "service", services)
	inst.Listed = deploymentsErr == nil && !slices.ContainsFunc(deref(deployments), func(d listedDeployment) bool { return d.Name == "" })
	return sites, true, servicesErr
}

// recordOdd records what was odd in a list with the deployment that it is about; with the
// Service Manager's own where that is not known.
func (c *Client) recordOdd(sites []*site, collector string, odd *rest.Oddities) {
	if len(odd.All()) == 0 {
		return
	}
	of := c.siteOf(sites)
	for _, err := range odd.All() {
		about := map[*site][]wire.Odd{}
		for _, o := range err.Odd {
			if s := of(o.Siblings["deploymentName"]); s != nil {
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
	of, lost := c.siteOf(sites), map[*site]int{}
	for _, entry := range deref(list) {
		if deployment, named := entry.about(); !named {
			lost[of(deployment)]++
		}
	}
	delete(lost, nil)
	for s, entries := range lost {
		s.found.record(Read{Collector: collector, Err: unnamed(entries)})
	}
}

// siteOf returns a function that returns the site of a deployment, of the Service Manager's own if
// there is none of that name, of the first if that one is not to be read, and nil if the deployment
// is not.
func (c *Client) siteOf(sites []*site) func(deployment string) *site {
	byName := make(map[string]*site, len(sites))
	for _, s := range sites {
		byName[s.found.Name] = s
	}
	return func(deployment string) *site {
		if deployment != "" && !c.wants(deployment) {
			return nil
		}
		for _, name := range []string{deployment, ServiceManager} {
			if s := byName[name]; s != nil {
				return s
			}
		}
		if len(sites) == 0 {
			return nil
		}
		return sites[0]
	}
}

// maxDeployments is how many deployments are read of one Service Manager. Of more, none is:
// which are left out must not depend on their order.
const maxDeployments = 2_000

// tooMany returns an error if there are more deployments than are read.
func tooMany(deployments int) error {
	if deployments <= maxDeployments {
		return nil
	}
	return fmt.Errorf("%d deployments, more than the %d that are read; see exclude_deployments", deployments, maxDeployments)
}

// assembly builds sites from lists.
type assembly struct {
	*Client
	all    []*site
	byName map[string]*site
	// What is listed twice, and the services that are too many, by site.
	deployments, services map[*site]*duplicates
	surplus               map[*site]int
}

// assemble builds the sites of the wanted deployments from the two lists, one of which may be
// missing. It records duplicates in the reads of their deployment, and fails if there are too many
// deployments.
func (c *Client) assemble(deployments *[]listedDeployment, services *[]listedService) ([]*site, error) {
	names := map[string]bool{}
	for _, listed := range deref(deployments) {
		names[listed.Name] = names[listed.Name] || c.wants(listed.Name)
	}
	for _, listed := range deref(services) {
		names[listed.Deployment] = names[listed.Deployment] || c.wants(listed.Deployment)
	}
	maps.DeleteFunc(names, func(_ string, wanted bool) bool { return !wanted })
	if err := tooMany(len(names)); err != nil {
		return nil, err
	}
	a := &assembly{c, nil, map[string]*site{}, map[*site]*duplicates{}, map[*site]*duplicates{}, map[*site]int{}}
	for _, listed := range deref(deployments) {
		if names[listed.Name] {
			a.addDeployment(listed)
		}
	}
	for _, listed := range deref(services) {
		if names[listed.Deployment] && listed.Name != "" {
			a.addService(listed)
		}
	}
	a.record()
	return a.all, nil
}

// record records what was left out.
func (a *assembly) record() {
	for _, s := range a.all {
		if others := a.deployments[s]; others != nil {
			s.found.record(Read{Collector: "deployment", Err: others.err()})
		}
		if others := a.services[s]; others != nil {
			s.found.record(Read{Collector: "service", Err: others.err()})
		}
		if n := a.surplus[s]; n > 0 {
			s.found.record(Read{Collector: "service", Err: tooManyServices(n)})
		}
	}
}

// addDeployment adds a listed deployment.
func (a *assembly) addDeployment(listed listedDeployment) {
	if s := a.byName[listed.Name]; s != nil {
		noteDuplicate(a.deployments, s, listed.Name)
		return
	}
	a.add(listed)
}

// add adds a deployment that is not listed yet.
func (a *assembly) add(listed listedDeployment) *site {
	s := a.newSite(listed)
	a.byName[listed.Name], a.all = s, append(a.all, s)
	return s
}

// addService adds a listed service, and its deployment if only its services are listed.
func (a *assembly) addService(listed listedService) {
	s := a.byName[listed.Deployment]
	switch {
	case s == nil:
		s = a.add(listedDeployment{Name: listed.Deployment})
	case s.visit.peer(listed.Name) != nil:
		noteDuplicate(a.services, s, listed.Name)
		return
	case len(s.visit.peers) == maxServices:
		a.surplus[s]++
		return
	}
	s.visit.peers = append(s.visit.peers, a.newPeer(listed))
}

// noteDuplicate notes that something of a site is listed twice.
func noteDuplicate(of map[*site]*duplicates, s *site, name string) {
	if of[s] == nil {
		of[s] = &duplicates{}
	}
	of[s].add(name)
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
func (c *Client) discoverSingly(ctx context.Context, inst *Installation) ([]*site, error) {
	within, odd := rest.WithOddities(ctx)
	names, err := listNames(within, c.serviceManager, "/deployments")
	if len(names) == 0 && err != nil {
		c.serviceManager.Forget() // the release may have changed
		return c.withVersions(ctx, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !c.wants(name) })
	if tooMany := tooMany(len(names)); tooMany != nil {
		return nil, tooMany
	}
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
	inst.Listed = err == nil
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
		Name: listed.Name, Status: strings.ToLower(listed.Status), Port: int(listed.Port),
		Enabled: listed.Enabled, Critical: listed.Critical, Locked: listed.Locked,
	}}
	if listed.Name == ServiceManager && listed.Deployment == ServiceManager {
		p.endpoint = c.serviceManager
		return p
	}
	if !slices.Contains(speakREST, listed.Name) || slices.Contains(notRunning, p.listed.Status) {
		p.listed.CertificateNotAfter = c.certificateSeen(listed.Deployment, listed.Name)
		return p
	}
	base, err := serviceURL(c.config, listed)
	if err != nil {
		p.listErr = err
		p.listed.CertificateNotAfter = c.certificateSeen(listed.Deployment, listed.Name)
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
