package ogg

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Service is one service of a deployment as a poll found it.
type Service struct {
	// Name is adminsrvr, distsrvr, recvsrvr, pmsrvr, ServiceManager, or another
	// that a release adds.
	Name string
	// Status is running, stopped, restart, killed, abended or (21c and later)
	// starting; empty when it could not be read. Where no Service Manager answers
	// for it, it is running when the service tells its health, and unknown when it
	// does not answer.
	Status string
	// Enabled, Critical and Locked (19c and later) are nil where not told.
	Enabled, Critical, Locked *bool
	// Healthy and Started are as the service itself says; nil and zero when it
	// was not asked or did not answer.
	Healthy *bool
	Started wire.Timestamp
	// CriticalResources is empty when nothing is marked critical.
	CriticalResources []CriticalResource
	// CertificateNotAfter is when the leaf certificate of the connection ends;
	// zero without TLS or without a connection.
	CertificateNotAfter wire.Timestamp
	// LoginBlocked is whether requests to the service are held back, because it
	// refused the user; nil when the service is not to be asked.
	LoginBlocked *bool

	endpoint *endpoint   // nil when the service is not to be asked
	listErr  error       // why a service that runs is not
	health   *healthRead // nil until the service was asked in this poll
}

// healthRead is how a service was asked for its health.
type healthRead struct{ err error }

// CriticalResource is a process, path or service that counts in the health of
// the service that names it.
type CriticalResource struct {
	Name string `json:"name"`
	// Type is extract, replicat, ER, service, task, distPath or recvPath.
	Type    string `json:"type"`
	Healthy *bool  `json:"healthy"`
	// Deployment is the one that it belongs to.
	Deployment string `json:"deploymentName"`
}

// answers reports whether the service is to be asked anything.
func (s *Service) answers() bool { return s != nil && s.endpoint != nil }

// listedService is an entry of GET /installation/services (19c and later), or
// what GET /deployments/{d}/services/{s} tells of the same.
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

// listServices reads GET /installation/services (19c and later; role User):
// every service of every deployment in one answer; nil where the release lacks
// it.
func listServices(ctx context.Context, sm *endpoint) (*[]listedService, error) {
	list, err := getIfPresent[struct{ Services []listedService }](ctx, sm, "/installation/services")
	if list == nil {
		return nil, err
	}
	return &list.Services, nil
}

// listServicesSingly reads GET /deployments/{d}/services and
// GET /deployments/{d}/services/{s} for each (12.3 and later; role User): the
// way for releases without GET /installation/services. It returns what could be
// read beside the error.
func listServicesSingly(ctx context.Context, sm *endpoint, deployment string) ([]listedService, error) {
	route := "/deployments/" + segment(deployment) + "/services"
	names, listErr := listNames(ctx, sm, route)
	services := make([]listedService, len(names))
	errs := make([]error, len(names))
	sm.onEach(errs, func(i int) (err error) {
		services[i], err = getService(ctx, sm, route+"/"+segment(names[i]))
		services[i].Name, services[i].Deployment = names[i], deployment
		return err
	})
	return services, wire.Join(listErr, wire.Summarize(errs, "services"))
}

// getService reads GET /deployments/{d}/services/{s}, whose network settings are
// within its configuration.
func getService(ctx context.Context, sm *endpoint, route string) (listedService, error) {
	type service struct {
		listedService
		Config struct {
			Security *bool `json:"security"`
			Network  struct {
				Port port `json:"serviceListeningPort"`
			} `json:"network"`
		} `json:"config"`
	}
	s, err := get[service](ctx, sm, route)
	s.TLS, s.Port = s.Config.Security, s.Config.Network.Port
	return s.listedService, err
}

// health is what GET /config/health returns (all releases; role User) and,
// without the critical resources, GET /config/health/check (19c and later; no
// role).
type health struct {
	Healthy           *bool              `json:"healthy"`
	Started           wire.Timestamp     `json:"started"`
	CriticalResources []CriticalResource `json:"criticalResources"`
}

// readServices asks each service that answers for its health: one request for
// each, because GET /config/health tells all that GET /config/health/check does.
func readServices(ctx context.Context, d *Deployment) (bool, error) {
	asked := slices.DeleteFunc(slices.Clone(d.Services), func(s *Service) bool {
		return !s.answers() && s.listErr == nil
	})
	errs := make([]error, len(asked))
	var group errgroup.Group
	for i, s := range asked {
		group.Go(func() error {
			errs[i] = s.readHealth(ctx)
			return nil
		})
	}
	_ = group.Wait()
	return len(asked) > 0, wire.Summarize(errs, "services")
}

// readHealth fills in what the service says about itself, which is asked once in a
// poll.
func (s *Service) readHealth(ctx context.Context) error {
	if s.health == nil {
		s.health = &healthRead{s.askHealth(ctx)}
	}
	return s.health.err
}

// askHealth asks the service about itself. Where config/health is refused or missing,
// which no release is known for, config/health/check tells the rest, and the failure
// is returned all the same.
func (s *Service) askHealth(ctx context.Context) error {
	if s.listErr != nil {
		return fmt.Errorf("%s: %w", s.Name, s.listErr)
	}
	h, err := get[health](ctx, s.endpoint, "/config/health")
	if lacks(err) || refusesRole(err) {
		check, _ := getIfPresent[health](ctx, s.endpoint, "/config/health/check")
		if check == nil {
			return err
		}
		h = *check
	} else if err != nil {
		return err
	}
	s.Healthy, s.Started = h.Healthy, h.Started
	s.endpoint.memory.startedAt(h.Started)
	for i := range h.CriticalResources {
		r := &h.CriticalResources[i]
		r.Deployment = cmp.Or(r.Deployment, s.endpoint.deployment)
	}
	var duplicates error
	s.CriticalResources, duplicates = unique(h.CriticalResources, func(r CriticalResource) string {
		return r.Deployment + " " + r.Type + " " + r.Name
	})
	return wire.Join(err, duplicates)
}

// noteConnection fills in the certificate of the connection that the poll made,
// and whether the service took the user.
func (s *Service) noteConnection() {
	if !s.answers() {
		return
	}
	blocked := s.endpoint.gate.blocked()
	s.LoginBlocked = &blocked
	if ends := s.endpoint.certificate.Load(); ends != 0 {
		s.CertificateNotAfter = wire.TimestampOf(time.Unix(ends, 0))
	}
}
