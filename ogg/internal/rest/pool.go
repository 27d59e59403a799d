package rest

import (
	"crypto/tls"
	"net/http"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Of the connections of a pool.
const (
	idleConnections        = 20_000
	idleConnectionsPerHost = 1_000 // as many as may be in flight
	idleConnectionTimeout  = 5 * time.Minute
	handshakeTimeout       = 10 * time.Second
	// What is sent is less than the one, and most answers fit in the other. Each
	// connection keeps both.
	writeBuffer = 1 << 10
	readBuffer  = 2 << 10
)

// NewPool returns the pool of connections for one set of credentials, with TLS and
// authentication as configured, less the user and password, which are for
// passwordTransport. Secret and certificate files are read again when they change.
//
// The parts are promconfig's. Its NewRoundTripperFromConfig would put them together,
// but keeps a log of 8 KiB for each connection and large buffers: with thousands of
// connections, of which none may be given up between two scrapes, that is most of
// what the exporter holds.
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
		TLSClientConfig: settings, TLSHandshakeTimeout: handshakeTimeout,
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

// oauth2Secret is with what the client says who it is: a secret, or in the grant of
// RFC 7523 the key that signs.
func oauth2Secret(o *promconfig.OAuth2) promconfig.SecretReader {
	if o.GrantType == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return secretOf(o.ClientCertificateKey, o.ClientCertificateKeyFile)
	}
	return secretOf(o.ClientSecret, o.ClientSecretFile)
}

// secretOf reads the file at each use, so that a changed one is taken up, and is the
// text where there is no file, nil where there is neither.
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
