package ogg_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

const extracts = "/services/v2/extracts"

// requestStats returns the statistics of a microservice.
func requestStats(t testing.TB, inst *ogg.Installation, microservice string) ogg.RequestStats {
	t.Helper()
	for _, r := range inst.Requests {
		if r.Microservice == microservice {
			return r
		}
	}
	t.Fatalf("no statistics of %s", microservice)
	return ogg.RequestStats{}
}

// TestRetries checks that only temporary failures are retried, at most twice.
func TestRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   oggtest.Fault
		retries uint64
		reads   bool
	}{
		"503 twice":           {oggtest.Fault{Status: 503, Times: 2}, 2, true},
		"503 on":              {oggtest.Fault{Status: 503}, 2, false},
		"503, Retry-After 0":  {oggtest.Fault{Status: 503, RetryAfter: "0", Times: 2}, 2, true},
		"429, a date gone by": {oggtest.Fault{Status: 429, RetryAfter: "Fri, 31 Dec 1999 23:59:59 GMT", Times: 1}, 1, true},
		"502":                 {oggtest.Fault{Status: 502, Times: 1}, 1, true},
		"504":                 {oggtest.Fault{Status: 504, Times: 1}, 1, true},
		"connection dropped":  {oggtest.Fault{Reset: true}, 2, false},
		"500":                 {oggtest.Fault{Status: 500}, 0, false},
		"401":                 {oggtest.Fault{Unauthorized401: true}, 0, false},
		"403":                 {oggtest.Fault{Forbidden403: true}, 0, false},
		"404":                 {oggtest.Fault{Status: 404}, 0, false},
		"HTML":                {oggtest.Fault{HTML: true}, 0, false},
		"truncated":           {oggtest.Fault{Truncated: true}, 2, false},
		"truncated once":      {oggtest.Fault{Truncated: true, Times: 1}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, north(oggtest.Release26ai))
				s.Fault(oggtest.Target{Path: extracts}, c.fault)
				inst := newClient(t, sm).Poll(context.Background())
				err := read(t, inst, "north", "process").Err
				if (err == nil) != c.reads {
					t.Errorf("got %v", err)
				}
				if got := requestStats(t, inst, "adminsrvr").Retries; got != c.retries {
					t.Errorf("%d retries, want %d", got, c.retries)
				}
			})
		})
	}
}

// TestRetryAfter checks that the client waits as long as the server requests, and that it
// returns the server's message at once if that does not fit in the scrape.
func TestRetryAfter(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Status: 503, RetryAfter: "1", Times: 1})
		begin := time.Now()
		poll(t, newClient(t, sm))
		if took := time.Since(begin); took != time.Second {
			t.Errorf("retried after %s", took)
		}

		for status, after := range map[int]string{429: "0.5", 502: "1.25", 503: "2"} {
			s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Status: status, RetryAfter: after, Times: 1})
			begin = time.Now()
			poll(t, newClient(t, sm))
			if want, err := time.ParseDuration(after + "s"); err != nil || time.Since(begin) != want {
				t.Errorf("%d with Retry-After %s: asked again after %s", status, after, time.Since(begin))
			}
		}
		begin = time.Now()
		until := begin.Add(3 * time.Second).Truncate(time.Second)
		s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Status: 504, RetryAfter: until.UTC().Format(http.TimeFormat), Times: 1})
		poll(t, newClient(t, sm))
		if !time.Now().Equal(until) {
			t.Errorf("504 with a date: asked again after %s", time.Since(begin))
		}

		for _, after := range []string{"60", "9.5", "99999999999999999999", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)} {
			mend := s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Status: 503, RetryAfter: after})
			begin = time.Now()
			inst := newClient(t, sm).Poll(context.Background())
			var api *ogg.APIError
			if err := read(t, inst, "north", "process").Err; !errors.As(err, &api) || api.Code != "OGG-12043" {
				t.Errorf("Retry-After %s: got %v", after, err)
			}
			if took := time.Since(begin); took != 0 {
				t.Errorf("Retry-After %s: took %s", after, took)
			}
			mend()
		}
	})
}

