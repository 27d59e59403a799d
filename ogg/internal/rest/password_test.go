package rest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"
)

// scripted is a service that answers each request by a function, and notes how each one said
// whose it is: "none", "basic" or "digest" and the nonce.
type scripted struct {
	answer func(proof string) (status int, challenge string)
	tls    bool
	got    []string
}

// RoundTrip implements http.RoundTripper.
func (s *scripted) RoundTrip(request *http.Request) (*http.Response, error) {
	proof := "none"
	if scheme, params, ok := strings.Cut(request.Header.Get("Authorization"), " "); ok {
		proof = strings.ToLower(scheme)
		if _, nonce, ok := strings.Cut(params, `nonce="`); ok {
			nonce, _, _ = strings.Cut(nonce, `"`)
			proof += " " + nonce
		}
	}
	s.got = append(s.got, proof)
	status, challenge := s.answer(proof)
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	if challenge == "page" {
		w.Header().Set("Content-Type", "text/html")
	} else if challenge != "" {
		w.Header().Set("WWW-Authenticate", challenge)
	}
	w.WriteHeader(status)
	return w.Result(), nil
}

// ask sends requests with one password transport and returns what the service got.
func (s *scripted) ask(t *testing.T, pool *Pool, paths ...string) []string {
	t.Helper()
	transport := newPasswordTransport(&promconfig.BasicAuth{Username: "u", Password: "p"}, pool, s)
	return s.with(t, transport, paths...)
}

func (s *scripted) with(t *testing.T, transport *passwordTransport, paths ...string) []string {
	t.Helper()
	s.got = nil
	for _, path := range paths {
		scheme := "http"
		if s.tls {
			scheme = "https"
		}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://gg:9011/services/v2"+path, nil)
		answer, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
	return s.got
}

const (
	basicOffer  = `Basic realm="x"`
	digestOffer = `Digest realm="a", qop="auth", nonce="n"`
)

// accepting returns a service that offers something and accepts some proofs.
func accepting(offer string, proofs ...string) func(string) (int, string) {
	return func(proof string) (int, string) {
		if slices.Contains(proofs, proof) {
			return http.StatusOK, ""
		}
		return http.StatusUnauthorized, offer
	}
}

// TestPassword checks what is sent to a service in a row of requests: what it offers decides,
// and a wrong password is sent once for each request, by one scheme, and after a challenge of its own.
func TestPassword(t *testing.T) {
	t.Parallel()
	newNonce, open := 0, 0
	for name, c := range map[string]struct {
		answer func(proof string) (int, string)
		first  string // path
		want   []string
	}{
		"basic":                {accepting(basicOffer, "basic"), "/a", []string{"none", "basic", "basic", "basic"}},
		"basic, wrong":         {accepting(basicOffer), "/a", []string{"none", "basic", "basic", "basic"}},
		"digest":               {accepting(digestOffer, "digest n"), "/a", []string{"none", "digest n", "digest n", "digest n"}},
		"digest, wrong":        {accepting(digestOffer), "/a", []string{"none", "digest n", "none", "digest n", "none", "digest n"}},
		"both, wrong":          {accepting(basicOffer + ", " + digestOffer), "/a", []string{"none", "digest n", "none", "digest n", "none", "digest n"}},
		"nothing offered":      {accepting("", "basic"), "/a", []string{"none", "basic", "basic", "basic"}},
		"other scheme offered": {accepting(`Bearer realm="x"`, "basic"), "/a", []string{"none", "basic", "basic", "basic"}},
		"no login":             {accepting("", "none", "basic"), "/a", []string{"none", "basic", "basic"}},
		"open route first": {func(proof string) (int, string) {
			if open++; open == 1 {
				return http.StatusOK, ""
			}
			return accepting(digestOffer, "digest n")(proof)
		}, openRoute, []string{"none", "none", "digest n", "digest n"}},
		"403 without a user": {func(proof string) (int, string) {
			return map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[proof == "basic"], ""
		}, "/a", []string{"none", "basic", "basic", "basic"}},
		"login page": {func(proof string) (int, string) {
			return http.StatusOK, map[bool]string{false: "page"}[proof == "basic"]
		}, "/a", []string{"none", "basic", "basic", "basic"}},
		"a redirect to a login": {func(proof string) (int, string) {
			return map[bool]int{true: http.StatusOK, false: http.StatusFound}[proof == "basic"], ""
		}, "/a", []string{"none", "basic", "basic", "basic"}},
		"no such route": {func(string) (int, string) { return http.StatusNotFound, "" }, "/a", []string{"none", "none", "none"}},
		"out of order":  {func(string) (int, string) { return http.StatusServiceUnavailable, "" }, "/a", []string{"none", "none", "none"}},
		"a new nonce for each, wrong": {func(string) (int, string) {
			newNonce++
			return http.StatusUnauthorized, `Digest realm="a", nonce="` + string(rune('0'+newNonce)) + `"`
		}, "/a", []string{"none", "digest 1", "none", "digest 3", "none", "digest 5"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (&scripted{answer: c.answer}).ask(t, &Pool{}, c.first, "/b", "/c"); !slices.Equal(got, c.want) {
				t.Errorf("sent %q, want %q", got, c.want)
			}
		})
	}
}

// TestPasswordOverTLS checks that basic authentication is used where both are offered, and
// digest authentication where it alone is.
func TestPasswordOverTLS(t *testing.T) {
	t.Parallel()
	for offer, want := range map[string][]string{
		basicOffer + ", " + digestOffer: {"none", "basic", "basic"},
		digestOffer:                     {"none", "digest n", "digest n"},
	} {
		s := &scripted{answer: accepting(offer, "basic", "digest n"), tls: true}
		if got := s.ask(t, &Pool{}, "/a", "/b"); !slices.Equal(got, want) {
			t.Errorf("%s: sent %q, want %q", offer, got, want)
		}
	}
}

// TestPasswordOfPool checks that what one service wants is taken for what the others want, and
// that one that wants something else is understood.
func TestPasswordOfPool(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second func(proof string) (int, string)
		want          []string
	}{
		"basic":              {accepting(basicOffer, "basic"), accepting(basicOffer, "basic"), []string{"basic", "basic"}},
		"the first is open":  {accepting("", "none", "basic"), accepting(basicOffer), []string{"basic", "basic"}},
		"digest":             {accepting(digestOffer, "digest n"), accepting(digestOffer, "digest n"), []string{"none", "digest n", "digest n"}},
		"basic, then digest": {accepting(basicOffer, "basic"), accepting(digestOffer, "digest n"), []string{"basic", "digest n", "digest n"}},
		"digest, then basic": {accepting(digestOffer, "digest n"), accepting(basicOffer, "basic"), []string{"none", "basic", "basic"}},
		"digest, then open":  {accepting(digestOffer, "digest n"), accepting("", "none"), []string{"none", "none"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := &Pool{}
			(&scripted{answer: c.first}).ask(t, pool, "/a")
			if got := (&scripted{answer: c.second}).ask(t, pool, "/a", "/b"); !slices.Equal(got, c.want) {
				t.Errorf("sent %q, want %q", got, c.want)
			}
		})
	}
}

