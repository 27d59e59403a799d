// Package oggtest simulates Oracle GoldenGate Microservices installations for tests, demonstrations
// and benchmarks, in the style of net/http/httptest.
//
// A Server is one Service Manager with its deployments, as GoldenGate of a given release presents
// them over REST API v2: with one port per service, or all behind an NGINX front; over HTTP or TLS;
// with basic, digest or bearer authentication; and with faults on demand. What its processes report
// is computed from a clock on request.
//
//	gg, err := oggtest.Start(oggtest.Installation{
//		Release: oggtest.Release23ai,
//		Deployments: []oggtest.Deployment{{
//			Name:      "west",
//			Processes: []oggtest.Process{{Name: "EWEST", Type: oggtest.Extract}},
//		}},
//	})
//	defer gg.Close()
//	http.Get(gg.URL() + "/services/v2/config/health/check")
//
// It has its own types for the wire format. It must not use a client's code, or one mistake could
// be on both sides.
package oggtest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// The default account and token of an Installation.
const (
	DefaultUser     = "oggadmin"
	DefaultPassword = "oggadmin-Pw1" //nolint:gosec // of a simulation
	DefaultToken    = "oggtest-token"
)

// serviceManager is the name of both the Service Manager's deployment and its service.
const serviceManager = "ServiceManager"

// Installation is what to simulate: one Service Manager with its deployments.
type Installation struct {
	// Release is the product release; Release26ai if empty.
	Release Release

	// Version replaces build.version in config/summary.
	Version string

	// APIVersions are what GET /services lists, the latest first, which is the one that all
	// services speak; v2, which is active, if there are none. Behind the front it is always v2.
	APIVersions []APIVersion

	// TLS makes every service use TLS, with a certificate of the simulation's own CA for 127.0.0.1,
	// ::1 and localhost.
	TLS bool

	// HTTP2 makes TLS services speak HTTP/2 to clients that can.
	HTTP2 bool

	// ClientCertificates makes TLS services require a certificate of that CA (see
	// Server.ClientCertificate).
	ClientCertificates bool

	// CertificateNotAfter is when the services' certificates expire; in a year if zero.
	CertificateNotAfter time.Time

	// ReverseProxy puts everything behind one front that routes like the NGINX in Oracle's
	// containers. The services then have no reachable port of their own. They are listed on
	// 127.0.0.1, with ports from 9011 and without TLS.
	ReverseProxy bool

	// PathPrefix is what stands before /services in the front's addresses, such as /ogg, as
	// behind another proxy, which strips it off. It goes with ReverseProxy.
	PathPrefix string

	// WithoutServiceManager puts no Service Manager behind the front, which can happen where Oracle
	// manages the deployment: requests to it get NGINX's 404 page. It requires ReverseProxy and
	// exactly one deployment.
	WithoutServiceManager bool

	// Auth is how clients log in.
	Auth Auth

	// DigestAlgorithms are offered in this order: "MD5" (the default), "SHA-256", and either with
	// "-sess".
	DigestAlgorithms []string

	// OneChallenge offers all of that in one WWW-Authenticate header, Basic first, with
	// names in capitals and values without quotes, as RFC 9110 allows.
	OneChallenge bool

	// User, Password and Token are those of the Service Manager, and of deployments without their
	// own. They default to DefaultUser, DefaultPassword and DefaultToken.
	User, Password, Token string

	// Role is the role of the accounts; RoleUser if empty.
	Role Role

	// Deployments are the deployments except the Service Manager's own, which is added.
	Deployments []Deployment

	// Network is where the simulation listens; on the machine's 127.0.0.1 when nil.
	Network *Network

	// Clock is the time by which everything moves; the machine's when nil.
	Clock Clock

	// Numbers and Ports replace the formats that the release uses for numbers and listening ports.
	Numbers NumberStyle
	Ports   PortShape

	// NoData is how Performance Metrics reports that a process has no data.
	NoData NoData

	// TrailInput replaces the release's shape of Performance Metrics' trailInput.
	TrailInput TrailInputShape

	// Timestamps is the format of times.
	Timestamps TimestampStyle

	// UnknownFields adds an undocumented member to every object.
	UnknownFields bool

	// Gzip compresses every answer for who accepts that (Accept-Encoding).
	Gzip bool

	// Notices adds an INFO message to every successful answer, as GoldenGate may do.
	Notices bool

	// RequestLog is how many of the latest requests are kept for Server.Requests: 4096 if 0, none
	// if negative.
	RequestLog int
}

// Server is a running simulation. All methods are safe for concurrent use.
type Server struct {
	spec    Installation
	profile *profile
	clock   Clock
	created time.Time // start of the simulation, by its clock
	pki     *authority
	nonces  *nonces
	log     requestLog
	load    load // of all services together
	faults  faults
	done    chan struct{} // closed by Close
	running sync.WaitGroup
	front   *endpoint // the NGINX front, if there is one

	mu          sync.RWMutex // guards the fields below, and everything in deployments
	deployments []*deployment
	issuer      *issued // of the deployments' certificates; nil before the first
	ports       int     // ports assigned behind the front
	closed      bool
}