// TestDeadline checks that a request that hangs costs no more than the poll's time, and is
// reported.
func TestDeadline(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 3 * time.Second
		mend := s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Hang: true})
		c := newClient(t, sm)
		begin := time.Now()
		inst := c.Poll(context.Background())
		if took := time.Since(begin); took != sm.Timeout {
			t.Errorf("took %s", took)
		}
		if err := read(t, inst, "north", "process").Err; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if d := deployment(t, inst, "north"); len(d.Processes) != 1 || d.Processes[0].Name != "REP1" {
			t.Error("the Replicat is missing")
		}
		mend()
		poll(t, c)
	})
}

// TestDigest: the first request comes without a user, all after the challenge with digest
// authentication, whatever the spelling of the challenge.
func TestDigest(t *testing.T) {
	t.Parallel()
	for name, algorithms := range map[string][]string{
		"MD5": {"MD5"}, "SHA-256": {"SHA-256"}, "both": {"MD5", "SHA-256"}, "MD5-sess": {"MD5-sess"}, "SHA-256-sess": {"SHA-256-sess"},
	} {
		for _, proxy := range []bool{false, true} {
			clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
			i := north(oggtest.Release26ai)
			i.Auth, i.DigestAlgorithms, i.Clock, i.ReverseProxy = oggtest.AuthDigest, algorithms, clock, proxy
			if proxy {
				i.Auth, i.OneChallenge = oggtest.AuthBasicDigest, true
			}
			s, sm := simulate(t, i)
			c := newClient(t, sm)
			poll(t, c)
			for _, r := range s.Requests() {
				if r.AuthScheme == "Basic" {
					t.Errorf("%s: %s %s was sent with %q", name, r.Service, r.Path, r.AuthScheme)
				}
			}
			s.ResetRequests()
			poll(t, c)
			for _, r := range s.Requests() {
				if r.AuthScheme != "Digest" || !r.Authorized {
					t.Errorf("%s: %s %s was sent with %q, authorized %v", name, r.Service, r.Path, r.AuthScheme, r.Authorized)
				}
			}
			clock.Advance(time.Hour) // the nonces are stale
			poll(t, c)
		}
	}
}

// TestWrongPassword checks that one request is sent, and that the error has the server's
// message.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: "wrong"}
	inst := newClient(t, sm).Poll(context.Background())
	var api *ogg.APIError
	if !errors.As(inst.Err, &api) || api.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(api.Code, "OGG-") || api.Title == "" {
		t.Errorf("got %v", inst.Err)
	}
	if n := len(sent(s)); n != 1 {
		t.Errorf("%d logins, want one for the two lists", n)
	}
}

// TestUsersOfDeployments checks that a deployment with its own user gets only that one, and the
// others never do.
func TestUsersOfDeployments(t *testing.T) {
	t.Parallel()
	for _, auth := range []oggtest.Auth{oggtest.AuthBasic, oggtest.AuthDigest} {
		i := north(oggtest.Release26ai)
		i.Auth = auth
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: "south", User: "other", Password: "other-Pw1"})
		s, sm := simulate(t, i)
		own := sm.HTTPClient
		own.BasicAuth = &promconfig.BasicAuth{Username: "other", Password: "other-Pw1"}
		sm.Deployments = []config.Deployment{{Name: "south", HTTPClient: own}}
		poll(t, newClient(t, sm))
		for _, r := range sent(s) {
			if (r.User == "other") != (r.Deployment == "south") {
				t.Errorf("%s was asked as %s", r.Deployment, r.User)
			}
		}
	}
}

// TestBearer checks that a token file is read again when it changes.
func TestBearer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i := north(oggtest.Release26ai)
	i.Auth = oggtest.AuthBearer
	s, sm := simulate(t, i)
	sm.HTTPClient.BasicAuth = nil
	sm.HTTPClient.Authorization = &promconfig.Authorization{Type: "Bearer", CredentialsFile: file}
	write(oggtest.DefaultToken)
	c := newClient(t, sm)
	poll(t, c)
	s.SetToken("north", "second")
	s.SetToken(ogg.ServiceManager, "second")
	if c.Poll(context.Background()).Err == nil {
		t.Error("the old token still works")
	}
	write("second")
	poll(t, c)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if inst := c.Poll(context.Background()); !errors.Is(inst.Err, os.ErrNotExist) {
		t.Errorf("without the file: got %v", inst.Err)
	}
}

