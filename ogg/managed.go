package ogg

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// A deployment that Oracle manages, of OCI GoldenGate, answers at a URL of its own, in
// the layout of the NGINX front. Whether a Service Manager answers there, too, is not
// documented: where none does, the deployment's own services are asked by the short form
// of that layout, which leaves the deployment out, and what only a Service Manager tells
// (whether something is enabled, locked or critical, certificates) is missing.

// managed is what is known of the deployment that answers where no Service Manager does.
type managed struct {
	mu     sync.Mutex
	status string // as the control plane has it
	found  bool   // a Service Manager has answered
	alone  bool   // none does, and services of the deployment do
	// What holds while alone: the services that the front does not know, and when
	// the others started.
	absent  map[string]bool
	started map[string]wire.Timestamp
}

// SetManagedStatus says what Oracle's control plane says of the deployment that the
// configuration names as managed: running, stopped, "unknown" where it does not run as
// it should, or "" where that is not known or says nothing about it. It may be called at
// any time, and counts from the next poll on.
//
// One that is stopped is not asked anything. Of another, a Service Manager that answers
// knows best. Where none does, Deployment.Status is
//
//   - "unknown", if the control plane says so;
//   - else "running", if a service tells its health: that the control plane says so
//     would not be enough;
//   - else empty, if something answers, but not with its health, as where the user is
//     refused;
//   - else "unknown".
func (c *Client) SetManagedStatus(status string) {
	c.managed.mu.Lock()
	defer c.managed.mu.Unlock()
	c.managed.status = status
}

// managedServices are the services that a deployment may have, sorted, as they are
// in Deployment.Services.
var managedServices = []string{"adminsrvr", "distsrvr", "pmsrvr", "recvsrvr"}

// discoverManaged is discover for a deployment that Oracle manages. Where the front
// says that no Service Manager answers there, the services of the deployment are
// asked for themselves, from then on straight away until one of them starts anew.
func (c *Client) discoverManaged(ctx context.Context, inst *Installation) error {
	wanted := c.wants(c.config.Managed)
	if c.managed.isStopped() {
		if wanted {
			inst.Deployments = []*Deployment{c.newManaged(nil)}
		}
		return nil
	}
	var managerErr error
	if !c.managed.isAlone() {
		managerErr = c.discoverInstallation(ctx, inst)
		switch {
		case managerErr == nil:
			c.managed.noteManager()
			return nil
		case !c.managed.mayLack(managerErr):
			c.noteSilent(inst)
			return managerErr
		}
	}
	inst.Deployments = nil
	if !wanted {
		return nil
	}
	d, err := c.readAlone(ctx, !isNoAnswer(managerErr))
	inst.Deployments = []*Deployment{d}
	if err != nil {
		return wire.Join(managerErr, err)
	}
	return nil
}

// mayLack reports whether err, of the Service Manager's lists, may mean that none is
// there for the user: where the front or somebody else answers in its place, as with
// 404, 401, 403, a page, or a redirect to where a person logs in. So may a gateway's
// 502 to 504, until a Service Manager has once answered there. Other errors of a
// server, and no answer at all, do not.
func (m *managed) mayLack(err error) bool {
	if body, is := errors.AsType[*BodyError](err); is {
		return body.HTML
	}
	api, is := errors.AsType[*APIError](err)
	switch {
	case !is:
		return isA[*RedirectError](err)
	case api.StatusCode == http.StatusTooManyRequests || api.StatusCode == http.StatusRequestTimeout:
		return false
	case isNoAnswer(err):
		return api.Code == "" && !m.hasManager()
	default:
		return api.StatusCode/100 == 4
	}
}

// noteSilent adds the deployment to an installation of which nothing could be read,
// where it is not known that a Service Manager would list it.
func (c *Client) noteSilent(inst *Installation) {
	if len(inst.Deployments) == 0 && !c.managed.hasManager() && c.wants(c.config.Managed) {
		inst.Deployments = []*Deployment{c.newManaged(nil)}
	}
}

// newManaged makes the deployment of services that were asked.
func (c *Client) newManaged(services []*Service) *Deployment {
	d := c.newDeployment(listedDeployment{Name: c.config.Managed, Status: c.managed.statusOf(services)})
	d.alone, d.Services = true, services
	return d
}

