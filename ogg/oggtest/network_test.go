package oggtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// onNetwork starts a simulation of deployments on a network in memory, and returns it with a client there.
func onNetwork(t *testing.T, i Installation, deployments ...Deployment) (*Server, *http.Client) {
	t.Helper()
	i.Network, i.Deployments = NewNetwork(), deployments
	s, err := Start(i)
	if err != nil {
		t.Fatal(err)
	}
	pool := &http.Transport{DialContext: i.Network.DialContext}
	if i.TLS {
		pool.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		pool.TLSClientConfig.RootCAs.AppendCertsFromPEM(s.CACertificate())
	}
	t.Cleanup(s.Close)
	t.Cleanup(pool.CloseIdleConnections)
	return s, &http.Client{Transport: pool}
}

// fetch gets a page of the Administration Service of west, and its error in short.
func fetch(ctx context.Context, s *Server, c *http.Client) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.ServiceURL("west", "adminsrvr")+"/extracts", nil)
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(DefaultUser, DefaultPassword)
	answer, err := c.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

// TestNetwork: a simulation on a network in memory answers, and fails in the ways of TCP,
// while the fake clock of a bubble moves.
func TestNetwork(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]Installation{
		"direct": {}, "TLS": {TLS: true}, "NGINX": {ReverseProxy: true}, "NGINX with TLS": {ReverseProxy: true, TLS: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, c := onNetwork(t, i, Deployment{Name: "west"})
				want := func(what string, ctx context.Context, cause error, fault Fault) {
					t.Helper()
					mend := s.Fault(Target{Deployment: "west", Service: "adminsrvr"}, fault)
					defer mend()
					body, err := fetch(ctx, s, c)
					if !errors.Is(err, cause) || cause == nil && !strings.Contains(body, "ogg:collection") {
						t.Errorf("%s: got %v, want %v\n%s", what, err, cause, body)
					}
				}
				begin := time.Now()
				want("plain", t.Context(), nil, Fault{})
				want("late", t.Context(), nil, Fault{Latency: time.Hour})
				want("slow", t.Context(), nil, Fault{SlowBody: time.Hour})
				want("reset", t.Context(), syscall.ECONNRESET, Fault{Reset: true})
				want("truncated", t.Context(), io.ErrUnexpectedEOF, Fault{Truncated: true})
				if !i.ReverseProxy {
					want("refused", t.Context(), syscall.ECONNREFUSED, Fault{Refused: true})
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				want("hangs", ctx, context.DeadlineExceeded, Fault{Hang: true})
				want("whole again", t.Context(), nil, Fault{})
				if took := time.Since(begin); took != 18*time.Hour {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// TestNetworkPorts: a port is taken once, and free when its listener is closed.
func TestNetworkPorts(t *testing.T) {
	t.Parallel()
	n := NewNetwork()
	one, err := n.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := one.Addr().String()
	if _, err := n.Listen(address); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listening twice: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.DialContext(ctx, "tcp", address); !errors.Is(err, context.Canceled) {
		t.Errorf("where nobody accepts: %v", err)
	}
	_ = one.Close()
	if _, err := one.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepting on what is closed: %v", err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("where nothing listens: %v", err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", "gg.example:9001"); err == nil {
		t.Error("a name is found")
	}
	two, err := n.Listen(address)
	if err != nil {
		t.Fatalf("listening again: %v", err)
	}
	_ = two.Close()
}
