package ogg

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// ServiceManager is the name of the deployment, and of the service in it, under which
// GoldenGate lists the Service Manager itself.
const ServiceManager = "ServiceManager"

// Service is one service of a deployment as a poll found it.
type Service struct {
	// Name is adminsrvr, distsrvr, recvsrvr, pmsrvr, ServiceManager, or another that a
	// release adds.
	Name string
	// Status is running, stopped, restart, killed, abended or (21c and later) starting;
	// empty if it could not be read. If no Service Manager lists the service, it is running
	// when the service reports its health, and unknown when it does not answer.
	Status string
	// Port is where the service listens; 0 if not reported.
	Port int
	// Enabled, Critical and Locked (19c and later) are nil if not reported.
	Enabled, Critical, Locked *bool
	// Healthy and Started are what the service itself reports; nil and zero if it was not
	// asked or did not answer.
	Healthy *bool
	Started wire.Timestamp
	// CriticalResources is empty if nothing is marked critical.
	CriticalResources []CriticalResource
	// CertificateNotAfter is when the server certificate that was seen last, in this poll or
	// an earlier one, expires; zero without TLS, or if none was seen.
	CertificateNotAfter wire.Timestamp
	// ClockSkew is how far the clock of the service, or of a reverse proxy in front of it, is ahead
	// of the exporter's, to the second; nil if no answer of this poll had a Date.
	ClockSkew *time.Duration
	// LoginBlocked is whether requests to the service are held back because it rejected
	// the user; nil if the service gets no requests.
	LoginBlocked *bool
}

// CriticalResource is a process, path or service that affects the health of the service that
// reports it.
type CriticalResource struct {
	Name string `json:"name"`
	// Type is extract, replicat, ER, service, task, distPath or recvPath.
	Type    string `json:"type"`
	Healthy *bool  `json:"healthy"`
	// Deployment is the deployment that it belongs to. The Service Manager reports resources of
	// all deployments; if another service reports one of a deployment that is not its own, see
	// settleCritical.
	Deployment string `json:"deploymentName"`
}

// maxServices is how many services are read of a deployment.
const maxServices = 100

// tooManyServices returns an error for services of a deployment that are not read.
func tooManyServices(surplus int) error {
	return fmt.Errorf("%d services more than the %d that are read", surplus, maxServices)
}

// listedService is an entry of GET /installation/services (19c and later), or the same from
// GET /deployments/{d}/services/{s}.
type listedService struct {
	Name       string `json:"serviceName"`
	Deployment string `json:"deploymentName"`
	Status     string `json:"status"`
	Enabled    *bool  `json:"enabled"`
	Critical   *bool  `json:"critical"`
	Locked     *bool  `json:"locked"`
	TLS        *bool  `json:"isSsl"`
	Port       port   `json:"listeners"`
}

// about returns the deployment that the entry is about, and whether the entry has its names.
func (s listedService) about() (string, bool) {
	return s.Deployment, s.Name != "" && s.Deployment != ""
}

// listServices reads GET /installation/services (19c and later; role User): every service of
// every deployment in one answer; nil if the release lacks it.
func listServices(ctx context.Context, sm *rest.Endpoint) (*[]listedService, error) {
	list, err := rest.GetIfPresent[struct {
		Services []listedService `json:"services"`
	}](ctx, sm, "/installation/services")
	if list == nil {
		return nil, err
	}
	services, err := selfListed(sm, "/installation/services", "services", list.Services)
	return &services, err
}

// listServicesSingly reads GET /deployments/{d}/services and GET
// /deployments/{d}/services/{s} for each (12.3 and later; role User), for releases without GET
// /installation/services. It returns what could be read along with the error.
func listServicesSingly(ctx context.Context, sm *rest.Endpoint, deployment string) ([]listedService, error) {
	route := "/deployments/" + rest.Segment(deployment) + "/services"
	names, listErr := listNames(ctx, sm, route)
	if surplus := len(names) - maxServices; surplus > 0 {
		names, listErr = names[:maxServices], wire.Join(listErr, tooManyServices(surplus))
	}
	services := make([]listedService, len(names))
	errs := make([]error, len(names))
	sm.OnEach(errs, func(i int) (err error) {
		services[i], err = getService(ctx, sm, route+"/"+rest.Segment(names[i]))
		services[i].Name, services[i].Deployment = names[i], deployment
		return err
	})
	return services, wire.Join(listErr, wire.Summarize(errs, "services"))
}

