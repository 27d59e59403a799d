package rest

import (
	"crypto/tls"
	"net/http"
	"time"

	promconfig "github.com/prometheus/common/config"
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

// NewPool returns the connection pool for one set of credentials, with TLS and authentication
// as configured, except basic_auth, which passwordTransport handles. Secret and certificate
// files are read again when they change.
//
// It assembles parts of promconfig. NewRoundTripperFromConfig would do that, but keeps a log
// of 8 KiB and large buffers for each connection. With thousands of connections that stay
// open between scrapes, that would be most of the exporter's memory.
func NewPool(c promconfig.HTTPClientConfig, dial promconfig.DialContextFunc) (http.RoundTripper, error) {
	settings, err := promconfig.NewTLSConfig(&c.TLSConfig)
	if err != nil {
		return nil, err
	}
	if c.TLSConfig.CAFile == "" && c.TLSConfig.CertFile == "" && c.TLSConfig.KeyFile == "" {
		return newTransport(c, settings, dial), nil // nothing to read again
	}
	read := promconfig.TLSRoundTripperSettings{
		CA:   secretOf(promconfig.Secret(c.TLSConfig.CA), c.TLSConfig.CAFile),
		Cert: secretOf(promconfig.Secret(c.TLSConfig.Cert), c.TLSConfig.CertFile),
		Key:  secretOf(c.TLSConfig.Key, c.TLSConfig.KeyFile),
	}
	return promconfig.NewTLSRoundTripper(settings, read, func(settings *tls.Config) (http.RoundTripper, error) {
		return newTransport(c, settings, dial), nil
	})
}

// newTransport returns the pool with these TLS settings.
func newTransport(c promconfig.HTTPClientConfig, settings *tls.Config, dial promconfig.DialContextFunc) http.RoundTripper {
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
		transport = promconfig.NewAuthorizationCredentialsRoundTripper(a.Type, secretOf(a.Credentials, a.CredentialsFile), transport)
	}
	if o := c.OAuth2; o != nil {
		transport = promconfig.NewOAuth2RoundTripper(oauth2Secret(o), o, transport)
	}
	if c.HTTPHeaders != nil {
		transport = promconfig.NewHeadersRoundTripper(c.HTTPHeaders, transport)
	}
	return transport
}

// oauth2Secret returns what authenticates the client: a secret, or with the grant of RFC 7523
// the signing key.
func oauth2Secret(o *promconfig.OAuth2) promconfig.SecretReader {
	if o.GrantType == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return secretOf(o.ClientCertificateKey, o.ClientCertificateKeyFile)
	}
	return secretOf(o.ClientSecret, o.ClientSecretFile)
}

// secretOf returns a reader of the file, which it reads at each use, so that changes take
// effect; without a file, of the text; without either, nil.
func secretOf(text promconfig.Secret, file string) promconfig.SecretReader {
	switch {
	case file != "":
		return promconfig.NewFileSecret(file)
	case text != "":
		return promconfig.NewInlineSecret(string(text))
	default:
		return nil
	}
}
