package oggtest

import (
	"net/http"
	"sync"
	"time"
)

// Request is a request as the simulation received it.
type Request struct {
	Time       time.Time // by the simulation's clock
	Method     string
	Path       string // as requested, still escaped
	Query      string // as requested, without "?"
	Deployment string // of the service that answered
	Service    string
	Status     int // 0 if there was no answer, or none yet
	UserAgent  string
	Accept     string
	AuthScheme string // "", "Basic", "Digest", "Bearer", or what was sent
	User       string // as claimed; empty for Bearer
	Authorized bool   // the credentials are valid for that deployment
}

// Requests returns the latest requests, oldest first, up to Installation.RequestLog. A request is
// recorded before the client gets its answer.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	requests := make([]Request, 0, len(s.log.ring))
	for i := range s.log.ring {
		requests = append(requests, *s.log.ring[(s.log.next+i)%len(s.log.ring)])
	}
	return requests
}

// ResetRequests clears the request log and the maximum numbers in flight.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	s.log.ring, s.log.next = nil, 0
	s.log.mu.Unlock()
	s.load.reset()
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, d := range s.deployments {
		for _, svc := range d.services {
			svc.load.reset()
		}
	}
}

// MaxInFlight returns the maximum number of requests that a service had to serve at the same time
// since Start or ResetRequests. A request counts until its answer starts. It panics if there is no
// such service.
func (s *Server) MaxInFlight(deployment, service string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, svc := s.mustService(deployment, service)
	return svc.load.most()
}

// MaxInFlightTotal is MaxInFlight for all services together.
func (s *Server) MaxInFlightTotal() int { return s.load.most() }

// requestLog is a ring buffer of the latest requests.
type requestLog struct {
	mu    sync.Mutex
	limit int
	ring  []*Request
	next  int // position of the oldest, once the ring is full
}

// add records a request and returns a function that records its status.
func (l *requestLog) add(r Request) (status func(int)) {
	if l.limit < 0 {
		return func(int) {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < l.limit {
		l.ring = append(l.ring, &r)
	} else {
		l.ring[l.next] = &r
		l.next = (l.next + 1) % l.limit
	}
	return func(code int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		r.Status = code
	}
}

// request describes r as it arrived at a service.
func (x *exchange) request(r *http.Request) Request {
	return Request{
		Time: x.now, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Deployment: x.dep.spec.Name, Service: x.svc.spec.Name,
		UserAgent: r.UserAgent(), Accept: r.Header.Get("Accept"),
		AuthScheme: x.login.scheme, User: x.login.user, Authorized: x.login.valid,
	}
}

// load counts the requests of a service that are in flight.
type load struct {
	mu       sync.Mutex
	now, max int
}

// enter counts a request and returns a function that ends it once.
func (l *load) enter() (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now++
	l.max = max(l.max, l.now)
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.now--
	})
}

func (l *load) most() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.max
}

func (l *load) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.max = l.now
}