// Start starts a simulation that listens on 127.0.0.1. Close stops it. It fails if the release is
// unknown, if a name is missing or duplicate, or if no port is available.
func Start(i Installation) (*Server, error) {
	i.Release = cmp.Or(i.Release, Release26ai)
	i.User, i.Password, i.Token = cmp.Or(i.User, DefaultUser), cmp.Or(i.Password, DefaultPassword), cmp.Or(i.Token, DefaultToken)
	i.Role = cmp.Or(i.Role, RoleUser)
	if len(i.APIVersions) == 0 {
		i.APIVersions = []APIVersion{{"v2", "active"}}
	}
	if len(i.DigestAlgorithms) == 0 {
		i.DigestAlgorithms = []string{"MD5"}
	}
	s := &Server{spec: i, profile: profileOf(i.Release), clock: i.Clock, done: make(chan struct{})}
	if s.profile == nil {
		return nil, fmt.Errorf("oggtest: unknown release %q", i.Release)
	}
	if s.clock == nil {
		s.clock = wallClock{}
	}
	s.created = s.clock.Now()
	s.nonces = newNonces(s.clock)
	s.log.limit = cmp.Or(i.RequestLog, 4096)
	s.profile.version = cmp.Or(i.Version, s.profile.version)
	s.profile.numbers = cmp.Or(i.Numbers, s.profile.numbers)
	s.profile.port, s.profile.portTLS = cmp.Or(i.Ports, s.profile.port), cmp.Or(i.Ports, s.profile.portTLS)
	if err := s.start(); err != nil {
		s.Close()
		return nil, fmt.Errorf("oggtest: %w", err)
	}
	return s, nil
}

func (s *Server) start() error {
	if s.spec.WithoutServiceManager && (!s.spec.ReverseProxy || len(s.spec.Deployments) != 1) {
		return errors.New("WithoutServiceManager requires ReverseProxy and exactly one deployment")
	}
	if s.spec.TLS {
		var err error
		if s.pki, err = newAuthority(s.spec.CertificateNotAfter, s.spec.ClientCertificates); err != nil {
			return err
		}
		if s.spec.HTTP2 {
			s.pki.services.NextProtos = []string{"h2", "http/1.1"}
		}
	}
	if s.spec.ReverseProxy {
		s.front = newEndpoint(s, http.StripPrefix(s.spec.PathPrefix, http.HandlerFunc(s.proxy)).ServeHTTP, s.pki.config())
		s.front.redirect = s.spec.TLS
		if err := s.front.open(); err != nil {
			return err
		}
	}
	for _, d := range append([]Deployment{s.profile.serviceManager()}, s.spec.Deployments...) {
		if err := s.AddDeployment(d); err != nil {
			return err
		}
	}
	return nil
}

// serviceManager returns the deployment of the Service Manager itself.
func (p *profile) serviceManager() Deployment {
	d := Deployment{Name: serviceManager, Services: []Service{{Name: serviceManager}}}
	if p.plugin {
		d.Services = append(d.Services, Service{Name: "pluginsrvr", NonCritical: true})
	}
	return d
}

// URL returns what a user configures: scheme, host and port of the Service Manager or the NGINX
// front, without a trailing slash.
func (s *Server) URL() string {
	if s.front != nil {
		return s.scheme(false) + "://" + s.front.address + s.spec.PathPrefix
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, svc := s.mustService(serviceManager, serviceManager)
	return s.origin(svc)
}

// ServiceURL returns the URL of a service's API: with "/extracts" added, that of an adminsrvr lists
// its Extracts. Behind the NGINX front it has the service's prefix. It panics if there is no such
// service.
func (s *Server) ServiceURL(deployment, service string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d, svc := s.mustService(deployment, service)
	if s.front != nil {
		return s.URL() + prefix(d, svc) + "/v2"
	}
	return s.origin(svc) + "/services/v2"
}

// origin returns the scheme, host and port of a service's own endpoint.
func (s *Server) origin(svc *service) string {
	return s.scheme(svc.spec.PlainHTTP) + "://" + svc.endpoint.address
}

func (s *Server) scheme(plain bool) string {
	if s.spec.TLS && !plain {
		return "https"
	}
	return "http"
}

// CACertificate returns the certificate of the simulation's CA in PEM; nil without TLS.
func (s *Server) CACertificate() []byte {
	if s.pki == nil {
		return nil
	}
	return s.pki.certificate
}

// ClientCertificate returns a client certificate of the simulation's CA and its key in PEM; nil
// without TLS.
func (s *Server) ClientCertificate() (certificate, key []byte) {
	if s.pki == nil {
		return nil, nil
	}
	return s.pki.clientCertificate, s.pki.clientKey
}

// Close stops the simulation, and with it all listeners, connections and requests, hanging ones
// too. When it returns, nothing runs any more. Further calls do nothing.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
		for _, d := range s.deployments {
			d.shut()
		}
		if s.front != nil {
			s.front.close()
		}
	}
	s.mu.Unlock()
	s.running.Wait()
}

var errClosed = errors.New("the simulation is closed")
