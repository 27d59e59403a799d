package rest

import (
	"crypto/tls"
	"net/http"
	"sync/atomic"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/secret"
)

// Settings of a pool.
const (
	idleConnections        = 20_000
	idleConnectionsPerHost = 1_000 // as many as may be in flight
	idleConnectionTimeout  = 5 * time.Minute
	handshakeTimeout       = 10 * time.Second
	// Every request fits in the first, and most answers in the second. Each connection
	// keeps both.
	writeBuffer = 1 << 10
	readBuffer  = 2 << 10
)

// Pool is the connections for one set of credentials, and what is known of how services want
// their user and password.
type Pool struct {
	http.RoundTripper

	secrets secret.Redactor
	wants   atomic.Int32 // wantsBasic, wantsDigest, or 0 while unknown
}

// What the services want that were asked with the credentials of a Pool.
const (
	wantsBasic = iota + 1
	wantsDigest
)

// CloseIdleConnections closes the connections that no request uses.
func (p *Pool) CloseIdleConnections() {
	if c, ok := p.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// NewPool returns the connection pool for one set of credentials, with TLS and authentication
// as configured, except basic_auth, which passwordTransport handles. Secret and certificate
// files are read again when they change.
//
// It assembles parts of promconfig. NewRoundTripperFromConfig would do that, but keeps a log
// of 8 KiB and large buffers for each connection. With thousands of connections that stay
// open between scrapes, that would be most of the exporter's memory.
func NewPool(c promconfig.HTTPClientConfig, dial promconfig.DialContextFunc) (*Pool, error) {
	p := &Pool{}
	know(&p.secrets, c)
	transport, err := newTLSTransport(c, dial, &p.secrets)
	if err != nil {
		return nil, err
	}
	p.RoundTripper = transport
	return p, nil
}

// newTLSTransport returns the pool with certificate files that are read again.
func newTLSTransport(c promconfig.HTTPClientConfig, dial promconfig.DialContextFunc, secrets *secret.Redactor) (http.RoundTripper, error) {
	settings, err := promconfig.NewTLSConfig(&c.TLSConfig)
	if err != nil {
		return nil, err
	}
	if c.TLSConfig.CAFile == "" && c.TLSConfig.CertFile == "" && c.TLSConfig.KeyFile == "" {
		return newTransport(c, settings, dial, secrets), nil // nothing to read again
	}
	read := promconfig.TLSRoundTripperSettings{
		CA:   keyOf(promconfig.Secret(c.TLSConfig.CA), c.TLSConfig.CAFile),
		Cert: keyOf(promconfig.Secret(c.TLSConfig.Cert), c.TLSConfig.CertFile),
		Key:  keyOf(c.TLSConfig.Key, c.TLSConfig.KeyFile),
	}
	return promconfig.NewTLSRoundTripper(settings, read, func(settings *tls.Config) (http.RoundTripper, error) {
		return newTransport(c, settings, dial, secrets), nil
	})
}

// newTransport returns the pool with these TLS settings.
func newTransport(c promconfig.HTTPClientConfig, settings *tls.Config, dial promconfig.DialContextFunc, secrets *secret.Redactor) http.RoundTripper {
	pool := &http.Transport{
		DialContext: dial, Proxy: c.Proxy(), ProxyConnectHeader: c.GetProxyConnectHeader(),
		OnProxyConnectResponse: checkConnect,
		TLSClientConfig:        settings, TLSHandshakeTimeout: handshakeTimeout,
		MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnectionsPerHost, IdleConnTimeout: idleConnectionTimeout,
		WriteBufferSize: writeBuffer, ReadBufferSize: readBuffer,
		DisableCompression: true, ForceAttemptHTTP2: c.EnableHTTP2,
	}
	var transport http.RoundTripper = pool
	if a := c.Authorization; a != nil {
		transport = promconfig.NewAuthorizationCredentialsRoundTripper(a.Type, noting(secretOf(a.Credentials, a.CredentialsFile), secrets), transport)
	}
	if o := c.OAuth2; o != nil {
		transport = promconfig.NewOAuth2RoundTripper(noting(oauth2Secret(o), secrets), o, &tokenNoter{transport, secrets})
	}
	if c.HTTPHeaders != nil {
		transport = &headersTransport{c.HTTPHeaders.Headers, secrets, transport}
	}
	return transport
}

// oauth2Secret returns what authenticates the client: a secret, or with the grant of RFC 7523
// the signing key.
func oauth2Secret(o *promconfig.OAuth2) promconfig.SecretReader {
	if o.GrantType == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return keyOf(o.ClientCertificateKey, o.ClientCertificateKeyFile)
	}
	return secretOf(o.ClientSecret, o.ClientSecretFile)
}
