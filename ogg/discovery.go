package ogg

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// discover fills in the installation's deployments, each with its services and
// how to ask them. It fails when they could not be listed at all; what failed of
// one deployment is in that deployment's reads.
func (c *Client) discover(ctx context.Context, inst *Installation) error {
	by := c.discoverInstallation
	if c.config.Managed != "" {
		by = c.discoverManaged
	}
	err := by(ctx, inst)
	for _, d := range inst.Deployments {
		slices.SortFunc(d.Services, func(a, b *Service) int { return cmp.Compare(a.Name, b.Name) })
	}
	slices.SortFunc(inst.Deployments, func(a, b *Deployment) int { return cmp.Compare(a.Name, b.Name) })
	return err
}

// discoverInstallation lists what the Service Manager tells of.
func (c *Client) discoverInstallation(ctx context.Context, inst *Installation) error {
	complete, err := c.discoverAtOnce(ctx, inst)
	if !complete && err == nil {
		inst.Deployments = nil
		err = c.discoverSingly(ctx, inst)
	}
	return err
}

// discoverAtOnce lists everything by GET /installation/deployments and
// GET /installation/services. It reports false where the release lacks one.
func (c *Client) discoverAtOnce(ctx context.Context, inst *Installation) (bool, error) {
	begin := time.Now()
	var deployments *[]listedDeployment
	var services *[]listedService
	var deploymentsErr, servicesErr error
	var group errgroup.Group
	group.Go(func() error {
		deployments, deploymentsErr = listDeployments(ctx, c.serviceManager)
		return nil
	})
	group.Go(func() error {
		services, servicesErr = listServices(ctx, c.serviceManager)
		return nil
	})
	_ = group.Wait()
	if services == nil && servicesErr == nil || deployments == nil && deploymentsErr == nil {
		return false, errors.Join(servicesErr, deploymentsErr)
	}
	inst.Deployments = c.assemble(deployments, services)
	for _, d := range inst.Deployments {
		d.record(Read{"deployment", time.Since(begin), deploymentsErr})
	}
	return true, servicesErr
}

// assemble makes the wanted deployments of the two lists, of which one may be
// missing. What is listed twice is in the reads of its deployment.
func (c *Client) assemble(deployments *[]listedDeployment, services *[]listedService) []*Deployment {
	var all []*Deployment
	byName := map[string]*Deployment{}
	add := func(listed listedDeployment) *Deployment {
		d := c.newDeployment(listed)
		byName[listed.Name], all = d, append(all, d)
		return d
	}
	for _, listed := range deref(deployments) {
		if d := byName[listed.Name]; d != nil {
			d.record(Read{Collector: "deployment", Err: &DuplicateError{listed.Name}})
		} else if c.wants(listed.Name) {
			add(listed)
		}
	}
	for _, listed := range deref(services) {
		d := byName[listed.Deployment]
		switch {
		case !c.wants(listed.Deployment) || listed.Name == "":
			continue
		case d == nil:
			d = add(listedDeployment{Name: listed.Deployment})
		case d.Service(listed.Name) != nil:
			d.record(Read{Collector: "service", Err: &DuplicateError{listed.Name}})
			continue
		}
		d.Services = append(d.Services, c.newService(listed))
	}
	return all
}

// deref returns the list that was read, or none.
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

// discoverSingly lists the deployments by GET /deployments and asks for each of
// them, and each of their services, alone.
func (c *Client) discoverSingly(ctx context.Context, inst *Installation) error {
	names, err := listNames(ctx, c.serviceManager, "/deployments")
	if len(names) == 0 && err != nil {
		c.serviceManager.memory.forget() // the release may have changed
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !c.wants(name) })
	inst.Deployments = make([]*Deployment, len(names))
	var group errgroup.Group
	for i, name := range names {
		group.Go(func() error {
			d := c.readDeployment(ctx, name)
			d.record(Read{Collector: "deployment", Err: err})
			inst.Deployments[i] = d
			return nil
		})
	}
	return group.Wait()
}

// readDeployment reads one deployment and its services, each by itself.
func (c *Client) readDeployment(ctx context.Context, name string) *Deployment {
	begin := time.Now()
	listed, err := getDeployment(ctx, c.serviceManager, name)
	d := c.newDeployment(listed)
	d.record(Read{"deployment", time.Since(begin), err})

	begin = time.Now()
	services, err := listServicesSingly(ctx, c.serviceManager, name)
	for _, s := range services {
		d.Services = append(d.Services, c.newService(s))
	}
	d.record(Read{"service", time.Since(begin), err})
	return d
}

// newDeployment makes a deployment of what was listed of it.
func (c *Client) newDeployment(listed listedDeployment) *Deployment {
	return &Deployment{Name: listed.Name, Status: strings.ToLower(listed.Status), Enabled: listed.Enabled, client: c, monitoring: &monitoring{}}
}

// speakREST names the services that are known to answer as GoldenGate's common
// endpoints do. Others, such as pluginsrvr, are listed and not asked.
var speakREST = []string{ServiceManager, "adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"}

// notRunning names the states in which a service cannot be asked.
var notRunning = []string{"stopped", "killed", "abended"}

// newService makes a service of what was listed of it, with the endpoint to ask
// it at.
func (c *Client) newService(listed listedService) *Service {
	s := &Service{
		Name: listed.Name, Status: strings.ToLower(listed.Status),
		Enabled: listed.Enabled, Critical: listed.Critical, Locked: listed.Locked,
	}
	if listed.Name == ServiceManager && listed.Deployment == ServiceManager {
		s.endpoint = c.serviceManager
		return s
	}
	if !slices.Contains(speakREST, s.Name) || slices.Contains(notRunning, s.Status) {
		return s
	}
	base, err := c.serviceURL(listed)
	if err != nil {
		s.listErr = err
		return s
	}
	s.endpoint = c.endpointOf(listed.Deployment, listed.Name, base)
	return s
}

var errNoPort = errors.New("no listening port is listed for it")

// serviceURL returns where the API of a listed service is: behind the reverse
// proxy, or on the Service Manager's own host at the port that the service
// listens on. The address that it listens on is no host to call.
func (c *Client) serviceURL(listed listedService) (string, error) {
	origin := *c.config.URL
	if c.config.ReverseProxy {
		return baseURL(origin.Scheme, origin.Host, segment(listed.Deployment)+"/"+segment(listed.Name)+"/"), nil
	}
	if listed.Port == 0 {
		return "", errNoPort
	}
	if listed.TLS != nil {
		origin.Scheme = "http"
		if *listed.TLS {
			origin.Scheme = "https"
		}
	}
	return baseURL(origin.Scheme, net.JoinHostPort(origin.Hostname(), strconv.Itoa(int(listed.Port))), ""), nil
}

// serviceManagerURL returns where the Service Manager's API is.
func (c *Client) serviceManagerURL() string {
	if c.config.ReverseProxy {
		return baseURL(c.config.URL.Scheme, c.config.URL.Host, ServiceManager+"/")
	}
	return baseURL(c.config.URL.Scheme, c.config.URL.Host, "")
}

// baseURL returns the part of a URL that all routes of a service share; prefix
// is the escaped path by which a reverse proxy knows the service.
func baseURL(scheme, host, prefix string) string {
	return scheme + "://" + host + "/services/" + prefix + "v2"
}
