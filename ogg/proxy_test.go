package ogg_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// forwardProxy is a forward proxy on the network of a test.
type forwardProxy struct {
	network *oggtest.Network
	url     *url.URL
	status  atomic.Int64 // what it answers in place of forwarding, or 0
	asked   atomic.Int64
	tunnels sync.WaitGroup
}

// startProxy starts a forward proxy, through which sm is read from then on.
func startProxy(t *bubble.T, sm *config.ServiceManager) *forwardProxy {
	t.Helper()
	listener, err := bubble.Network(t).Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &forwardProxy{network: bubble.Network(t), url: &url.URL{Scheme: "http", Host: listener.Addr().String(), User: url.UserPassword("pu", "proxy-Pw1")}}
	server := &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		p.tunnels.Wait()
	})
	sm.HTTPClient.ProxyURL = promconfig.URL{URL: p.url}
	return p
}

// ServeHTTP implements http.Handler.
func (p *forwardProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	status := int(p.status.Load())
	switch {
	case status != 0:
		w.Header().Set("Location", "http://login.example/")
		w.WriteHeader(status)
	case r.Method == http.MethodConnect:
		p.connect(w, r.Host)
	default:
		(&httputil.ReverseProxy{
			Rewrite:   func(*httputil.ProxyRequest) {},
			Transport: &http.Transport{DialContext: p.network.DialContext, DisableKeepAlives: true},
		}).ServeHTTP(w, r)
	}
}

// connect makes a tunnel.
func (p *forwardProxy) connect(w http.ResponseWriter, host string) {
	to, err := p.network.DialContext(context.Background(), "tcp", host)
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	for _, ends := range [][2]net.Conn{{from, to}, {to, from}} {
		p.tunnels.Go(func() {
			_, _ = io.Copy(ends[0], ends[1])
			_ = from.Close()
			_ = to.Close()
		})
	}
}

// TestProxy: a forward proxy that rejects its user gets one login at a time for all services,
// and the error names it; when it accepts the user again, everything is read.
func TestProxy(t *testing.T) {
	t.Parallel()
	for name, tls := range map[string]bool{"http": false, "https": true} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				i := north(oggtest.Release26ai)
				i.TLS = tls
				s, sm := simulate(t, i)
				p := startProxy(t, &sm)
				p.status.Store(http.StatusProxyAuthRequired)
				g := newGuarded(t, sm)
				g.hour(s, "north", "adminsrvr")
				if n := p.asked.Load(); n != int64(len(backOff)) {
					t.Errorf("%d logins at the proxy in an hour, want %d", n, len(backOff))
				}
				inst := g.Last()
				want := "proxy " + p.url.Host + " rejected its user: 407"
				if inst.Err == nil || !strings.Contains(inst.Err.Error(), want) || strings.Contains(inst.Err.Error(), "Pw1") {
					t.Errorf("got %v, want %q", inst.Err, want)
				}
				if b := deployment(t, inst, ogg.ServiceManager).Services[0].LoginBlocked; b == nil || !*b {
					t.Error("it is not blocked")
				}
				if lines := strings.Count(g.log.String(), "level=WARN"); lines != 1 || !strings.Contains(g.log.String(), "The proxy rejected its user") {
					t.Errorf("want one warning:\n%s", g.log)
				}
				p.status.Store(0)
				time.Sleep(15 * time.Minute)
				if inst := g.Poll(t.Context()); failure(inst) != nil {
					t.Error(failure(inst))
				}
				if !strings.Contains(g.log.String(), "The proxy accepts its user again") {
					t.Errorf("it is not logged:\n%s", g.log)
				}
			})
		})
	}
}

// TestProxyPasswordChanged: a proxy that begins to reject its user between two polls gets one
// login, for all deployments.
func TestProxyPasswordChanged(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := north(oggtest.Release26ai)
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: "south"})
		_, sm := simulate(t, i)
		p := startProxy(t, &sm)
		g := newGuarded(t, sm)
		if inst := g.Poll(t.Context()); failure(inst) != nil {
			t.Fatal(failure(inst))
		}
		p.status.Store(http.StatusProxyAuthRequired)
		before := p.asked.Load()
		if g.Poll(t.Context()); p.asked.Load() != before+1 {
			t.Errorf("%d logins", p.asked.Load()-before)
		}
		if g.Poll(t.Context()); p.asked.Load() != before+1 {
			t.Error("it is asked while blocked")
		}
	})
}

// TestProxyBeforeManaged: a forward proxy that does not connect says nothing about whether a
// deployment that Oracle manages has a Service Manager.
func TestProxyBeforeManaged(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := manage(t, alone())
		p := startProxy(t, &sm)
		p.status.Store(http.StatusForbidden)
		g := newGuarded(t, sm)
		if inst := g.Poll(t.Context()); inst.Err == nil || p.asked.Load() > 2 {
			t.Errorf("%d requests, %v", p.asked.Load(), inst.Err)
		}
		p.status.Store(0)
		if inst := g.Poll(t.Context()); failure(inst) != nil {
			t.Error(failure(inst))
		}
	})
}

// TestProxyDoesNotConnect: what else the proxy answers to CONNECT is its failure, and not
// GoldenGate's.
func TestProxyDoesNotConnect(t *testing.T) {
	t.Parallel()
	for status, attempts := range map[int]int64{
		http.StatusForbidden: 2, http.StatusFound: 2, http.StatusUnauthorized: 2, http.StatusNotFound: 2,
		http.StatusServiceUnavailable: 6, http.StatusBadGateway: 6,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				i := north(oggtest.Release26ai)
				i.TLS = true
				s, sm := simulate(t, i)
				p := startProxy(t, &sm)
				p.status.Store(int64(status))
				g := newGuarded(t, sm)
				inst := g.Poll(t.Context())
				want := "proxy " + p.url.Host + " did not connect: " + strconv.Itoa(status)
				if inst.Err == nil || !strings.Contains(inst.Err.Error(), want) || strings.Contains(inst.Err.Error(), "Pw1") {
					t.Errorf("got %v, want %q", inst.Err, want)
				}
				if b := deployment(t, inst, ogg.ServiceManager).Services[0].LoginBlocked; b == nil || *b {
					t.Error("the user counts as rejected")
				}
				if n := p.asked.Load(); n != attempts || len(s.Requests()) != 0 {
					t.Errorf("%d requests to the proxy, want %d", n, attempts)
				}
				p.status.Store(0)
				if inst := g.Poll(t.Context()); failure(inst) != nil {
					t.Error(failure(inst))
				}
			})
		})
	}
}
