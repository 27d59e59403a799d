//go:build soak

package e2e

import (
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"strings"
	"sync/atomic"
)

// forwardProxy is a forward proxy through which some of the Service Managers are read. It
// tunnels what is for TLS, and forwards what is not.
type forwardProxy struct {
	*httptest.Server
	forward *httputil.ReverseProxy
	refuses atomic.Pointer[http.HandlerFunc] // answers in place of forwarding; nil if it forwards
}

// startProxy starts the forward proxy.
func (s *soak) startProxy() {
	transport := &http.Transport{}
	p := &forwardProxy{forward: &httputil.ReverseProxy{
		Rewrite: func(*httputil.ProxyRequest) {}, Transport: transport, ErrorLog: log.New(io.Discard, "", 0),
	}}
	p.Server = httptest.NewServer(p)
	s.t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
		transport.CloseIdleConnections()
	})
	s.proxy = p
}

// proxyUser is the user of the forward proxy.
const proxyUser = "ogg"

// address is the proxy in the configuration, with a user.
func (p *forwardProxy) address() string {
	return strings.Replace(p.URL, "http://", "http://"+proxyUser+":"+hush+"proxy@", 1)
}

// ServeHTTP implements http.Handler.
func (p *forwardProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch refuse := p.refuses.Load(); {
	case refuse != nil:
		(*refuse)(w, r)
	case r.Method == http.MethodConnect:
		tunnel(w, r)
	default:
		p.forward.ServeHTTP(w, r)
	}
}

// tunnel connects the client with the host that it names until one of them has enough.
func tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = far.Close() }()
	w.WriteHeader(http.StatusOK)
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = near.Close() }()
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

// refusals are the ways in which a forward proxy does not forward.
var refusals = map[string]http.HandlerFunc{
	"407": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
	},
	"403": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	"302": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.2:1/sign-in", http.StatusFound)
	},
	"503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	"no answer": func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	},
	"a dropped connection": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
}

// obstructProxy makes the forward proxy refuse for some time. Tunnels stay open.
func (s *soak) obstructProxy() {
	if s.proxy.refuses.Load() != nil {
		return
	}
	name := choose(s, slices.Sorted(maps.Keys(refusals))...)
	s.proxy.refuses.Store(new(refusals[name]))
	s.faults.Add(1)
	s.lasts("the proxy gives "+name, func() { s.proxy.refuses.Store(nil) })
}
