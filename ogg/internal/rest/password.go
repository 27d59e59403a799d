package rest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"

	"github.com/icholy/digest"
	promconfig "github.com/prometheus/common/config"
)

// passwordTransport sends the user and password of basic_auth. It uses basic authentication,
// unprompted, until a 401 offers digest authentication, which it uses from then on.
//
// A 401 that does not offer digest authentication is returned with its body unread. Each
// service has its own transport, because a nonce is valid for one service only.
type passwordTransport struct {
	next               http.RoundTripper
	username, password promconfig.SecretReader

	mu        sync.Mutex
	challenge *digest.Challenge
	count     int
}

// newPasswordTransport wraps next with the user and password of auth.
func newPasswordTransport(auth *promconfig.BasicAuth, next http.RoundTripper) *passwordTransport {
	return &passwordTransport{
		next:     next,
		username: userOf(auth),
		password: secretOf(auth.Password, auth.PasswordFile),
	}
}

// RoundTrip implements http.RoundTripper.
func (t *passwordTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	used, count := t.known()
	authorized, err := t.authorize(request, used, count)
	if err != nil {
		return nil, err
	}
	answer, err := t.next.RoundTrip(authorized)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}
	offered, err := digest.FindChallenge(answer.Header)
	if err != nil || !digest.CanDigest(offered) || sameNonce(used, offered) {
		return answer, nil //nolint:nilerr // without a usable challenge the 401 is the answer
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096)) // so that the connection can be reused
	_ = answer.Body.Close()
	authorized, err = t.authorize(request, offered, t.learn(offered))
	if err != nil {
		return nil, err
	}
	return t.next.RoundTrip(authorized)
}

// sameNonce reports whether the server rejected a nonce and offers the same one again: the
// password is wrong, and another attempt would only be another failed login.
func sameNonce(used, offered *digest.Challenge) bool {
	return used != nil && used.Nonce == offered.Nonce && !offered.Stale
}

// known returns the challenge to answer unprompted, if any, and how often it has been used,
// including this time.
func (t *passwordTransport) known() (*digest.Challenge, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	return t.challenge, t.count
}

// learn keeps the challenge for later requests, and returns how often it has been used,
// including this time.
func (t *passwordTransport) learn(challenge *digest.Challenge) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.challenge == nil || t.challenge.Nonce != challenge.Nonce {
		t.challenge, t.count = challenge, 0
	}
	t.count++
	return t.count
}

// authorize returns a copy of request that answers the challenge, or uses basic
// authentication without one.
func (t *passwordTransport) authorize(request *http.Request, challenge *digest.Challenge, count int) (*http.Request, error) {
	username, password, err := t.credentials(request.Context())
	if err != nil {
		return nil, fmt.Errorf("reading credentials: %w", err)
	}
	authorized := request.WithContext(request.Context())
	authorized.Header = maps.Clone(request.Header)
	if challenge == nil {
		authorized.SetBasicAuth(username, password)
		return authorized, nil
	}
	credentials, err := digest.Digest(challenge, digest.Options{
		Method: request.Method, URI: request.URL.RequestURI(), Count: count, Username: username, Password: password,
	})
	if err != nil {
		return nil, err
	}
	authorized.Header.Set("Authorization", credentials.String())
	return authorized, nil
}

// credentials returns the current user and password.
func (t *passwordTransport) credentials(ctx context.Context) (username, password string, err error) {
	if username, err = fetch(ctx, t.username); err != nil {
		return "", "", err
	}
	password, err = fetch(ctx, t.password)
	return username, password, err
}

// fetch reads a secret. It is empty if none is configured.
func fetch(ctx context.Context, secret promconfig.SecretReader) (string, error) {
	if secret == nil {
		return "", nil
	}
	return secret.Fetch(ctx)
}
