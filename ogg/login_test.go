package ogg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// guarded is a client that reads what needs only the role User, and its log.
type guarded struct {
	*ogg.Client
	log *bytes.Buffer
}

func newGuarded(t testing.TB, sm config.ServiceManager, more ...string) *guarded {
	t.Helper()
	g := &guarded{log: &bytes.Buffer{}}
	var err error
	g.Client, err = ogg.NewClient(sm, ogg.Options{
		Collectors: append([]string{"deployment", "service", "process", "distribution_path", "receiver_path", "performance"}, more...),
		Dial:       bubble.Dialer(t), Logger: slog.New(slog.NewTextHandler(g.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// hour polls every 15 seconds for an hour, and returns the seconds at which the service got
// requests.
func (g *guarded) hour(s *oggtest.Server, deployment, service string) []int {
	begin := time.Now()
	for tick := time.Duration(0); tick < time.Hour; tick += 15 * time.Second {
		time.Sleep(time.Until(begin.Add(tick)))
		g.Poll(context.Background())
	}
	time.Sleep(time.Until(begin.Add(time.Hour)))
	var at []int
	for _, r := range sent(s) {
		if r.Deployment == deployment && r.Service == service {
			at = append(at, int(r.Time.Sub(begin).Seconds()))
		}
	}
	return at
}

// backOff has the seconds at which a service that rejects the user gets requests within an
// hour: the waits are 1, 2, 4, 8, 15 and 15 minutes.
var backOff = []int{0, 60, 180, 420, 900, 1800, 2700}

// refusing is an installation with one deployment that records all requests.
func refusing(auth oggtest.Auth) oggtest.Installation {
	i := north(oggtest.Release26ai)
	i.Auth, i.RequestLog = auth, 100_000
	return i
}

// TestLoginAttempts counts the logins with a wrong password in an hour.
func TestLoginAttempts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auth oggtest.Auth
		each int // requests per attempt
	}{
		"basic":            {oggtest.AuthBasic, 1},
		"digest":           {oggtest.AuthDigest, 1},
		"basic and digest": {oggtest.AuthBasicDigest, 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, refusing(c.auth))
				sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: "wrong"}
				g := newGuarded(t, sm)
				at := g.hour(s, ogg.ServiceManager, ogg.ServiceManager)
				if len(at) < len(backOff) || len(at) > c.each*len(backOff) {
					t.Errorf("%d logins, at %v", len(at), at)
				}
				for _, second := range at {
					if !slices.Contains(backOff, second) {
						t.Errorf("a login after %d s, want them at %v", second, backOff)
					}
				}
				if n := len(sent(s)); n != len(at) {
					t.Errorf("%d requests in all, %d to the Service Manager", n, len(at))
				}
				inst := g.Last()
				var blocked *ogg.BlockedError
				if !errors.As(inst.Err, &blocked) || blocked.Rejection.StatusCode != http.StatusUnauthorized {
					t.Errorf("got %v", inst.Err)
				}
				if b := deployment(t, inst, ogg.ServiceManager).Services[0].LoginBlocked; b == nil || !*b {
					t.Error("the rejection is not reported")
				}
				if lines := strings.Count(g.log.String(), "level=WARN"); lines != 1 || !strings.Contains(g.log.String(), "code=OGG-12063") {
					t.Errorf("want one line with the code:\n%s", g.log)
				}
			})
		})
	}
}

// loginsAt returns at which seconds after begin a deployment got requests, of all services.
func loginsAt(s *oggtest.Server, deployment string, begin time.Time) []int {
	var at []int
	for _, r := range s.Requests() {
		if r.Deployment == deployment {
			at = append(at, int(r.Time.Sub(begin).Seconds()))
		}
	}
	return at
}

