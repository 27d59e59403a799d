package oggtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDigestResponse checks the example of RFC 7616 section 3.9.1.
func TestDigestResponse(t *testing.T) {
	t.Parallel()
	const header = `username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=%s, ` +
		`nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ` +
		`cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="%s", ` +
		`opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	for algorithm, want := range map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		p, ok := parseDigest(fmt.Sprintf(header, algorithm, want))
		if !ok {
			t.Fatal("not parsed")
		}
		if got := digestResponse(p, http.MethodGet, "Circle of Life"); got != want || p["response"] != want {
			t.Errorf("%s: %s, want %s", algorithm, got, want)
		}
	}
}

func TestParseDigest(t *testing.T) {
	t.Parallel()
	const good = `username="a\"b", realm=r, nonce="n", uri="/x?y=1,2", response=00, cnonce="c", qop=auth, nc=00000001`
	p, ok := parseDigest(good)
	if !ok || p["username"] != `a"b` || p["uri"] != "/x?y=1,2" || p["nc"] != "00000001" {
		t.Error(p, ok)
	}
	for _, bad := range []string{
		"", "x", `username="a`, strings.Replace(good, "qop=auth", "qop=auth-int", 1),
		strings.Replace(good, "nc=00000001", "nc=1", 1), strings.Replace(good, `nonce="n"`, `nonce=""`, 1),
	} {
		if p, ok := parseDigest(bad); ok {
			t.Error(bad, p)
		}
	}
}

// digest answers the first Digest challenge of a 401.
func digest(challenge reply, user, password string) func(*http.Request) {
	return func(r *http.Request) {
		_, params, _ := strings.Cut(challenge.Header.Get("Www-Authenticate"), " ")
		p := map[string]string{}
		for part := range strings.SplitSeq(params, ", ") {
			name, value, _ := strings.Cut(part, "=")
			p[name] = strings.Trim(value, `"`)
		}
		p["username"], p["uri"], p["nc"], p["cnonce"] = user, r.URL.RequestURI(), "00000001", "abc"
		p["response"] = digestResponse(p, r.Method, password)
		var b strings.Builder
		for _, name := range []string{"username", "realm", "nonce", "uri", "response", "cnonce"} {
			fmt.Fprintf(&b, "%s=%q, ", name, p[name])
		}
		r.Header.Set("Authorization", "Digest "+b.String()+"qop=auth, nc=00000001, algorithm="+p["algorithm"])
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"MD5", "SHA-256", "MD5-sess", "SHA-256-sess"} {
		t.Run(algorithm, func(t *testing.T) {
			clock := NewManualClock(noon)
			s := start(t, Installation{Auth: AuthDigest, DigestAlgorithms: []string{algorithm}, Clock: clock, ReverseProxy: true, Deployments: []Deployment{west()}})
			url := s.ServiceURL("west", "adminsrvr") + "/extracts?threads=none"
			challenge := get(t, s, url, 401) // Basic is refused
			if c := challenge.Header.Values("Www-Authenticate"); len(c) != 1 || !strings.HasPrefix(c[0], "Digest ") {
				t.Fatal(c)
			}
			get(t, s, url, 200, digest(challenge, DefaultUser, DefaultPassword))
			get(t, s, url, 401, digest(challenge, DefaultUser, "wrong"))
			get(t, s, url, 401, digest(challenge, "other", DefaultPassword))
			get(t, s, strings.TrimSuffix(url, "=none"), 401, func(r *http.Request) {
				other := r.Clone(r.Context())
				other.URL.RawQuery = "threads=none"
				digest(challenge, DefaultUser, DefaultPassword)(other)
				r.Header.Set("Authorization", other.Header.Get("Authorization"))
			})
			clock.Advance(nonceAge + time.Second)
			stale := get(t, s, url, 401, digest(challenge, DefaultUser, DefaultPassword))
			if !strings.Contains(stale.Header.Get("Www-Authenticate"), "stale=true") {
				t.Error(stale.Header)
			}
			get(t, s, url, 200, digest(stale, DefaultUser, DefaultPassword))
			log := s.Requests()
			if last := log[len(log)-1]; last.AuthScheme != "Digest" || last.User != DefaultUser || !last.Authorized {
				t.Errorf("%+v", last)
			}
		})
	}
}

func TestOffers(t *testing.T) {
	t.Parallel()
	basic := func(*http.Request) {}
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+DefaultToken) }
	for auth, c := range map[Auth]struct {
		offers        []string
		basic, bearer int
	}{
		AuthBasic:       {[]string{"Basic"}, 200, 401},
		AuthDigest:      {[]string{"Digest"}, 401, 401},
		AuthBasicDigest: {[]string{"Digest", "Basic"}, 200, 401},
		AuthBearer:      {[]string{"Bearer"}, 401, 200},
	} {
		s := start(t, Installation{Auth: auth})
		url := s.URL() + "/services/v2/config/summary"
		var offers []string
		for _, o := range get(t, s, url, 401, anonymous).Header.Values("Www-Authenticate") {
			scheme, _, _ := strings.Cut(o, " ")
			offers = append(offers, scheme)
		}
		if fmt.Sprint(offers) != fmt.Sprint(c.offers) {
			t.Errorf("%d offers %v", auth, offers)
		}
		get(t, s, url, c.basic, basic)
		get(t, s, url, c.bearer, bearer)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	d := west()
	d.User, d.Password = "westadmin", "west-Pw1"
	s := start(t, Installation{Release: Release19c, Deployments: []Deployment{d}})
	admin := s.ServiceURL("west", "adminsrvr")
	for _, path := range []string{"/config/health/check", ""} {
		get(t, s, admin+path, 200, anonymous)
	}
	for _, c := range []struct{ name, header, code string }{
		{"none", "", `"OGG-12063"`},
		{"malformed", "Basic ?", `"OGG-12061"`},
		{"unknown scheme", "Kerberos x", `"OGG-12061"`},
	} {
		r := get(t, s, admin+"/extracts", 401, func(r *http.Request) { r.Header.Set("Authorization", c.header) })
		if got := r.at("messages.0.code"); got != c.code {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	get(t, s, admin+"/extracts", 401) // the Service Manager's account
	get(t, s, s.URL()+"/services/v2/deployments", 200)
	own := func(r *http.Request) { r.SetBasicAuth("westadmin", "west-Pw1") }
	get(t, s, admin+"/extracts", 200, own)
	get(t, s, s.URL()+"/services/v2/deployments", 401, own)
	s.SetCredentials("west", "westadmin", "west-Pw2")
	get(t, s, admin+"/extracts", 401, own)
	s.SetToken("west", "t")
}