// TestPasswordFile checks that a changed password file takes effect, with basic and digest
// authentication.
func TestPasswordFile(t *testing.T) {
	t.Parallel()
	for _, auth := range []oggtest.Auth{oggtest.AuthBasic, oggtest.AuthDigest} {
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte(oggtest.DefaultPassword+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		i := north(oggtest.Release26ai)
		i.Auth = auth
		s, sm := simulate(t, i)
		sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: file}
		c := newClient(t, sm)
		poll(t, c)
		s.SetCredentials(ogg.ServiceManager, oggtest.DefaultUser, "second")
		s.SetCredentials("north", oggtest.DefaultUser, "second")
		if err := os.WriteFile(file, []byte("second"), 0o600); err != nil {
			t.Fatal(err)
		}
		poll(t, c)
	}
}

// TestTLS checks that a rejected certificate fails at once, and that its expiry is known.
func TestTLS(t *testing.T) {
	t.Parallel()
	ends := time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC)
	i := north(oggtest.Release26ai)
	i.TLS, i.CertificateNotAfter = true, ends
	i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "pmsrvr", PlainHTTP: true}}
	_, sm := simulate(t, i)
	sm.AllowPlainText = true
	d := deployment(t, poll(t, newClient(t, sm)), "north")
	if got := d.Service("adminsrvr").CertificateNotAfter; !got.Equal(ends) {
		t.Errorf("the certificate expires %s, want %s", got, ends)
	}
	if pm := d.Service("pmsrvr"); !pm.CertificateNotAfter.IsZero() || pm.Healthy == nil {
		t.Errorf("plain HTTP: got %+v", pm)
	}

	sm.HTTPClient.TLSConfig.CA = ""
	inst := newClient(t, sm).Poll(context.Background())
	if _, is := errors.AsType[x509.UnknownAuthorityError](inst.Err); !is {
		t.Errorf("unknown authority: got %v", inst.Err)
	}
	if n := requestStats(t, inst, ogg.ServiceManager).Retries; n != 0 {
		t.Errorf("unknown authority: %d retries", n)
	}
	if got := deployment(t, inst, ogg.ServiceManager).Service(ogg.ServiceManager).CertificateNotAfter; !got.Equal(ends) {
		t.Errorf("unknown authority: the certificate expires %s", got)
	}
	sm.HTTPClient.TLSConfig.InsecureSkipVerify = true
	poll(t, newClient(t, sm))
}

// TestPlainText: a service that is listed without TLS is not asked where url is https, which
// the error says; what is listed of it stays, and the other services are read.
func TestPlainText(t *testing.T) {
	t.Parallel()
	for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release26ai} {
		i := north(release)
		i.TLS = true
		i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "pmsrvr", PlainHTTP: true}}
		s, sm := simulate(t, i)
		inst := newClient(t, sm, "deployment", "service", "process", "performance").Poll(t.Context())
		d := deployment(t, inst, "north")
		if err := read(t, inst, "north", "service").Err; err == nil || !strings.Contains(err.Error(), "pmsrvr: not asked") || !strings.Contains(err.Error(), "allow_plain_text") {
			t.Errorf("%s: got %v", release, err)
		}
		if pm := d.Service("pmsrvr"); pm == nil || pm.Status != "running" || pm.Healthy != nil || pm.LoginBlocked != nil {
			t.Errorf("%s: got %+v", release, pm)
		}
		if n := len(asked(s, "north", "pmsrvr")); n != 0 {
			t.Errorf("%s: %d requests in plain text", release, n)
		}
		if len(d.Processes) != 2 || d.Service("adminsrvr").Healthy == nil {
			t.Errorf("%s: the rest is not read", release)
		}
		sm.AllowPlainText = true
		poll(t, newClient(t, sm))
	}
}

// TestExpired checks that the expiry of an expired certificate is known.
func TestExpired(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.TLS, i.CertificateNotAfter = true, time.Now().Add(-time.Hour).Truncate(time.Second)
	_, sm := simulate(t, i)
	inst := newClient(t, sm).Poll(context.Background())
	if _, is := errors.AsType[x509.CertificateInvalidError](inst.Err); !is {
		t.Errorf("got %v", inst.Err)
	}
	if got := deployment(t, inst, ogg.ServiceManager).Service(ogg.ServiceManager).CertificateNotAfter; !got.Equal(i.CertificateNotAfter) {
		t.Errorf("the certificate expires %s, want %s", got, i.CertificateNotAfter)
	}
}

