package rest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/icholy/digest"
	promconfig "github.com/prometheus/common/config"
)

// passwordTransport sends the user and password of basic_auth, by digest authentication if
// the service offers it, otherwise, and over TLS if it offers both, by basic authentication.
//
// A wrong password is to be one failed login and not two, so the first request of all goes
// without a user: its answer says what services want. If that is basic authentication, the
// others send it unprompted; if it is digest authentication, each service is first asked
// without a user, for a nonce of its own. A request without a user is no failed login.
//
// A 401 to the password is returned with its body unread.
//
// It is for the requests of one service, which all have the same header.
type passwordTransport struct {
	next               http.RoundTripper
	pool               *Pool
	username, password promconfig.SecretReader
	authorized         atomic.Pointer[authorized] // the latest; nil before there was one

	mu      sync.Mutex
	basic   bool           // this service has accepted basic authentication, or offers no other
	session *digestSession // with this service; nil if there is none
}

// proof is how a request says whose it is: not at all, by basic or by digest authentication.
type proof struct {
	basic   bool
	session *digestSession
}

// isNone reports whether there is no proof.
func (p proof) isNone() bool { return !p.basic && p.session == nil }

// newPasswordTransport wraps next with the user and password of auth.
func newPasswordTransport(auth *promconfig.BasicAuth, pool *Pool, next http.RoundTripper) *passwordTransport {
	return &passwordTransport{
		next:     next,
		pool:     pool,
		username: pool.files.userOf(auth),
		password: pool.files.secretOf(auth.Password, auth.PasswordFile),
	}
}

// RoundTrip implements http.RoundTripper.
func (t *passwordTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	// Read once: a password that takes the place of another in between would be sent as if it were
	// that, and so a second time.
	login, err := t.credentials(request.Context())
	if err != nil {
		return nil, fmt.Errorf("reading credentials: %w", err)
	}
	used := t.unprompted()
	answer, err := t.send(request, used, login)
	if err != nil {
		return nil, err
	}
	next, again, err := t.prompted(used, request, answer)
	if err != nil || again {
		_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 4096)) // so that the connection can be reused
		_ = answer.Body.Close()
	}
	if err != nil {
		return nil, err
	}
	if !again {
		return answer, nil
	}
	if answer, err = t.send(request, next, login); err == nil {
		t.take(next, answer, wanted(request, answer), false)
	}
	return answer, err
}

// noMD5 is why a service cannot be asked under GODEBUG=fips140=only.
const noMD5 = "the service offers only digest authentication with MD5, which GODEBUG=fips140=only forbids"

// unprompted returns what to send before the service has said what it wants.
func (t *passwordTransport) unprompted() proof {
	t.mu.Lock()
	defer t.mu.Unlock()
	return proof{session: t.session, basic: t.session == nil && (t.basic || t.pool.wants.Load() == wantsBasic)}
}

// prompted takes in the answer to a request, and returns what to send next, if anything.
func (t *passwordTransport) prompted(used proof, request *http.Request, answer *http.Response) (next proof, again bool, err error) {
	offered := wanted(request, answer)
	if answer.StatusCode == http.StatusUnauthorized && offered.forbidden && !offered.basic && offered.digest == nil {
		return proof{}, false, &APIError{StatusCode: answer.StatusCode, URL: request.URL.String(), Title: noMD5}
	}
	next, again = t.take(used, answer, offered, strings.HasSuffix(request.URL.Path, openRoute))
	return next, again, nil
}

// wanted returns what an answer offers. Over TLS the password is safe, so basic authentication
// is as good as digest authentication, which fails behind a proxy that rewrites URLs.
func wanted(request *http.Request, answer *http.Response) offers {
	offered := offersIn(answer.Header)
	if offered.basic && request.URL.Scheme == "https" {
		offered.digest = nil
	}
	return offered
}