// readAlone asks the services of the deployment for their health, which tells
// whether they are there. It fails when none does, and returns the deployment in
// any case. lasting says that no Service Manager is to be looked for from then on.
func (c *Client) readAlone(ctx context.Context, lasting bool) (*Deployment, error) {
	begin := time.Now()
	asked, errs := c.askServices(ctx)
	var services []*Service
	for i, s := range asked {
		if !lacks(errs[i]) {
			services = append(services, s)
		}
	}
	d := c.newManaged(services)
	if !slices.ContainsFunc(services, (*Service).told) {
		err := cmp.Or(wire.Summarize(errs, "services"), errNoService)
		for _, s := range services {
			s.noteConnection()
		}
		c.managed.noteNothing(services)
		d.record(Read{"deployment", time.Since(begin), err})
		return d, err
	}
	if c.managed.noteAlone(asked, errs, lasting) {
		c.log.Info("No Service Manager answers, the services of the deployment are asked by themselves", "deployment", d.Name)
	}
	d.record(Read{"deployment", time.Since(begin), nil})
	return d, nil
}

// errNoService is why nothing is known of a deployment whose services are all said
// not to be there.
var errNoService = errors.New("no service of the deployment is there")

// aloneShare is the part of a poll's remaining time that services of a deployment
// get to say that they are there.
const aloneShare = 4

// askServices asks the services that the front may know for their health. The
// first goes alone: the user is the same for all, and one that is refused is not
// tried on the others.
func (c *Client) askServices(ctx context.Context) ([]*Service, []error) {
	services := c.managedServices()
	errs := make([]error, len(services))
	ask := func(from, to int) {
		limited, cancel := shareOf(ctx, aloneShare)
		defer cancel()
		var group errgroup.Group
		for i := from; i < to; i++ {
			group.Go(func() error {
				errs[i] = services[i].askWhetherThere(limited)
				return nil
			})
		}
		_ = group.Wait()
	}
	first := 0
	if len(services) > 0 && !services[0].endpoint.gate.provenUser() {
		if ask(0, 1); hasStatus(errs[0], http.StatusUnauthorized) {
			return services[:1], errs[:1]
		}
		first = 1
	}
	ask(first, len(services))
	return services, errs
}

// managedServices returns the services to ask, by the form of their URLs that does
// not name the deployment.
func (c *Client) managedServices() []*Service {
	var services []*Service
	for _, name := range managedServices {
		if !c.managed.isAbsent(name) {
			base := baseURL(c.config.URL.Scheme, c.config.URL.Host, name+"/")
			services = append(services, &Service{Name: name, endpoint: c.endpointOf(c.config.Managed, name, base)})
		}
	}
	return services
}

// askWhetherThere is readHealth, which for want of a Service Manager tells whether the
// service runs.
func (s *Service) askWhetherThere(ctx context.Context) error {
	err := s.readHealth(ctx)
	switch {
	case s.told():
		s.Status = "running"
	case isNoAnswer(err):
		s.Status = "unknown"
	}
	return err
}

// told reports whether the service has told its health.
func (s *Service) told() bool { return s.Healthy != nil || !s.Started.IsZero() }

// isStopped reports whether the control plane says that the deployment is.
func (m *managed) isStopped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status == "stopped"
}

// isAlone reports whether the services are to be asked straight away.
func (m *managed) isAlone() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alone
}

// hasManager reports whether a Service Manager has answered.
func (m *managed) hasManager() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.found
}

// isAbsent reports whether the front does not know the service.
func (m *managed) isAbsent(service string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.absent[service]
}

// noteManager notes that a Service Manager answers.
func (m *managed) noteManager() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found, m.alone, m.absent, m.started = true, false, nil, nil
}

// noteAlone notes that services answer where no Service Manager does. Where one of
// them has started since it last did, the next poll looks for a Service Manager,
// and for all services, again. It reports whether this is news.
func (m *managed) noteAlone(services []*Service, errs []error, lasting bool) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if news = m.started == nil; news {
		m.absent, m.started = map[string]bool{}, map[string]wire.Timestamp{}
	}
	m.found, m.alone = false, lasting
	anew := false
	for i, s := range services {
		if lacks(errs[i]) {
			m.absent[s.Name] = true
		}
		if s.Started.IsZero() {
			continue
		}
		before, known := m.started[s.Name]
		anew = anew || known && !before.Equal(s.Started.Time)
		m.started[s.Name] = s.Started
	}
	if anew {
		m.alone, m.absent, m.started = false, nil, nil
	}
	return news
}

// noteNothing notes that no service tells its health. What was learned is kept where
// one of them may do so yet: it is silent, or refuses the user.
func (m *managed) noteNothing(services []*Service) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(services) == 0 {
		m.alone, m.absent, m.started = false, nil, nil
	}
}

// statusOf returns the status of the deployment, see Client.SetManagedStatus.
func (m *managed) statusOf(services []*Service) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	has := func(status string) bool {
		return slices.ContainsFunc(services, func(s *Service) bool { return s.Status == status })
	}
	switch {
	case m.status != "" && m.status != "running":
		return m.status
	case has("running"):
		return "running"
	case has(""):
		return ""
	default:
		return "unknown"
	}
}