// TestCertificateOfBrokenConnection checks that the expiry of a certificate that was seen stays
// known when a connection breaks, or none can be made.
func TestCertificateOfBrokenConnection(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.TLS, i.CertificateNotAfter = true, time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC)
	s, sm := simulate(t, i)
	c := newClient(t, sm, "service", "trail")
	check := func(when string) {
		t.Helper()
		inst := c.Poll(context.Background())
		if err := failure(inst); err == nil {
			t.Errorf("%s: nothing failed", when)
		}
		if got := deployment(t, inst, "north").Service("adminsrvr").CertificateNotAfter; !got.Equal(i.CertificateNotAfter) {
			t.Errorf("%s: the certificate expires %s", when, got)
		}
	}
	mend := s.Fault(oggtest.Target{Service: "adminsrvr", Path: "/services/v2/trails"}, oggtest.Fault{Reset: true})
	check("the last connection broke")
	mend()
	s.Fault(oggtest.Target{Service: "adminsrvr"}, oggtest.Fault{Reset: true})
	check("all connections broke")
}

// TestCertificateOfStopped checks that the expiry of a certificate that was seen stays known while the deployment or
// the service is down and not asked, but is not made up.
func TestCertificateOfStopped(t *testing.T) {
	t.Parallel()
	for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release26ai} {
		i := north(release)
		i.TLS, i.CertificateNotAfter = true, time.Date(2040, time.January, 1, 0, 0, 0, 0, time.UTC)
		i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "distsrvr", Status: "stopped"}}
		s, sm := simulate(t, i)
		c := newClient(t, sm, "deployment", "service")
		check := func(when string) {
			t.Helper()
			d := deployment(t, c.Poll(t.Context()), "north")
			if got := d.Service("adminsrvr").CertificateNotAfter; !got.Equal(i.CertificateNotAfter) {
				t.Errorf("%s, %s: the certificate expires %s", release, when, got)
			}
			if got := d.Service("distsrvr").CertificateNotAfter; !got.IsZero() {
				t.Errorf("%s, %s: a certificate that was never seen expires %s", release, when, got)
			}
		}
		check("it runs")
		s.SetServiceStatus("north", "adminsrvr", "stopped")
		check("the service is stopped")
		s.SetServiceStatus("north", "adminsrvr", "running")
		if release == oggtest.Release26ai {
			mend := s.Fault(oggtest.Target{Path: "/services/v2/installation/services"}, oggtest.Fault{
				Body: `{"response":{"services":[{"serviceName":"adminsrvr","deploymentName":"north","status":"running","listeners":[]},
					{"serviceName":"distsrvr","deploymentName":"north","status":"running","listeners":[]}]}}`,
			})
			check("no port is listed")
			mend()
		}
		s.SetDeploymentStatus("north", "stopped")
		check("the deployment is stopped")
	}
}

// TestClientCertificate checks that the exporter presents a certificate on request.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.TLS, i.ClientCertificates = true, true
	s, sm := simulate(t, i)
	if newClient(t, sm).Poll(context.Background()).Err == nil {
		t.Error("the server did not request a certificate")
	}
	cert, key := s.ClientCertificate()
	sm.HTTPClient.TLSConfig.Cert, sm.HTTPClient.TLSConfig.Key = string(cert), promconfig.Secret(key)
	poll(t, newClient(t, sm))
}

// TestRedirect checks that redirects are followed within the host, and never to another.
func TestRedirect(t *testing.T) {
	t.Parallel()
	var strayed []*http.Request
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { strayed = append(strayed, r) }))
	defer other.Close()
	s, sm := simulate(t, north(oggtest.Release26ai))
	for _, auth := range []*promconfig.HTTPClientConfig{
		{BasicAuth: sm.HTTPClient.BasicAuth, FollowRedirects: true},
		{Authorization: &promconfig.Authorization{Type: "Bearer", Credentials: "secret"}, FollowRedirects: true},
	} {
		sm.HTTPClient = *auth
		mend := s.Fault(oggtest.Target{Service: ogg.ServiceManager}, oggtest.Fault{Redirect: other.URL + "/services/v2/installation/services"})
		inst := newClient(t, sm).Poll(context.Background())
		var refused *ogg.RedirectError
		if !errors.As(inst.Err, &refused) || refused.To != other.URL {
			t.Errorf("got %v", inst.Err)
		}
		mend()
	}
	if len(strayed) > 0 {
		t.Errorf("the other host got %d requests, Authorization %q", len(strayed), strayed[0].Header.Get("Authorization"))
	}

	s, sm = simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Service: ogg.ServiceManager, Path: "/services/v2/config/health"}, oggtest.Fault{Redirect: s.URL() + "/services/v2/config/health/check", Times: 1})
	inst := poll(t, newClient(t, sm))
	if deployment(t, inst, ogg.ServiceManager).Service(ogg.ServiceManager).Healthy == nil {
		t.Error("a redirect within the host was not followed")
	}
}

