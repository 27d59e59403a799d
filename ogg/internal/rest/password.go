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

// passwordTransport sends the user and password of basic_auth: as basic
// authentication, without being asked, until a 401 offers digest authentication,
// which it answers and uses from then on.
//
// A 401 that offers no digest is returned with its body unread. One transport
// serves one service, because a service's nonce means nothing to another.
type passwordTransport struct {
	next               http.RoundTripper
	username, password promconfig.SecretReader

	mu        sync.Mutex
	challenge *digest.Challenge
	count     int
}

// newPasswordTransport wraps next for the user and password of auth.
func newPasswordTransport(auth *promconfig.BasicAuth, next http.RoundTripper) *passwordTransport {
	return &passwordTransport{
		next:     next,
		username: secretOf(promconfig.Secret(auth.Username), auth.UsernameFile),
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
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096)) // so that the connection is used again
	_ = answer.Body.Close()
	authorized, err = t.authorize(request, offered, t.learn(offered))
	if err != nil {
		return nil, err
	}
	return t.next.RoundTrip(authorized)
}

// sameNonce reports whether the server refused the very nonce that it now
// offers again: then the password is wrong and another try is one failed login
// more.
func sameNonce(used, offered *digest.Challenge) bool {
	return used != nil && used.Nonce == offered.Nonce && !offered.Stale
}

// known returns the challenge to answer without being asked, nil if there is
// none, and how often it will then have been used.
func (t *passwordTransport) known() (*digest.Challenge, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	return t.challenge, t.count
}

// learn keeps the challenge for the requests to come and returns how often it
// will have been used with the caller's.
func (t *passwordTransport) learn(challenge *digest.Challenge) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.challenge == nil || t.challenge.Nonce != challenge.Nonce {
		t.challenge, t.count = challenge, 0
	}
	t.count++
	return t.count
}

// authorize returns a copy of request that answers the challenge, by basic
// authentication where there is none.
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

// credentials reads user and password as they are now.
func (t *passwordTransport) credentials(ctx context.Context) (username, password string, err error) {
	if username, err = fetch(ctx, t.username); err != nil {
		return "", "", err
	}
	password, err = fetch(ctx, t.password)
	return username, password, err
}

// fetch reads a secret, which is empty where there is none.
func fetch(ctx context.Context, secret promconfig.SecretReader) (string, error) {
	if secret == nil {
		return "", nil
	}
	return secret.Fetch(ctx)
}