// TestLoginAtOneService: a service that alone rejects the user can cost the other services of
// its deployment one wait, in case it was asked first, and never a second one.
func TestLoginAtOneService(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, refusing(oggtest.AuthBasic))
		g := newGuarded(t, sm)
		g.Poll(t.Context())
		s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, oggtest.Fault{Unauthorized401: true})
		g.Poll(t.Context())
		time.Sleep(time.Minute)
		for tick := range 240 {
			g.Poll(t.Context())
			for _, service := range []string{"distsrvr", "recvsrvr", "pmsrvr"} {
				if b := deployment(t, g.Last(), "north").Service(service).LoginBlocked; b == nil || *b {
					t.Fatalf("%s is blocked in poll %d", service, tick)
				}
			}
			time.Sleep(15 * time.Second)
		}
		if b := deployment(t, g.Last(), "north").Service("adminsrvr").LoginBlocked; b == nil || !*b {
			t.Error("the service that rejects the user is not blocked")
		}
	})
}

// TestLoginOfDeployment: a user whom a deployment rejects costs one login for all of its
// services, and the other deployments are read as ever.
func TestLoginOfDeployment(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := refusing(oggtest.AuthBasic)
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: "south", User: "other", Password: "other-Pw1"})
		s, sm := simulate(t, i)
		g := newGuarded(t, sm)
		begin := time.Now()
		g.hour(s, "south", "adminsrvr")
		if at := loginsAt(s, "south", begin); !slices.Equal(at, backOff) {
			t.Errorf("logins at %v, want %v", at, backOff)
		}
		inst := g.Last()
		for _, service := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"} {
			if b := deployment(t, inst, "south").Service(service).LoginBlocked; b == nil || !*b {
				t.Errorf("%s of south is not blocked", service)
			}
			if b := deployment(t, inst, "north").Service(service).LoginBlocked; b == nil || *b {
				t.Errorf("%s of north is blocked", service)
			}
		}
		if err := read(t, inst, "north", "process").Err; err != nil || len(deployment(t, g.Poll(t.Context()), "north").Processes) != 2 {
			t.Errorf("north: %v", err)
		}
		if lines := strings.Count(g.log.String(), "level=WARN"); lines != 1 {
			t.Errorf("%d warnings:\n%s", lines, g.log)
		}
	})
}

// TestLoginOfDeploymentForbidden: where a rejected user gets 403, two services have to say so.
func TestLoginOfDeploymentForbidden(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, refusing(oggtest.AuthBasic))
		s.Fault(oggtest.Target{Deployment: "north"}, oggtest.Fault{Forbidden403: true})
		g := newGuarded(t, sm)
		begin := time.Now()
		g.hour(s, "north", "adminsrvr")
		if at := loginsAt(s, "north", begin); len(at) > 4+len(backOff) {
			t.Errorf("%d logins, at %v", len(at), at)
		}
		if b := deployment(t, g.Last(), "north").Service("pmsrvr").LoginBlocked; b == nil || !*b {
			t.Error("north is not blocked")
		}
	})
}

// TestLoginWhileServiceHangs: a service that hangs keeps the others waiting for a moment only,
// and a wrong password still costs one login.
func TestLoginWhileServiceHangs(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, refusing(oggtest.AuthBasic))
		sm.Timeout = 20 * time.Second
		hanging := oggtest.Target{Deployment: "north", Service: "adminsrvr"}
		s.Fault(hanging, oggtest.Fault{Hang: true})
		g := newGuarded(t, sm)
		begin := time.Now()
		others := func(within time.Duration) {
			t.Helper()
			n := 0
			for _, r := range s.Requests() {
				if r.Deployment == "north" && r.Service != "adminsrvr" && r.Time.Sub(begin) <= within {
					n++
				}
			}
			if n < 6 {
				t.Errorf("%d requests to the services that do not hang within %s", n, within)
			}
		}
		g.Poll(t.Context())
		others(3 * time.Second) // at most three requests to adminsrvr can be ahead
		s.ResetRequests()
		begin = time.Now()
		g.Poll(t.Context())
		others(100 * time.Millisecond) // it is known to be dead

		s.SetCredentials("north", "another", "another-Pw1")
		s.ResetRequests()
		g.Poll(t.Context())
		if n := unauthorized(s, "north"); n != 1 {
			t.Errorf("%d logins", n)
		}
	})
}