// take notes what the answer says of the service, and returns what to send next, if anything.
func (t *passwordTransport) take(used proof, answer *http.Response, offered offers, isOpen bool) (proof, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	isRefusal := answer.StatusCode == http.StatusUnauthorized
	switch {
	case used.isNone() && !needsUser(answer, isOpen):
		if !isOpen && answer.StatusCode/100 == 2 {
			t.pool.wants.CompareAndSwap(0, wantsBasic) // other services may want a user
		}
		return proof{}, false
	case !isRefusal && !used.isNone():
		t.basic = t.basic || used.basic && !isOpen && answer.StatusCode/100 != 5
		return proof{}, false
	case isRefusal && offered.digest != nil && (!used.basic || !offered.basic):
		t.pool.wants.Store(wantsDigest)
		return t.challenged(used, offered.digest)
	case used.basic || used.session != nil && !offered.basic:
		return proof{}, false
	default:
		t.session, t.basic = nil, true
		t.pool.wants.CompareAndSwap(0, wantsBasic)
		return proof{basic: true}, true
	}
}

// challenged notes a challenge in the 401 to a request, and returns what to send next, if
// anything.
//
// A 401 to a digest answer means a wrong user or password unless it says stale=true (RFC 7616,
// section 3.3). Some services may forget a nonce, as in a restart, without saying so, but from
// outside that looks just like a password that was changed. To send the password again would be
// right for the former, and a second failed login for the latter, on each service, which can lock
// the user. Not to do so costs at most the wait after a rejection, and only at that service. So
// the session ends, and the next request asks without a user for a new nonce, because the one at
// hand may be forgotten, too, by the time that it is sent.
func (t *passwordTransport) challenged(used proof, offered *digestSession) (proof, bool) {
	if used.session == nil || offered.Stale {
		t.session = offered
		return proof{session: offered}, true
	}
	if t.session == used.session { // and not one that another request has begun
		t.session = nil
	}
	return proof{}, false
}

// needsUser reports whether the answer to a request without a user asks for one: mostly
// with 401, but a proxy may do so with 403, a redirect or a login page. openRoute needs no
// user, so its other answers do not ask for one.
func needsUser(answer *http.Response, isOpen bool) bool {
	switch status := answer.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return true
	case isOpen:
		return false
	default:
		return status/100 == 3 || status/100 == 2 && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html")
	}
}

// send sends a copy of the request with the proof.
func (t *passwordTransport) send(request *http.Request, p proof, l credentials) (*http.Response, error) {
	authorized := request.WithContext(request.Context())
	switch {
	case p.basic:
		authorized.Header = t.withBasic(request, l)
	case p.session != nil:
		value, err := p.session.answer(digest.Options{
			Method: request.Method, URI: request.URL.RequestURI(), Username: l.username, Password: l.password,
		})
		if err != nil {
			return nil, err
		}
		authorized.Header = maps.Clone(request.Header)
		authorized.Header.Set("Authorization", value)
	}
	return t.next.RoundTrip(authorized)
}

// credentials are a user and password.
type credentials struct{ username, password string }

// authorized is the header of all requests with a user and password.
type authorized struct {
	credentials

	header http.Header
}

// withBasic returns the header of a request with basic authentication. All requests have the same, except
// after a redirect.
func (t *passwordTransport) withBasic(request *http.Request, l credentials) http.Header {
	latest := t.authorized.Load()
	isFirst := request.Response == nil
	if isFirst && latest != nil && latest.credentials == l {
		return latest.header
	}
	with := http.Request{Header: maps.Clone(request.Header)}
	with.SetBasicAuth(l.username, l.password)
	if isFirst {
		t.authorized.Store(&authorized{l, with.Header})
	}
	return with.Header
}

// credentials returns the current user and password.
func (t *passwordTransport) credentials(ctx context.Context) (l credentials, err error) {
	if l.username, err = fetch(ctx, t.username); err != nil {
		return credentials{}, err
	}
	if l.password, err = fetch(ctx, t.password); err != nil {
		return credentials{}, err
	}
	t.pool.secrets.NoteLogin(l.username, l.password)
	return l, nil
}
