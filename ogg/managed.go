package ogg

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// A deployment that Oracle manages, of OCI GoldenGate, answers at a URL of its own, in
// the layout of the NGINX front. Whether a Service Manager answers there, too, is not
// known: where none does, the deployment's own services are asked by the short form of
// that layout, which leaves the deployment out, and what only a Service Manager tells
// (whether something is enabled, locked or critical, certificates) is missing.

// managed is what is known of the deployment that answers where no Service Manager does.
type managed struct {
	mu      sync.Mutex
	status  string          // what Oracle's control plane says; empty where nothing
	alone   bool            // no Service Manager answers
	lacking map[string]bool // services that are not there
}

// SetManagedStatus says what Oracle's control plane says of the deployment that the
// configuration names as managed: running, stopped, or "" where that is not known or
// something else. It counts from the next poll on: one that is stopped is not asked
// anything.
func (c *Client) SetManagedStatus(status string) {
	c.managed.mu.Lock()
	defer c.managed.mu.Unlock()
	c.managed.status = status
}

// known returns the control plane's status, and whether no Service Manager answers.
func (m *managed) known() (status string, alone bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status, m.alone
}

// note keeps whether no Service Manager answers. Where it may have become another
// matter, all is asked again.
func (m *managed) note(alone bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alone = alone; !alone {
		m.lacking = nil
	}
}

// lacks reports whether the service is known not to be there.
func (m *managed) lacks(service string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lacking[service]
}

// noteLacking remembers that the service is not there.
func (m *managed) noteLacking(service string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lacking == nil {
		m.lacking = map[string]bool{}
	}
	m.lacking[service] = true
}

// discoverManaged is discover for a deployment that Oracle manages.
func (c *Client) discoverManaged(ctx context.Context, inst *Installation) error {
	status, alone := c.managed.known()
	if status == "stopped" {
		inst.Deployments = []*Deployment{c.newDeployment(listedDeployment{Name: c.config.Managed, Status: status})}
		return nil
	}
	lasting := alone
	if !alone {
		err := c.discoverInstallation(ctx, inst)
		if !isNoServiceManager(err) {
			return err
		}
		lasting = !isNoAnswer(err)
	}
	inst.Deployments = nil
	if !c.wants(c.config.Managed) {
		return nil
	}
	d, err := c.readAlone(ctx, status)
	inst.Deployments = []*Deployment{d}
	c.managed.note(lasting && err == nil)
	return err
}

// isNoServiceManager reports whether err may mean that there is no Service Manager for
// the user: the front, a sign-in page or another service answered in its place.
func isNoServiceManager(err error) bool {
	return lacks(err) || isRefusal(err) || isA[*BodyError](err) || isA[*RedirectError](err) ||
		hasStatus(err, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}

// readAlone reads which services the deployment has, of those that one can have: 1
// request each, for its health. It fails, with the deployment all the same, when none
// answers. Where the control plane says that the deployment runs, it does if one of
// them answers, and else that is unknown.
func (c *Client) readAlone(ctx context.Context, status string) (*Deployment, error) {
	begin := time.Now()
	d := c.newDeployment(listedDeployment{Name: c.config.Managed})
	d.alone = true
	for _, name := range speakREST {
		if name != ServiceManager && !c.managed.lacks(name) {
			base := baseURL(c.config.URL.Scheme, c.config.URL.Host, segment(name)+"/")
			d.Services = append(d.Services, &Service{Name: name, endpoint: c.endpointOf(d.Name, name, base)})
		}
	}
	errs := make([]error, len(d.Services))
	var group errgroup.Group
	for i, s := range d.Services {
		group.Go(func() error {
			errs[i] = s.readHealth(ctx)
			return nil
		})
	}
	_ = group.Wait()
	err := summarize(errs, "services")
	if slices.Contains(errs, nil) {
		d.Status, err = "running", nil
		d.Services = slices.DeleteFunc(d.Services, c.isMissing)
	} else if status == "running" {
		d.Status = "unknown"
	}
	d.record(Read{"deployment", time.Since(begin), err})
	return d, err
}

// isMissing reports whether the deployment does not have the service, and remembers it.
// One that answers runs.
func (c *Client) isMissing(s *Service) bool {
	switch {
	case s.health.err == nil:
		s.Status = "running"
	case lacks(s.health.err):
		c.managed.noteLacking(s.Name)
		return true
	}
	return false
}
