// Package ocitest simulates the control plane of OCI GoldenGate for tests and demonstrations, in
// the style of net/http/httptest.
//
// A Server behaves like the service in one region: it verifies the signature of each request,
// splits lists into pages, and fails on demand.
//
//	cloud, err := ocitest.Start(ocitest.ControlPlane{
//		Deployments: []ocitest.Deployment{{CompartmentID: ocitest.Compartment, DisplayName: "sales"}},
//	})
//	defer cloud.Close()
//	file, err := cloud.WriteConfig(dir) // a configuration file of the OCI SDKs, with its key
//
// It has its own types for the wire format, taken from Oracle's documentation. It must use neither
// the client nor Oracle's SDK, or one mistake could be on both sides.
package ocitest

import (
	"crypto/rsa"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Compartment is the OCID of the default compartment.
const Compartment = "ocid1.compartment.oc1..aaaaaaaaocitest"

// ControlPlane is what to simulate.
type ControlPlane struct {
	// Listener is where it listens; on 127.0.0.1 when nil.
	Listener net.Listener

	// TLS serves HTTPS, over HTTP/2 too, with a certificate of its own (see Server.CACertificate).
	TLS bool

	// PageSize is the maximum number of items per page, whatever the client asks for; 100 if 0.
	PageSize int

	// EmptyPages inserts an empty page before each page.
	EmptyPages bool

	// Skew is how far the simulation's clock is ahead of the machine's.
	Skew time.Duration

	// Compartments are the OCIDs of the compartments that the user may read; only Compartment if
	// nil.
	Compartments []string

	// Parents are the compartments of the tenancy, each with the OCID of the one that contains it:
	// TenancyID is the root. Only those in Compartments are shown to the user.
	Parents map[string]string

	// Deployments, Connections and Pipelines are the resources of all compartments.
	Deployments []Deployment
	Connections []Connection
	Pipelines   []Pipeline
}

// Server is a running simulation. All methods are safe for concurrent use.
type Server struct {
	http    *httptest.Server
	user    user
	done    chan struct{} // closed by Close
	closing sync.Once

	mu       sync.Mutex // guards the fields below
	plane    ControlPlane
	keys     map[string]*rsa.PublicKey // by key ID
	faults   []*fault
	requests []Request
}

// Start starts a simulation that listens on 127.0.0.1. Close stops it.
func Start(p ControlPlane) (*Server, error) {
	u, err := newUser()
	if err != nil {
		return nil, fmt.Errorf("ocitest: %w", err)
	}
	s := &Server{user: u, done: make(chan struct{}), keys: map[string]*rsa.PublicKey{u.keyID(): &u.key.PublicKey}}
	s.Change(func(plane *ControlPlane) { *plane = p })
	if s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve)); p.Listener != nil {
		_ = s.http.Listener.Close()
		s.http.Listener = p.Listener
	}
	s.http.Config.ErrorLog = nil
	if p.TLS {
		s.http.EnableHTTP2 = true
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	return s, nil
}

// URL returns the endpoint, without a path.
func (s *Server) URL() string { return s.http.URL }

// Change lets change modify what is simulated, and fills in defaults.
func (s *Server) Change(change func(*ControlPlane)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.plane)
	if s.plane.Compartments == nil {
		s.plane.Compartments = []string{Compartment}
	}
	for i := range s.plane.Deployments {
		s.plane.Deployments[i].complete()
	}
	for i := range s.plane.Connections {
		s.plane.Connections[i].complete()
	}
	for i := range s.plane.Pipelines {
		s.plane.Pipelines[i].complete()
	}
}

// now returns the time by the simulation's clock. The caller holds s.mu.
func (s *Server) now() time.Time { return time.Now().Add(s.plane.Skew) }

// Close stops the simulation, and with it all connections and requests, hanging ones too. Further
// calls do nothing.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.done)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}
