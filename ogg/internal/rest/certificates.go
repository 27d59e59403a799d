package rest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/files"
)

// certificates are what the files of TLS settings hold. Those that have not changed are the same
// strings, which are compared at once.
type certificates struct{ ca, cert, key string }

// renewing is a transport that is made anew when the certificates change. promconfig has such a
// transport, but it hashes all certificates for each request.
type renewing struct {
	config        promconfig.TLSConfig
	ca, cert, key promconfig.SecretReader // nil for those without a file
	build         func(*tls.Config) (http.RoundTripper, error)

	mu     sync.Mutex // held while a transport is made
	latest atomic.Pointer[renewed]
}

// renewed is a transport, and the certificates that it was made with.
type renewed struct {
	http.RoundTripper

	with certificates
}

// newRenewing returns the transport of TLS settings, which is made at the first request.
func newRenewing(r *fileReader, c promconfig.TLSConfig, build func(*tls.Config) (http.RoundTripper, error)) *renewing {
	t := &renewing{config: c, ca: r.keyOf("", c.CAFile), cert: r.keyOf("", c.CertFile), key: r.keyOf("", c.KeyFile), build: build}
	t.latest.Store(&renewed{})
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *renewing) RoundTrip(request *http.Request) (*http.Response, error) {
	now, err := t.read(request.Context())
	if err != nil {
		return nil, err
	}
	latest := t.latest.Load()
	if latest.with != now {
		if latest, err = t.renew(request.Context()); err != nil {
			return nil, err
		}
	}
	return latest.RoundTrip(request)
}

// CloseIdleConnections closes those of the latest transport.
func (t *renewing) CloseIdleConnections() { t.latest.Load().close() }

// read returns what the files hold.
func (t *renewing) read(ctx context.Context) (now certificates, err error) {
	if now.ca, err = fetch(ctx, t.ca); err != nil {
		return now, fmt.Errorf("reading the CA certificate: %w", err)
	}
	if now.cert, err = fetch(ctx, t.cert); err != nil {
		return now, fmt.Errorf("reading the client certificate: %w", err)
	}
	if now.key, err = fetch(ctx, t.key); err != nil {
		return now, fmt.Errorf("reading the client's key: %w", err)
	}
	return now, nil
}

// renew makes a transport with what the files hold, unless another request has just done so, and
// closes the idle connections of the one before.
func (t *renewing) renew(ctx context.Context) (*renewed, error) {
	t.mu.Lock()
	before := t.latest.Load()
	now, err := t.read(ctx) // again, so that the transport is never made from what is older
	if err != nil || before.with == now {
		t.mu.Unlock()
		return before, err
	}
	next, err := t.make(now)
	if err == nil {
		t.latest.Store(next)
	}
	t.mu.Unlock()
	if err == nil {
		before.close()
	}
	return next, err
}

// make makes a transport.
func (t *renewing) make(with certificates) (*renewed, error) {
	named, _ := files.TLS(t.config)
	held := contents{t.config.CAFile: with.ca, t.config.CertFile: with.cert, t.config.KeyFile: with.key}
	settings, err := promconfig.NewTLSConfig(&named, promconfig.WithSecretManager(held))
	if err != nil {
		return nil, err
	}
	transport, err := t.build(settings)
	return &renewed{transport, with}, err
}

// close closes the idle connections.
func (r *renewed) close() {
	if idle, is := r.RoundTripper.(interface{ CloseIdleConnections() }); is {
		idle.CloseIdleConnections()
	}
}

// contents are what files held, by name, for promconfig.
type contents map[string]string

// Fetch implements promconfig.SecretManager.
func (c contents) Fetch(_ context.Context, name string) (string, error) { return c[name], nil }
