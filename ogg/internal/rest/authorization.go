package rest

import (
	"fmt"
	"maps"
	"net/http"

	promconfig "github.com/prometheus/common/config"
)

// authorizationTransport adds the credentials of authorization to each request that has none. promconfig
// has such a transport, but its version 0.72 adds them to the header of the request that it gets, which
// others share.
type authorizationTransport struct {
	scheme      string
	credentials promconfig.SecretReader // nil without any
	next        http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *authorizationTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Authorization") != "" {
		return t.next.RoundTrip(request)
	}
	credentials, err := fetch(request.Context(), t.credentials)
	if err != nil {
		return nil, fmt.Errorf("reading the credentials: %w", err)
	}
	authorized := request.WithContext(request.Context())
	authorized.Header = maps.Clone(request.Header)
	authorized.Header.Set("Authorization", t.scheme+" "+credentials)
	return t.next.RoundTrip(authorized)
}

// CloseIdleConnections closes those of the pool.
func (t *authorizationTransport) CloseIdleConnections() {
	if pool, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}