// getService reads GET /deployments/{d}/services/{s}, which has the network settings in its
// config.
func getService(ctx context.Context, sm *rest.Endpoint, route string) (listedService, error) {
	type service struct {
		listedService
		Config struct {
			Security *bool `json:"security"`
			Network  struct {
				Port port `json:"serviceListeningPort"`
			} `json:"network"`
		} `json:"config"`
	}
	s, err := rest.Get[service](ctx, sm, route)
	s.TLS, s.Port = s.Config.Security, s.Config.Network.Port
	return s.listedService, err
}

// health is what GET /config/health returns (all releases; role User) and, without the
// critical resources, GET /config/health/check (19c and later; no role).
type health struct {
	Healthy           *bool              `json:"healthy"`
	Started           wire.Timestamp     `json:"started"`
	CriticalResources []CriticalResource `json:"criticalResources"`
}

// healthRead is the outcome of asking a service for its health.
type healthRead struct {
	health
	err error
}

// readServices reads the health of each service that can respond: one request for each, because
// GET /config/health returns everything that GET /config/health/check does.
func readServices(ctx context.Context, v *visit) ([]*Service, bool, error) {
	services, asked := make([]*Service, len(v.peers)), make([]*peer, 0, len(v.peers))
	for _, p := range v.peers {
		if p.endpoint != nil || p.listErr != nil {
			asked = append(asked, p)
		}
	}
	errs := make([]error, len(asked))
	var group wire.Group
	for i, p := range asked {
		group.Go(func() {
			errs[i] = v.options.Panics.Catch(p.listed.Name, func() error { return p.readHealth(ctx) })
		})
	}
	group.Wait()
	for i, p := range v.peers {
		services[i] = p.service()
		v.starts.note(v.deployment, p.listed.Name, p.started())
	}
	return services, len(asked) > 0, wire.Summarize(errs, "services")
}

// service returns what is known about the service.
func (p *peer) service() *Service {
	s := p.listed
	if h := p.health; h != nil {
		s.Healthy, s.Started, s.CriticalResources = h.Healthy, h.Started, h.CriticalResources
	}
	return &s
}

// started returns when the service says it started; zero if it was not asked.
func (p *peer) started() wire.Timestamp {
	if p.health == nil {
		return wire.Timestamp{}
	}
	return p.health.Started
}

// readHealth reads the health of the service, once per poll.
func (p *peer) readHealth(ctx context.Context) error {
	if p.health == nil {
		p.health = &healthRead{}
		p.health.health, p.health.err = p.askHealth(ctx)
	}
	return p.health.err
}

// askHealth reads the health of the service. If config/health is forbidden or missing, which no
// release is known to do, it falls back to config/health/check, and still returns the failure.
func (p *peer) askHealth(ctx context.Context) (health, error) {
	if p.listErr != nil {
		return health{}, fmt.Errorf("%s: %w", p.listed.Name, p.listErr)
	}
	h, err := rest.GetWhole[health](ctx, p.endpoint, "/config/health")
	if rest.IsNotFound(err) || rest.IsForbidden(err) {
		check, _ := rest.GetIfPresent[health](ctx, p.endpoint, "/config/health/check")
		if check == nil {
			return health{}, err
		}
		h = *check
	} else if err != nil && !rest.IsOdd(err) {
		return health{}, err
	}
	p.endpoint.StartedAt(h.Started)
	for i := range h.CriticalResources {
		r := &h.CriticalResources[i]
		r.Deployment = cmp.Or(r.Deployment, p.endpoint.Deployment())
	}
	var duplicates error
	h.CriticalResources, duplicates = unique(h.CriticalResources, func(r CriticalResource) string {
		return r.Deployment + " " + r.Type + " " + r.Name
	})
	return h, wire.Join(err, duplicates)
}

// noteConnection adds the latest certificate of the connections, the clock, and whether requests are held
// back.
func (s *Service) noteConnection(e *rest.Endpoint) {
	if e == nil {
		return
	}
	blocked := e.Blocked()
	s.LoginBlocked, s.CertificateNotAfter, s.ClockSkew = &blocked, e.CertificateNotAfter(), e.ClockSkew()
}