// TestNonceForgotten checks that the password is sent again if the service says that the nonce is
// stale, that it is not if the service does not say so, as after the password was changed, but
// that the next request begins with a new challenge, and that a service may change its mind.
func TestNonceForgotten(t *testing.T) {
	t.Parallel()
	outOfOrder := 0
	for name, c := range map[string]struct {
		later func(proof string) (int, string)
		want  []string
	}{
		"stale":   {accepting(`Digest realm="a", nonce="m", stale=TRUE`, "digest m"), []string{"digest n", "digest m", "digest m"}},
		"unknown": {accepting(`Digest realm="a", nonce="m"`, "digest m"), []string{"digest n", "none", "digest m"}},
		"out of order, then unknown": {func(proof string) (int, string) {
			if outOfOrder++; outOfOrder == 1 {
				return http.StatusServiceUnavailable, ""
			}
			return accepting(`Digest realm="a", nonce="m"`, "digest m")(proof)
		}, []string{"digest n", "digest n"}},
		"the same":               {accepting(digestOffer), []string{"digest n", "none", "digest n"}},
		"basic instead":          {accepting(basicOffer, "basic"), []string{"digest n", "basic", "basic"}},
		"wrong, and a new nonce": {accepting(`Digest realm="a", nonce="m", stale=false`), []string{"digest n", "none", "digest m"}},
		"always stale":           {accepting(`Digest realm="a", nonce="n", stale=true`), []string{"digest n", "digest n", "digest n", "digest n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &scripted{answer: accepting(digestOffer, "digest n")}
			transport := newPasswordTransport(&promconfig.BasicAuth{Username: "u", Password: "p"}, &Pool{}, s)
			s.with(t, transport, "/a")
			s.answer = c.later
			if got := s.with(t, transport, "/a", "/b"); !slices.Equal(got, c.want) {
				t.Errorf("sent %q, want %q", got, c.want)
			}
		})
	}
}
