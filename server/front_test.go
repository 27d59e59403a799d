package server_test

import (
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// front stands before a simulation: it counts the connections that are open to it,
// and holds requests.
type front struct {
	*httptest.Server

	mu   sync.Mutex
	open map[net.Conn]bool
	held *hold
}

// hold is a stop for the requests to a path.
type hold struct {
	path    string
	reached chan struct{} // closed when the first request is there
	once    sync.Once
	release chan struct{} // closed when they may go on
}

// simulateBehind is simulate with a front.
func simulateBehind(t testing.TB, name string) (*front, config.ServiceManager) {
	t.Helper()
	_, sm := simulate(t, name, twoDeployments(true))
	f := newFront(t, sm.URL)
	sm.URL, sm.Timeout = f.at(t), time.Minute
	return f, sm
}

// newFront starts a front before what is at a URL.
func newFront(t testing.TB, behind *url.URL) *front {
	t.Helper()
	to := &httputil.ReverseProxy{
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: bubble.Dialer(t)},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host // which may be signed
		},
		ErrorLog: log.New(io.Discard, "", 0), // of requests that nobody waits for any more
	}
	f := &front{open: map[net.Conn]bool{}}
	f.Server = &httptest.Server{Listener: bubble.Listen(t), Config: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f.wait(r)
			to.ServeHTTP(w, r)
		}),
		ConnState: f.changed,
	}}
	f.Start()
	t.Cleanup(f.Close)
	return f
}

// at returns where the front is.
func (f *front) at(t testing.TB) *url.URL {
	t.Helper()
	u, err := url.Parse(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// changed is the server's ConnState.
func (f *front) changed(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch state {
	case http.StateNew:
		f.open[c] = true
	case http.StateClosed, http.StateHijacked:
		delete(f.open, c)
	default:
	}
}

// connections returns those that are open.
func (f *front) connections() map[net.Conn]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.open)
}

// closes waits until no connection is open any more.
func (f *front) closes(t testing.TB) {
	t.Helper()
	eventually(t, "all connections are closed", func() bool { return len(f.connections()) == 0 })
}

// hold stops the requests whose path ends so, until goOn is called or the test ends.
func (f *front) hold(t testing.TB, path string) (h *hold, goOn func()) {
	t.Helper()
	h = &hold{path: path, reached: make(chan struct{}), release: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = h
	goOn = sync.OnceFunc(func() {
		f.mu.Lock()
		f.held = nil
		f.mu.Unlock()
		close(h.release)
	})
	t.Cleanup(goOn)
	return h, goOn
}

// wait keeps a request that is held.
func (f *front) wait(r *http.Request) {
	f.mu.Lock()
	h := f.held
	f.mu.Unlock()
	if h == nil || !strings.HasSuffix(r.URL.Path, h.path) {
		return
	}
	h.once.Do(func() { close(h.reached) })
	select {
	case <-h.release:
	case <-r.Context().Done():
	}
}

// await waits for the first request that is held.
func (h *hold) await(t testing.TB) {
	t.Helper()
	select {
	case <-h.reached:
	case <-time.After(time.Minute):
		t.Fatal("no request came")
	}
}

// eventually waits until what is said is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in a minute: %s", what)
		}
	}
}
