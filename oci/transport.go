package oci

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/files"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Settings of the connections to the control plane.
const (
	idleConnectionTimeout = 5 * time.Minute
	handshakeTimeout      = 10 * time.Second
	// headerBytes is the most that the header of an answer may have.
	headerBytes = 64 << 10
)

// newTransport returns the connections to the control plane, over HTTP/1.1, whose requests heed
// their context. Certificate files are read again when they change.
func newTransport(c config.OCI, dial func(ctx context.Context, network, address string) (net.Conn, error)) (http.RoundTripper, error) {
	guarded, reader := files.TLS(c.TLSConfig)
	settings, err := promconfig.NewTLSConfig(&guarded, reader)
	if err != nil {
		return nil, err
	}
	build := func(settings *tls.Config) (http.RoundTripper, error) {
		return &http.Transport{
			DialContext: dial, Proxy: c.ProxyConfig.Proxy(), ProxyConnectHeader: c.ProxyConfig.GetProxyConnectHeader(),
			TLSClientConfig: settings, TLSHandshakeTimeout: handshakeTimeout,
			IdleConnTimeout: idleConnectionTimeout, MaxIdleConnsPerHost: maxRequests,
			MaxResponseHeaderBytes: headerBytes, DisableCompression: true,
		}, nil
	}
	t := c.TLSConfig
	if t.CAFile == "" && t.CertFile == "" && t.KeyFile == "" {
		return build(settings)
	}
	return promconfig.NewTLSRoundTripper(settings, promconfig.TLSRoundTripperSettings{
		CA: pem(t.CA, t.CAFile), Cert: pem(t.Cert, t.CertFile), Key: pem(string(t.Key), t.KeyFile),
	}, build)
}

// pem returns a reader of the file or, without one, of the text; without either, nil.
func pem(text, file string) promconfig.SecretReader {
	switch {
	case file != "":
		return files.Secret(file)
	case text != "":
		return promconfig.NewInlineSecret(text)
	default:
		return nil
	}
}

// maxRequests is how many requests may be under way, those that hang included. A refresh sends no more.
const maxRequests = 10

// guarded returns when the context of a request ends, even if the request does not, for example
// because a certificate is on a hung file system.
type guarded struct {
	next  http.RoundTripper
	slots chan struct{} // one for each request that is under way
}

func newGuarded(next http.RoundTripper) *guarded {
	return &guarded{next: next, slots: make(chan struct{}, maxRequests)}
}

// RoundTrip implements http.RoundTripper.
func (g *guarded) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("not sent, because %d requests hang: %w", maxRequests, context.Cause(ctx))
	}
	type reply struct {
		answer *http.Response
		err    error
	}
	came, left := make(chan reply), make(chan struct{})
	defer close(left)
	go func() {
		defer func() { <-g.slots }()
		var answer *http.Response
		// A panic is raised again where the answer is waited for.
		err := (*wire.Panics)(nil).Catch("request", func() (err error) {
			answer, err = g.next.RoundTrip(request) //nolint:bodyclose // by whoever gets it, or below
			return err
		})
		select {
		case came <- reply{answer, err}:
		case <-left:
			if err == nil {
				_ = answer.Body.Close()
			}
		}
	}()
	select {
	case r := <-came:
		if caught, is := errors.AsType[*wire.PanicError](r.err); is {
			panic(caught)
		}
		return withoutSwitch(r.answer, r.err)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// errSwitch is the error of an answer such as 101: what follows is no body, and has no end.
var errSwitch = errors.New("the answer is none to a GET; what follows is not read")

// withoutSwitch returns an answer, and an error instead of one that ends the use of HTTP.
func withoutSwitch(answer *http.Response, err error) (*http.Response, error) {
	if err != nil || answer.StatusCode >= http.StatusOK {
		return answer, err
	}
	_ = answer.Body.Close()
	return nil, fmt.Errorf("status %s: %w", answer.Status, errSwitch)
}

// CloseIdleConnections closes idle connections, without waiting for one that hangs.
func (g *guarded) CloseIdleConnections() {
	if p, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		go p.CloseIdleConnections()
	}
}