// TestLinksAreNotFollowed checks that hrefs in an answer are not followed.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	strayed := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed++ }))
	defer other.Close()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Times: 1, Body: `{"links":[{"rel":"self","href":"` + other.URL + `"}],` +
		`"response":{"items":[{"name":"EXT1","links":[{"rel":"canonical","href":"` + other.URL + `/services/v2/extracts/EXT1"}]}]}}`})
	poll(t, newClient(t, sm))
	if strayed > 0 {
		t.Errorf("the other host got %d requests", strayed)
	}
}

// TestBodyBound checks that an endless body is rejected, and its memory released.
func TestBodyBound(t *testing.T) {
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{EndlessBody: true})
	sm.Timeout = 20 * time.Second
	c := newClient(t, sm)
	inst := c.Poll(context.Background())
	var body *ogg.BodyError
	if err := read(t, inst, "north", "process").Err; !errors.As(err, &body) || !strings.Contains(err.Error(), "a body of more than 32 MiB") {
		t.Errorf("got %v", err)
	}
	runtime.GC()
	runtime.GC() // a sync.Pool lets go in two rounds
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.HeapAlloc > 24<<20 {
		t.Errorf("%d MiB are still in use", memory.HeapAlloc>>20)
	}
}

// TestAnnouncedBody checks that a body with too large a Content-Length is not read.
func TestAnnouncedBody(t *testing.T) {
	t.Parallel()
	gg := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000000")
		w.WriteHeader(http.StatusOK)
	}))
	defer gg.Close()
	inst := newClient(t, configFor(t, gg.URL, false, nil)).Poll(context.Background())
	if inst.Err == nil || !strings.Contains(inst.Err.Error(), "a body of more than 32 MiB") {
		t.Errorf("got %v", inst.Err)
	}
}

// TestGzip: answers in gzip are read like others, and traced as what they hold.
func TestGzip(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := north(oggtest.Release26ai)
		i.Gzip = true
		_, sm := simulate(t, i)
		c := newClient(t, sm)
		inst := c.Poll(ogg.WithTrace(t.Context(), func(x ogg.Exchange) {
			if !strings.HasPrefix(string(x.Body), "{") {
				t.Errorf("%s: got %.20q", x.Path, x.Body)
			}
		}))
		if failure(inst) != nil || len(deployment(t, inst, "north").Processes) != 2 {
			t.Errorf("got %v", failure(inst))
		}
	})
}

// TestEncodings: a body that gzip makes too large, or that has another encoding, is one clear
// failure, which is not repeated.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ encoding, body, want string }{
		"bomb":     {"gzip", string(oggtest.Gzipped(make([]byte, 100<<20))), "got a body of more than 32 MiB"},
		"not gzip": {"gzip", `{"response":{"items":[]}}`, "got a body that is not gzip, as its Content-Encoding says"},
		"brotli":   {"br", "{}", `got a body with Content-Encoding "br"; gzip was asked for`},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, north(oggtest.Release26ai))
				s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{Body: c.body, Header: http.Header{"Content-Encoding": {c.encoding}}})
				inst := newClient(t, sm).Poll(t.Context())
				if err := read(t, inst, "north", "process").Err; err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v", err)
				}
				if n := requestStats(t, inst, "adminsrvr").Retries; n != 0 {
					t.Errorf("%d retries", n)
				}
			})
		})
	}
}