// TestLoginChangedUnderWay: when the password changes during a poll, no more logins fail than
// may be in flight to the services at that moment, and one that shows that it is not one route alone
// that rejects the user.
func TestLoginChangedUnderWay(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := refusing(oggtest.AuthBasic)
		for n := range 40 {
			i.Deployments[0].Processes = append(i.Deployments[0].Processes, oggtest.Process{Name: fmt.Sprintf("EXT%d", n+2)})
		}
		s, sm := simulate(t, i)
		sm.MaxConcurrentRequests = 4
		g := newGuarded(t, sm)
		s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr", Path: "/services/v2/extracts/*/info/status"}, oggtest.Fault{Latency: 100 * time.Millisecond})
		wait := polling(t.Context(), g.Client)
		time.Sleep(250 * time.Millisecond)
		s.SetCredentials("north", "another", "another-Pw1")
		wait()
		if n := unauthorized(s, "north"); n == 0 || n > sm.MaxConcurrentRequests+1 {
			t.Errorf("%d logins failed with %d requests in flight", n, sm.MaxConcurrentRequests)
		}
	})
}

// unauthorized returns how many requests to a deployment got 401.
func unauthorized(s *oggtest.Server, deployment string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Deployment == deployment && r.Status == http.StatusUnauthorized {
			n++
		}
	}
	return n
}

// TestLoginAccepted checks that everything is read at the first attempt after the password is
// right again, and that a password that becomes wrong is noticed at once.
func TestLoginAccepted(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, refusing(oggtest.AuthBasic))
		g := newGuarded(t, sm)
		if inst := g.Poll(t.Context()); failure(inst) != nil {
			t.Fatal(failure(inst))
		}
		s.SetCredentials("north", "another", "another-Pw1")
		s.ResetRequests()
		inst := g.Poll(t.Context())
		if b := deployment(t, inst, "north").Service("adminsrvr").LoginBlocked; b == nil || !*b {
			t.Error("it is not blocked")
		}
		if at := loginsAt(s, "north", time.Now()); len(at) != 1 {
			t.Errorf("%d logins", len(at))
		}
		s.SetCredentials("north", oggtest.DefaultUser, oggtest.DefaultPassword)
		s.ResetRequests()
		if g.Poll(t.Context()); len(asked(s, "north", "adminsrvr")) != 0 {
			t.Error("it gets requests while blocked")
		}
		time.Sleep(time.Minute)
		inst = g.Poll(t.Context())
		if failure(inst) != nil || *deployment(t, inst, "north").Service("adminsrvr").LoginBlocked {
			t.Errorf("not recovered: %v", failure(inst))
		}
		if !strings.Contains(g.log.String(), "accepts the user again") {
			t.Errorf("the recovery is not logged:\n%s", g.log)
		}
	})
}

// TestLoginSecretChanged checks that a new secret is tried at once.
func TestLoginSecretChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auth oggtest.Auth
		with func(file string) promconfig.HTTPClientConfig
		good string
	}{
		"password": {oggtest.AuthBasic, func(file string) promconfig.HTTPClientConfig {
			return promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: file}}
		}, oggtest.DefaultPassword},
		"token": {oggtest.AuthBearer, func(file string) promconfig.HTTPClientConfig {
			return promconfig.HTTPClientConfig{Authorization: &promconfig.Authorization{Type: "Bearer", CredentialsFile: file}}
		}, oggtest.DefaultToken},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, refusing(c.auth))
				file := filepath.Join(t.TempDir(), "secret")
				write := func(secret string) {
					if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				write("wrong")
				sm.HTTPClient = c.with(file)
				g := newGuarded(t, sm)
				g.Poll(t.Context())
				if g.Poll(t.Context()); len(sent(s)) != 1 {
					t.Errorf("%d logins", len(sent(s)))
				}
				write("wrong too")
				if g.Poll(t.Context()); len(sent(s)) != 2 {
					t.Errorf("%d logins", len(sent(s)))
				}
				write(c.good)
				if inst := g.Poll(t.Context()); failure(inst) != nil {
					t.Error(failure(inst))
				}
			})
		})
	}
}

// TestRole checks that what the user's role may not read is not requested again and again, that
// everything else is read normally, and that the log names the missing role.
func TestRole(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, refusing(oggtest.AuthBasic)) // as User
		g := newGuarded(t, sm, "certificate")
		n := 0
		for range 4 {
			inst := g.Poll(t.Context())
			if inst.Err != nil || !*deployment(t, inst, ogg.ServiceManager).Services[0].LoginBlocked {
				t.Errorf("the Service Manager: %v", inst.Err)
			}
			var api *ogg.APIError
			if err := read(t, inst, "north", "certificate").Err; !errors.As(err, &api) || api.StatusCode != http.StatusForbidden {
				t.Errorf("got %v", err)
			}
			if len(deployment(t, inst, "north").Processes) != 2 {
				t.Error("processes are missing")
			}
			if before := n; before == 0 {
				n = certificateRequests(s)
			} else if n != before || certificateRequests(s) != n {
				t.Errorf("asked again: %d requests, %d before", certificateRequests(s), before)
			}
		}
		if !strings.Contains(g.log.String(), "role_needed=Administrator") || !strings.Contains(g.log.String(), "code=OGG-12062") {
			t.Errorf("the log does not name the role:\n%s", g.log)
		}
		time.Sleep(time.Minute)
		if g.Poll(t.Context()); certificateRequests(s) != 2*n {
			t.Errorf("%d requests after the wait, want %d", certificateRequests(s), 2*n)
		}
	})
}

func certificateRequests(s *oggtest.Server) int {
	n := 0
	for _, r := range sent(s) {
		if strings.Contains(r.Path, "/certificates") {
			n++
		}
	}
	return n
}

// TestForbidden checks that requests are held back from a service that answers everything with
// 403.
func TestForbidden(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, refusing(oggtest.AuthBasic))
		s.Fault(oggtest.Target{Service: "adminsrvr"}, oggtest.Fault{Forbidden403: true})
		g := newGuarded(t, sm)
		if at := g.hour(s, "north", "adminsrvr"); len(at) > 2+len(backOff) {
			t.Errorf("%d logins, at %v", len(at), at)
		}
		if b := deployment(t, g.Last(), "north").Service("adminsrvr").LoginBlocked; b == nil || !*b {
			t.Error("the rejection is not reported")
		}
	})
}

// TestLoginSecretChangedUnderWay: a rejection that arrives after the password was changed is not
// about the new password, which is tried at the next poll.
func TestLoginSecretChangedUnderWay(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]oggtest.Target{
		"user":    {},
		"service": {Deployment: "north", Service: "adminsrvr"},
		"route":   {Path: "/services/v2/extracts"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, refusing(oggtest.AuthBasic))
				file := filepath.Join(t.TempDir(), "secret")
				if err := os.WriteFile(file, []byte(oggtest.DefaultPassword), 0o600); err != nil {
					t.Fatal(err)
				}
				sm.HTTPClient = promconfig.HTTPClientConfig{BasicAuth: &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: file}}
				g := newGuarded(t, sm)
				if inst := g.Poll(t.Context()); failure(inst) != nil {
					t.Fatal(failure(inst))
				}
				over := s.Fault(at, oggtest.Fault{Latency: time.Second, Unauthorized401: true, Times: 1})
				wait := polling(t.Context(), g.Client)
				time.Sleep(100 * time.Millisecond)
				for _, d := range []string{ogg.ServiceManager, "north"} {
					s.SetCredentials(d, oggtest.DefaultUser, "another-Pw1")
				}
				if err := os.WriteFile(file, []byte("another-Pw1"), 0o600); err != nil {
					t.Fatal(err)
				}
				overlapping := ogg.WithTrace(t.Context(), func(ogg.Exchange) {})
				g.Poll(overlapping)
				wait()
				over()
				if inst := g.Poll(t.Context()); failure(inst) != nil {
					t.Error(failure(inst))
				}
			})
		})
	}
}
