package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	promconfig "github.com/prometheus/common/config"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/ogg-exporter/ogg_exporter/secret"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// tokenTimeout bounds a request for a token, which goes on for the requests after it when those
// that wait for it have left.
const tokenTimeout = 10 * time.Second

// maxToken is how long a token may be, in bytes. Servers take no longer headers, and each request
// under way has its own copy.
const maxToken = 16 << 10

// jwtGrant is the grant type that signs with a key instead of sending a secret (RFC 7523).
const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// tokenTransport adds an OAuth 2.0 token to each request. promconfig has such a transport, but it
// asks for the token without a timeout, and with a lock held: a token endpoint that does not
// answer would hold up all requests for ever.
type tokenTransport struct {
	config *promconfig.OAuth2
	secret promconfig.SecretReader // nil without one
	tokens http.RoundTripper       // to the token endpoint
	next   http.RoundTripper       // to GoldenGate

	secrets *secret.Redactor

	mu     sync.Mutex
	source *tokenSource // of the latest secret; nil before there was one
}

// tokenSource gets tokens with one secret.
type tokenSource struct {
	secret string
	source interface {
		TokenSource(ctx context.Context) oauth2.TokenSource
	}
	token  *oauth2.Token // the latest; nil without one
	asking *tokenRequest // nil if none is under way
}

// tokenRequest is a request for a token, shared by the requests that need it.
type tokenRequest struct {
	done  chan struct{} // closed once the fields below are set
	token *oauth2.Token
	err   error
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	token, err := t.token(request)
	if err != nil {
		return nil, err
	}
	t.secrets.Note(token.AccessToken)
	authorized := request.Clone(request.Context())
	token.SetAuthHeader(authorized)
	return t.next.RoundTrip(authorized)
}

// token returns a valid token. It leaves when the context of the request for GoldenGate ends.
func (t *tokenTransport) token(request *http.Request) (*oauth2.Token, error) {
	ctx := request.Context()
	secret, err := fetch(ctx, t.secret)
	if err != nil {
		return nil, fmt.Errorf("reading the OAuth 2.0 client secret: %w", err)
	}
	token, asking := t.ask(ctx, secret, request.UserAgent())
	if asking == nil {
		return token, nil
	}
	select {
	case <-asking.done:
		return asking.token, asking.err
	case <-ctx.Done():
		return nil, &tokenError{fmt.Sprintf("no answer of %s in time", t.config.TokenURL)}
	}
}

// ask returns the token if it is still valid, or else the request for another, which it sends if
// none is under way.
func (t *tokenTransport) ask(ctx context.Context, secret, userAgent string) (*oauth2.Token, *tokenRequest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil || t.source.secret != secret {
		t.source = t.newSource(secret)
	}
	s := t.source
	if s.token.Valid() {
		return s.token, nil
	}
	if s.asking == nil {
		s.asking = &tokenRequest{done: make(chan struct{})}
		go t.get(context.WithoutCancel(ctx), s, s.asking, userAgent)
	}
	return nil, s.asking
}

// get requests a token.
func (t *tokenTransport) get(ctx context.Context, s *tokenSource, r *tokenRequest, userAgent string) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	client := &http.Client{Transport: promconfig.NewUserAgentRoundTripper(userAgent, t.tokens)}
	var token *oauth2.Token
	// A panic is raised again where the token is waited for.
	err := (*wire.Panics)(nil).Catch("token", func() (err error) {
		token, err = s.source.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, client)).Token()
		if err == nil && len(token.TokenType)+len(token.AccessToken) > maxToken {
			return fmt.Errorf("%s answered with a token of more than %d KiB", t.config.TokenURL, maxToken>>10)
		}
		return err
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.err = newTokenError(t.config.TokenURL, err); err == nil {
		r.token, s.token = token, token
	}
	s.asking = nil
	close(r.done)
}

// newSource returns the source of the tokens for a secret.
func (t *tokenTransport) newSource(secret string) *tokenSource {
	params := url.Values{}
	for name, value := range t.config.EndpointParams {
		params.Set(name, value)
	}
	s := &tokenSource{secret: secret}
	if t.config.GrantType != jwtGrant {
		s.source = &clientcredentials.Config{
			ClientID: t.config.ClientID, ClientSecret: secret, Scopes: t.config.Scopes,
			TokenURL: t.config.TokenURL, EndpointParams: params,
		}
		return s
	}
	issuer := t.config.Iss
	if issuer == "" {
		issuer = t.config.ClientID
	}
	method, is := jwt.GetSigningMethod(t.config.SignatureAlgorithm).(*jwt.SigningMethodRSA)
	if !is {
		method = jwt.SigningMethodRS256
	}
	s.source = &promconfig.JwtGrantTypeConfig{
		PrivateKey: []byte(secret), PrivateKeyID: t.config.ClientCertificateKeyID, SigningAlgorithm: method,
		Iss: issuer, Subject: t.config.ClientID, Audience: t.config.Audience, PrivateClaims: t.config.Claims,
		Scopes: t.config.Scopes, TokenURL: t.config.TokenURL, EndpointParams: params,
	}
	return s
}

// CloseIdleConnections closes those to the token endpoint and of the pool.
func (t *tokenTransport) CloseIdleConnections() {
	for _, transport := range []http.RoundTripper{t.tokens, t.next} {
		if c, ok := transport.(interface{ CloseIdleConnections() }); ok {
			c.CloseIdleConnections()
		}
	}
}

// tokenError says why there is no token. It wraps nothing, because what it would wrap, such as the
// certificate of the token endpoint, would be taken for GoldenGate's.
type tokenError struct{ text string }

func (e *tokenError) Error() string { return "no OAuth 2.0 token: " + e.text }

// tokenCodes are the errors of a token endpoint (RFC 6749, section 5.2). All else that it
// answers is not shown: it may repeat the request, and so the secret.
var tokenCodes = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

// newTokenError returns the error of a request for a token; nil for none.
func newTokenError(url string, err error) error {
	if err == nil || isA[*wire.PanicError](err) {
		return err
	}
	answer, is := errors.AsType[*oauth2.RetrieveError](err)
	if !is {
		return &tokenError{wire.OneLine(err.Error())}
	}
	text := url + " answered " + answer.Response.Status
	if slices.Contains(tokenCodes, answer.ErrorCode) {
		text += ": " + answer.ErrorCode
	}
	return &tokenError{wire.OneLine(text)}
}
