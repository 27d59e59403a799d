// Package ocitest simulates the control plane of OCI GoldenGate for tests and demonstrations, in
// the manner of net/http/httptest.
//
// A Server answers as the service of one region does: it verifies the signature of each request
// itself, gives lists in pages, and fails on demand.
//
//	cloud, err := ocitest.Start(ocitest.ControlPlane{
//		Deployments: []ocitest.Deployment{{CompartmentID: ocitest.Compartment, DisplayName: "sales"}},
//	})
//	defer cloud.Close()
//	file, err := cloud.WriteConfig(dir) // a configuration file of the OCI SDKs, with its key
//
// It writes the wire format from types of its own, taken from Oracle's documentation. Neither the
// client nor Oracle's SDK must enter it, or one mistake could sit on both sides.
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

// Compartment is the OCID of the compartment in which everything is that names no other.
const Compartment = "ocid1.compartment.oc1..aaaaaaaaocitest"

// ControlPlane says what to simulate.
type ControlPlane struct {
	// Listener is where it listens; on 127.0.0.1 when nil.
	Listener net.Listener

	// TLS makes it speak TLS with a certificate of its own (see Server.CACertificate).
	TLS bool

	// PageSize is how many items a page has at most, whatever the client asks for; 100 when 0.
	PageSize int

	// EmptyPages puts an empty page before each page.
	EmptyPages bool

	// Skew is by how much its clock is ahead of the machine's.
	Skew time.Duration

	// Compartments are the OCIDs of those that the user may read; Compartment alone when nil.
	Compartments []string

	// Deployments, Connections and Pipelines are what there is.
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

	mu       sync.Mutex // guards all below
	plane    ControlPlane
	keys     map[string]*rsa.PublicKey // by key id
	faults   []*fault
	requests []Request
}

// Start starts a simulation. Close ends it.
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
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	return s, nil
}

// URL returns the endpoint, without a path.
func (s *Server) URL() string { return s.http.URL }

// Change changes what is simulated.
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

// now is the time by its clock. The caller holds s.mu.
func (s *Server) now() time.Time { return time.Now().Add(s.plane.Skew) }

// Close ends the simulation: connections and requests under way, hanging ones too. Closing twice
// does nothing.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.done)
		s.http.CloseClientConnections()
		s.http.Close()
	})
}
