package oggtest

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"sync"
	"time"
)

// TokenServer simulates the token endpoint of an identity provider (OAuth 2.0, RFC 6749), which gives
// any client the token, which lasts for the lifetime. All methods are safe for concurrent use.
type TokenServer struct {
	address  string
	lifetime time.Duration
	server   *http.Server
	done     chan struct{} // closed by Close
	once     sync.Once
	running  sync.WaitGroup

	mu       sync.Mutex
	token    string
	hostile  Hostile
	requests int
}

// StartTokenServer starts a token endpoint on a network, on the machine's 127.0.0.1 if that is nil.
// Close stops it. It fails if no port is available.
func StartTokenServer(n *Network, token string, lifetime time.Duration) (*TokenServer, error) {
	bind := listen
	if n != nil {
		bind = n.Listen
	}
	l, err := bind("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &TokenServer{address: l.Addr().String(), token: token, lifetime: lifetime, done: make(chan struct{})}
	c := &connections{running: &s.running}
	s.server = &http.Server{
		Handler: s, ConnState: c.changed, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
	}
	s.running.Go(func() { _ = s.server.Serve(l) }) // ends with ErrServerClosed
	return s, nil
}

// URL returns what a user configures as token_url.
func (s *TokenServer) URL() string { return "http://" + s.address + "/oauth2/v1/token" }

// SetToken changes the token that is given from now on.
func (s *TokenServer) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// SetHostile makes the endpoint behave so from now on; as it should, if empty.
func (s *TokenServer) SetHostile(h Hostile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hostile = h
}

// Requests returns how often a token was asked for.
func (s *TokenServer) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// ServeHTTP implements http.Handler.
func (s *TokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.running.Add(1) // nobody counts a connection that is taken over
	defer s.running.Done()
	s.mu.Lock()
	token, hostile := s.token, s.hostile
	s.requests++
	s.mu.Unlock()
	if hostile != "" {
		behaviors[hostile](&peer{Request: r, writer: w, done: s.done})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	answer, _ := json.Marshal(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(s.lifetime.Seconds())})
	_, _ = w.Write(answer) // the client may have gone away
}

// Close stops the endpoint, and with it all requests, hanging ones too.
func (s *TokenServer) Close() {
	s.once.Do(func() {
		close(s.done)
		_ = s.server.Close()
	})
	s.running.Wait()
}
