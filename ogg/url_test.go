package ogg_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestZone: every service is asked at the IPv6 address of url with its zone, which no
// certificate has.
func TestZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tls, proxy bool }{{false, false}, {true, false}, {true, true}} {
		i := north(oggtest.Release26ai)
		i.TLS, i.ReverseProxy = c.tls, c.proxy
		s, _ := simulate(t, i)
		u, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "ogg.yml")
		text := fmt.Sprintf("service_managers:\n  - url: %s://[::1%%25eth0]:%s\n    reverse_proxy: %t\n    basic_auth: {username: %s, password: %s}\n",
			u.Scheme, u.Port(), c.proxy, oggtest.DefaultUser, oggtest.DefaultPassword)
		if c.tls {
			text += fmt.Sprintf("    tls_config: {ca: %q}\n", s.CACertificate())
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		loaded, err := config.Load(file, config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		client, err := ogg.NewClient(loaded.ServiceManagers[0], ogg.Options{
			Collectors: []string{"deployment", "service", "process"}, Dial: dialZone,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		if d := deployment(t, poll(t, client), "north"); len(d.Processes) != 2 || d.Service("pmsrvr").Healthy == nil {
			t.Errorf("got %d processes of %v", len(d.Processes), d)
		}
		if want := u.Scheme + "://[::1%25eth0]:" + u.Port(); client.URL() != want {
			t.Errorf("got the URL %s, want %s", client.URL(), want)
		}
	}
}

// dialZone connects to 127.0.0.1 in the place of ::1%eth0, and to nothing else.
func dialZone(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "::1%eth0" {
		return nil, fmt.Errorf("dialled %s", address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:"+port)
}

// TestPathPrefix: behind a proxy that has GoldenGate below a path, all is asked there, and no
// redirect leads out of it.
func TestPathPrefix(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.ReverseProxy, i.PathPrefix = true, "/a b/ogg"
	s, sm := simulate(t, i)
	sm.URL = sm.URL.JoinPath() // as the configuration has it
	client := newClient(t, sm)
	inst := poll(t, client)
	if d := deployment(t, inst, "north"); len(d.Processes) != 2 || d.Service("pmsrvr").Healthy == nil {
		t.Errorf("got %d processes of %v", len(d.Processes), d)
	}
	if got := deployment(t, inst, ogg.ServiceManager).APIVersions; len(got) != 1 {
		t.Errorf("got the versions %v", got)
	}
	if !strings.HasSuffix(client.URL(), "/a%20b/ogg") {
		t.Errorf("got the URL %s", client.URL())
	}

	origin := strings.TrimSuffix(client.URL(), "/a%20b/ogg")
	at := oggtest.Target{Service: ogg.ServiceManager, Path: "/services/v2/config/health"}
	for to, follows := range map[string]bool{
		"/a%20b/ogg/services/ServiceManager/v2/config/health/check": true,
		"/services/ServiceManager/v2/config/health/check":           false,
		"/a%20b/oggs/login":                false,
		"/a%20b/ogg/../login":              false,
		"/a%20b/ogg/%2e%2e/login?secret=1": false,
	} {
		mend := s.Fault(at, oggtest.Fault{Redirect: origin + to, Times: 1})
		err := failure(client.Poll(context.Background()))
		refused, is := errors.AsType[*ogg.RedirectError](err)
		if is == follows || is && (refused.From != origin+"/a b/ogg" || strings.Contains(refused.To, "secret")) {
			t.Errorf("%s: got %v", to, err)
		}
		mend()
	}
}
