package rest

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/files"
	"github.com/ogg-exporter/ogg_exporter/secret"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Settings of a pool.
const (
	idleConnections        = 20_000
	idleConnectionsPerHost = 1_000 // as many as may be in flight
	handshakeTimeout       = 10 * time.Second
	// headerBytes is the most that the header of an answer may have. GoldenGate's has less than 1 KiB.
	headerBytes = 64 << 10
	// Every request fits in the first, and most answers in the second. Each connection
	// keeps both.
	writeBuffer = 1 << 10
	readBuffer  = 2 << 10
)

// Pool is the connections for one set of credentials, and what is known of how services want
// their user and password.
type Pool struct {
	http.RoundTripper

	wants atomic.Int32 // wantsBasic, wantsDigest, or 0 while unknown
	hung  atomic.Int64 // requests
	files fileReader   // of secrets and certificates
	// heeds is true if all requests end with their context: over HTTP/1.1.
	heeds bool

	sent    secrets
	secrets secret.Redactor

	idle    idle
	closing atomic.Bool // while idle connections are being closed
	leave   func()      // what limits the connections of the process; nil for nothing
}

// What the services want that were asked with the credentials of a Pool.
const (
	wantsBasic = iota + 1
	wantsDigest
)

// closePatience is how long to wait until idle connections are closed. It takes microseconds,
// except where a connection hangs.
const closePatience = time.Second

// CloseIdleConnections closes the connections that no request uses. It does not wait for one that
// cannot be closed.
func (p *Pool) CloseIdleConnections() {
	idle, is := p.RoundTripper.(interface{ CloseIdleConnections() })
	if !is || !p.closing.CompareAndSwap(false, true) {
		return
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		defer p.closing.Store(false)
		idle.CloseIdleConnections()
	}()
	timer := time.NewTimer(closePatience)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
	}
}

// NewAccount returns the account for the login at one deployment or, as a single service of it sees the
// account, at that service; whose names which. What is logged of it, seldom decides.
func (p *Pool) NewAccount(now func() time.Time, log *slog.Logger, seldom *wire.Seldom[string], whose string) *Account {
	return newAccount(keeper{now, log, seldom, whose, &p.sent})
}

// BeginPoll marks the start of a poll, in which a changed file is taken up. When no other has followed
// for two intervals, idle connections are closed.
func (p *Pool) BeginPoll() {
	p.files.expire()
	p.idle.poll(p.CloseIdleConnections)
}

// Close closes idle connections. The pool can still be used, but those that become idle later
// stay open until they time out.
func (p *Pool) Close() {
	p.idle.end()
	p.CloseIdleConnections()
	if p.leave != nil {
		p.leave()
	}
}

// NewPool returns the connection pool for one set of credentials, with TLS and authentication
// as configured, except basic_auth, which passwordTransport handles. Secret and certificate
// files are read again in each poll, and in between at most once a second.
//
// The connections of all pools together are limited, if connections is not nil.
//
// It assembles parts of promconfig. NewRoundTripperFromConfig would do that, but keeps a log
// of 8 KiB and large buffers for each connection. With thousands of connections that stay
// open between scrapes, that would be most of the exporter's memory.
func NewPool(c promconfig.HTTPClientConfig, dial promconfig.DialContextFunc, connections *Connections) (*Pool, error) {
	p := &Pool{}
	p.sent.add(&p.files, c)
	p.heeds = !c.EnableHTTP2
	know(&p.secrets, c)
	b := builder{&p.files, connections.limited(dial), &p.secrets}
	var err error
	p.RoundTripper, err = b.transport(&c.TLSConfig, func(settings *tls.Config) (http.RoundTripper, error) {
		return b.toGoldenGate(c, settings)
	})
	if err != nil {
		return nil, err
	}
	p.files.relieve = connections.closeIdle
	p.leave = connections.add(p.CloseIdleConnections)
	return p, nil
}

// builder builds the transports of a pool.
type builder struct {
	files   *fileReader
	dial    promconfig.DialContextFunc
	secrets *secret.Redactor
}

// transport returns a transport whose certificate files are read again. It fails if one of them cannot
// be used now.
func (b builder) transport(c *promconfig.TLSConfig, build func(*tls.Config) (http.RoundTripper, error)) (http.RoundTripper, error) {
	named, reader := files.TLS(*c)
	settings, err := promconfig.NewTLSConfig(&named, reader)
	if err != nil {
		return nil, err
	}
	transport, err := build(settings)
	if err != nil || c.CAFile == "" && c.CertFile == "" && c.KeyFile == "" {
		return transport, err
	}
	return newRenewing(b.files, *c, build), nil
}

// toGoldenGate returns the transport to GoldenGate with these TLS settings.
func (b builder) toGoldenGate(c promconfig.HTTPClientConfig, settings *tls.Config) (http.RoundTripper, error) {
	pool := b.connect(&c.ProxyConfig, settings)
	pool.OnProxyConnectResponse, pool.ForceAttemptHTTP2 = checkConnect, c.EnableHTTP2
	var transport http.RoundTripper = &unswitched{pool}
	if a := c.Authorization; a != nil {
		transport = &authorizationTransport{a.Type, noting(b.files.secretOf(a.Credentials, a.CredentialsFile), b.secrets), transport}
	}
	if o := c.OAuth2; o != nil {
		tokens, err := b.transport(&o.TLSConfig, func(settings *tls.Config) (http.RoundTripper, error) {
			return &unswitched{b.connect(&o.ProxyConfig, settings)}, nil
		})
		if err != nil {
			return nil, fmt.Errorf("oauth2: %w", err)
		}
		transport = &tokenTransport{config: o, secret: noting(b.oauth2Secret(o), b.secrets), tokens: tokens, next: transport, secrets: b.secrets}
	}
	if c.HTTPHeaders != nil {
		transport = &headersTransport{b.files, c.HTTPHeaders.Headers, b.secrets, transport}
	}
	return transport, nil
}

// connect returns a transport that sends requests as they are.
func (b builder) connect(c *promconfig.ProxyConfig, settings *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext: b.dial, Proxy: c.Proxy(), ProxyConnectHeader: c.GetProxyConnectHeader(),
		TLSClientConfig: settings, TLSHandshakeTimeout: handshakeTimeout,
		MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnectionsPerHost, IdleConnTimeout: idleMost,
		MaxResponseHeaderBytes: headerBytes,
		WriteBufferSize:        writeBuffer, ReadBufferSize: readBuffer,
		DisableCompression: true,
	}
}

// unswitched takes the body off an answer that ends the use of HTTP, such as 101: what follows is
// no body, has no end, and heeds no context.
type unswitched struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t *unswitched) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.Transport.RoundTrip(request)
	if err == nil && answer.StatusCode < http.StatusOK {
		_ = answer.Body.Close()
		answer.Body = http.NoBody
	}
	return answer, err
}

// oauth2Secret returns what authenticates the client: a secret, or with the grant of RFC 7523
// the signing key.
func (b builder) oauth2Secret(o *promconfig.OAuth2) promconfig.SecretReader {
	if o.GrantType == jwtGrant {
		return b.files.keyOf(o.ClientCertificateKey, o.ClientCertificateKeyFile)
	}
	return b.files.secretOf(o.ClientSecret, o.ClientSecretFile)
}