// TestBodyMemory: clients that share their memory for large bodies take turns. One whose body comes
// too slowly loses its turn to another that waits, and says so; alone it keeps it.
func TestBodyMemory(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		memory := ogg.NewBodyMemory(1 << 20)
		client := func(f oggtest.Fault) *ogg.Client {
			s, sm := simulate(t, north(oggtest.Release26ai))
			sm.Timeout = 5 * time.Second
			s.Fault(oggtest.Target{Path: extracts}, f)
			c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"deployment", "service", "process"}, Dial: bubble.Dialer(t), BodyMemory: memory})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			return c
		}
		large := `{"response":{"items":[],"more":"` + strings.Repeat("x", 600<<10) + `"}}`
		slow, other := client(oggtest.Fault{Body: large, SlowBody: 200 * time.Millisecond}), client(oggtest.Fault{Body: large})
		slowly := polling(t.Context(), slow)
		time.Sleep(time.Second)
		poll(t, other)
		if err := read(t, slowly(), "north", "process").Err; err == nil || !strings.Contains(err.Error(), "while others waited for --ogg.max-body-memory") {
			t.Errorf("the slow one: got %v", err)
		}
		poll(t, slow) // nobody waits
	})
}

// TestTrickle: a slow body is read as long as there is time.
func TestTrickle(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: extracts}, oggtest.Fault{SlowBody: 5 * time.Millisecond})
		poll(t, newClient(t, sm))
	})
}

// TestUnreachable checks that a target that is down fails, and that it is read once it is up.
func TestUnreachable(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		c := newClient(t, sm)
		mend := s.Fault(oggtest.Target{}, oggtest.Fault{Refused: true})
		inst := c.Poll(context.Background())
		if inst.Err == nil || !strings.Contains(inst.Err.Error(), "connection refused") {
			t.Errorf("got %v", inst.Err)
		}
		if got := requestStats(t, inst, ogg.ServiceManager).Requests; got["error"] == 0 {
			t.Errorf("requests %v", got)
		}
		mend()
		poll(t, c)
	})
}

// TestNewClient checks that an unusable certificate fails before any request.
func TestNewClient(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, north(oggtest.Release26ai))
	broken := sm.HTTPClient
	broken.TLSConfig.CA = "no certificate"
	for name, c := range map[string]func(*config.ServiceManager){
		"the Service Manager's": func(sm *config.ServiceManager) { sm.HTTPClient = broken },
		"a deployment's": func(sm *config.ServiceManager) {
			sm.Deployments = []config.Deployment{{Name: "north", HTTPClient: broken}}
		},
	} {
		changed := sm
		c(&changed)
		if _, err := ogg.NewClient(changed, ogg.Options{}); err == nil || !strings.HasPrefix(err.Error(), "service manager gg: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestOAuth2 checks that the token is requested from its own URL with the secret in a file, and
// is sent to GoldenGate.
func TestOAuth2(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("client-Pw1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, _ := r.BasicAuth(); id != "monitor" || secret != "client-Pw1" {
			http.Error(w, "invalid_client", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"`+oggtest.DefaultToken+`","token_type":"Bearer","expires_in":3600}`)
	}))
	defer tokens.Close()
	i := north(oggtest.Release26ai)
	i.Auth = oggtest.AuthBearer
	s, sm := simulate(t, i)
	sm.HTTPClient.BasicAuth = nil
	sm.HTTPClient.OAuth2 = &promconfig.OAuth2{ClientID: "monitor", ClientSecretFile: file, TokenURL: tokens.URL}
	poll(t, newClient(t, sm))
	for _, r := range s.Requests() {
		if r.AuthScheme != "Bearer" || !r.Authorized {
			t.Errorf("%s was sent with %q, authorized %v", r.Path, r.AuthScheme, r.Authorized)
		}
	}
	sm.HTTPClient.OAuth2 = &promconfig.OAuth2{ClientID: "monitor", ClientSecret: "wrong", TokenURL: tokens.URL}
	if inst := newClient(t, sm).Poll(t.Context()); inst.Err == nil || strings.Contains(inst.Err.Error(), "wrong") {
		t.Errorf("a wrong secret: %v", inst.Err)
	}
}

// TestCAFile checks that a replaced CA file takes effect, even for a client that trusted no
// service before.
func TestCAFile(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.TLS = true
	s, sm := simulate(t, i)
	other, _ := simulate(t, i)
	file := filepath.Join(t.TempDir(), "ca.pem")
	write := func(ca []byte) {
		if err := os.WriteFile(file, ca, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(other.CACertificate())
	sm.HTTPClient.TLSConfig = promconfig.TLSConfig{CAFile: file}
	c := newClient(t, sm)
	if inst := c.Poll(t.Context()); inst.Err == nil {
		t.Error("another CA is trusted")
	}
	write(s.CACertificate())
	poll(t, c)
	poll(t, c)
}
