package ogg_test

import (
	"context"
	"net/http"
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

// alone is a deployment behind a front that never forwards to a Service Manager.
func alone() oggtest.Installation {
	i := north(oggtest.Release23ai)
	i.ReverseProxy, i.WithoutServiceManager, i.TLS, i.RequestLog = true, true, true, 100_000
	return i
}

// manage starts a simulation of a deployment that Oracle manages, and returns it with the
// configuration that reads it.
func manage(t testing.TB, i oggtest.Installation) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	s, sm := simulate(t, i)
	sm.Managed = i.Deployments[0].Name
	return s, sm
}

// statuses returns the status of a deployment and of each of its services.
func statuses(d *ogg.Deployment) string {
	all := []string{d.Status}
	for _, s := range d.Services {
		all = append(all, s.Name+"="+s.Status)
	}
	return strings.Join(all, " ")
}

const allRunning = "running adminsrvr=running distsrvr=running pmsrvr=running recvsrvr=running"

// TestManagedAlone checks that the services are read if no Service Manager answers, and that
// the Service Manager is tried once.
func TestManagedAlone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]*oggtest.Fault{
		"a page for 404":   nil,
		"404":              {Status: http.StatusNotFound},
		"401":              {Unauthorized401: true},
		"403":              {Forbidden403: true},
		"405":              {Status: http.StatusMethodNotAllowed},
		"a page for login": {HTML: true},
		"another host":     {Redirect: "http://127.0.0.1:9/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sm := manage(t, alone())
			if answer != nil {
				s.Fault(oggtest.Target{Service: ogg.ServiceManager}, *answer)
			}
			c := newClient(t, sm, "deployment", "service", "process", "distribution_path", "performance", "certificate")
			inst := poll(t, c)
			if len(inst.Deployments) != 1 {
				t.Fatalf("%d deployments", len(inst.Deployments))
			}
			d := deployment(t, inst, "north")
			if got := statuses(d); got != allRunning {
				t.Error(got)
			}
			if len(d.Processes) != 2 || d.Build == nil || d.Enabled != nil {
				t.Errorf("%d processes, build %v, enabled %v", len(d.Processes), d.Build, d.Enabled)
			}
			for _, service := range d.Services {
				if service.Healthy == nil || service.CertificateNotAfter.IsZero() || service.Enabled != nil {
					t.Errorf("got %+v", service)
				}
			}
			s.ResetRequests()
			poll(t, c)
			if n := asked(s, ogg.ServiceManager, ogg.ServiceManager); len(n) > 0 {
				t.Errorf("asked again: %q", n)
			}
			if n := count(s, "/config/health"); n != 4 {
				t.Errorf("%d services are asked for their health", n)
			}
			for _, r := range s.Requests() {
				if strings.Contains(r.Path, "north") {
					t.Errorf("%s names the deployment", r.Path)
				}
			}
		})
	}
}

// TestManagedWithServiceManager checks that a Service Manager that answers counts, even for the
// name of the deployment.
func TestManagedWithServiceManager(t *testing.T) {
	t.Parallel()
	i := alone()
	i.WithoutServiceManager = false
	_, sm := manage(t, i)
	sm.Managed = "what Oracle calls it"
	c := newClient(t, sm)
	c.SetManagedStatus("unknown")
	inst := poll(t, c)
	d := deployment(t, inst, "north")
	if got := statuses(d); got != allRunning || len(inst.Deployments) != 2 || d.Enabled == nil {
		t.Errorf("%s of %d deployments", got, len(inst.Deployments))
	}
}

// TestManagedGateway checks that the services are read if a gateway finds no Service Manager,
// because there may never have been one, but that one that has answered before is a failure.
func TestManagedGateway(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := alone()
		i.WithoutServiceManager = false
		s, sm := manage(t, i)
		manager := oggtest.Target{Service: ogg.ServiceManager}
		gateway := oggtest.Fault{Status: http.StatusBadGateway, HTML: true}
		mend := s.Fault(manager, gateway)
		c := newClient(t, sm)
		for range 2 {
			if inst := poll(t, c); len(inst.Deployments) != 1 {
				t.Errorf("%d deployments", len(inst.Deployments))
			}
		}
		mend()
		if inst := poll(t, c); len(inst.Deployments) != 2 {
			t.Errorf("%d deployments with a Service Manager", len(inst.Deployments))
		}
		s.Fault(manager, gateway)
		if inst := c.Poll(t.Context()); inst.Err == nil {
			t.Error("the loss of a Service Manager is not a failure")
		}
	})
}

// TestManagedFailure checks that no answer, or one that says nothing about the Service Manager,
// is a failure as for any other target.
func TestManagedFailure(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]oggtest.Fault{
		"500":         {Status: http.StatusInternalServerError},
		"restarting":  {Status: http.StatusServiceUnavailable},
		"429":         {Status: http.StatusTooManyRequests, RetryAfter: "3600"},
		"reset":       {Reset: true},
		"cut off":     {Truncated: true, Body: `{"response":{"deployments":[]}}`},
		"not in time": {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := manage(t, alone())
				sm.Timeout = time.Second
				s.Fault(oggtest.Target{Service: ogg.ServiceManager}, answer)
				inst := newClient(t, sm).Poll(t.Context())
				if inst.Err == nil || count(s, "adminsrvr/v2/config/health") > 0 {
					t.Errorf("got %v", inst.Err)
				}
				if got := statuses(deployment(t, inst, "north")); got != "unknown" {
					t.Error(got)
				}
				deployment(t, inst, ogg.ServiceManager)
			})
		})
	}
}

// TestManagedStatus checks how the status follows from the control plane and the services.
func TestManagedStatus(t *testing.T) {
	t.Parallel()
	one := func(service string, f oggtest.Fault) func(*oggtest.Server) {
		return func(s *oggtest.Server) { s.Fault(oggtest.Target{Deployment: "north", Service: service}, f) }
	}
	front := func(s *oggtest.Server) { s.SetFront(false) }
	const silent = "adminsrvr=unknown distsrvr=unknown pmsrvr=unknown recvsrvr=unknown"
	for name, c := range map[string]struct {
		plane string
		spoil func(*oggtest.Server)
		want  string
		fails bool // as a whole
	}{
		"nothing said":              {"", nil, allRunning, false},
		"running":                   {"running", nil, allRunning, false},
		"stopped":                   {"stopped", nil, "stopped", false},
		"failed, but answers":       {"unknown", nil, strings.Replace(allRunning, "running", "unknown", 1), false},
		"one service is down":       {"running", one("distsrvr", oggtest.Fault{Refused: true}), strings.Replace(allRunning, "distsrvr=running", "distsrvr=unknown", 1), false},
		"one service fails":         {"running", one("distsrvr", oggtest.Fault{Status: 500}), strings.Replace(allRunning, "distsrvr=running", "distsrvr=", 1), false},
		"one service is not there":  {"running", one("pmsrvr", oggtest.Fault{Status: 404}), strings.Replace(allRunning, " pmsrvr=running", "", 1), false},
		"all services are down":     {"running", one("", oggtest.Fault{Refused: true}), "unknown " + silent, true},
		"the front is down":         {"running", front, "unknown " + silent, true},
		"the front is down, as was": {"stopped", front, "stopped", false},
		"nothing is there":          {"running", one("", oggtest.Fault{Status: 404}), "unknown", true},
		"all services fail":         {"running", one("", oggtest.Fault{Status: 500}), " adminsrvr= distsrvr= pmsrvr= recvsrvr=", true},
		"the user is rejected":      {"running", one("", oggtest.Fault{Unauthorized401: true}), " adminsrvr= distsrvr= pmsrvr= recvsrvr=", true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := manage(t, alone())
				client := newClient(t, sm, "deployment", "service", "process", "certificate")
				poll(t, client)
				client.SetManagedStatus(c.plane)
				if c.spoil != nil {
					c.spoil(s)
				}
				s.ResetRequests()
				inst := client.Poll(t.Context())
				if got := statuses(deployment(t, inst, "north")); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if n := len(s.Requests()); c.plane == "stopped" && n > 0 {
					t.Errorf("a stopped deployment got %d requests", n)
				}
				if (inst.Err != nil) != c.fails {
					t.Errorf("got %v", inst.Err)
				}
			})
		})
	}
}

// TestManagedCold is TestManagedStatus for a client that has not had an answer.
func TestManagedCold(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := manage(t, alone())
		c := newClient(t, sm)
		c.SetManagedStatus("running")
		s.SetFront(false)
		inst := c.Poll(t.Context())
		if got := statuses(deployment(t, inst, "north")); got != "unknown" || inst.Err == nil {
			t.Errorf("got %q, %v", got, inst.Err)
		}
		s.SetFront(true)
		if got := statuses(deployment(t, poll(t, c), "north")); got != allRunning {
			t.Errorf("got %q", got)
		}
	})
}

// TestManagedServiceDown checks that a service that does not respond affects no other.
func TestManagedServiceDown(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := manage(t, alone())
		mend := s.Fault(oggtest.Target{Service: "recvsrvr"}, oggtest.Fault{Status: http.StatusBadGateway, HTML: true})
		c := newClient(t, sm)
		inst := c.Poll(t.Context())
		if d := deployment(t, inst, "north"); inst.Err != nil || len(d.Processes) != 2 {
			t.Errorf("got %v, %d processes", inst.Err, len(d.Processes))
		}
		if err := read(t, inst, "north", "service").Err; err == nil || !strings.Contains(err.Error(), "502") {
			t.Errorf("got %v", err)
		}
		mend()
		poll(t, c)
	})
}

// TestManagedMissingService checks that a service that is not installed is not a failure, and
// is not tried again until another one restarts.
func TestManagedMissingService(t *testing.T) {
	t.Parallel()
	i := alone()
	i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "recvsrvr"}}
	s, sm := manage(t, i)
	c := newClient(t, sm)
	for range 3 {
		if got := statuses(deployment(t, poll(t, c), "north")); got != "running adminsrvr=running recvsrvr=running" {
			t.Error(got)
		}
	}
	if n := count(s, "/services/pmsrvr/v2/config/health"); n != 1 {
		t.Errorf("pmsrvr is asked for %d times", n)
	}
	s.RestartService("north", "recvsrvr")
	s.ResetRequests()
	for range 3 {
		poll(t, c)
	}
	manager, health := asked(s, ogg.ServiceManager, ogg.ServiceManager), count(s, "/services/pmsrvr/v2/config/health")
	if !slices.ContainsFunc(manager, func(r string) bool { return strings.HasSuffix(r, "/installation/services") }) || health != 1 {
		t.Errorf("after a start: %d times, and of the Service Manager %q", health, manager)
	}
}

// TestManagedMissingForNow checks that a service that was not there is found without any restart.
func TestManagedMissingForNow(t *testing.T) {
	t.Parallel()
	i, clock := alone(), oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	i.Clock = clock
	s, sm := manage(t, i)
	c := clockClient(t, sm, clock, "service")
	mend := s.Fault(oggtest.Target{Service: "pmsrvr"}, oggtest.Fault{Status: http.StatusNotFound})
	without := strings.Replace(allRunning, " pmsrvr=running", "", 1)
	for range 5 { // asked at once, after 1 and after 3 minutes
		if got := statuses(deployment(t, poll(t, c), "north")); got != without {
			t.Errorf("got %q", got)
		}
		clock.Advance(time.Minute)
	}
	if n := count(s, "/services/pmsrvr/v2/config/health"); n != 3 {
		t.Errorf("pmsrvr was asked for %d times, want 3", n)
	}
	mend()
	clock.Advance(2 * time.Minute)
	if got := statuses(deployment(t, poll(t, c), "north")); got != allRunning {
		t.Errorf("then got %q", got)
	}
}

// TestManagedLooksAgain checks that a Service Manager is found without any restart where something
// else answered in its place at first, except where the user was rejected: another try would be
// another failed login.
func TestManagedLooksAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault oggtest.Fault
		want  bool
	}{
		"a page":        {oggtest.Fault{HTML: true}, true},
		"404":           {oggtest.Fault{Status: http.StatusNotFound}, true},
		"401":           {oggtest.Fault{Unauthorized401: true}, false},
		"403":           {oggtest.Fault{Forbidden403: true}, false},
		"404, then 500": {oggtest.Fault{Status: http.StatusNotFound}, true},
	} {
		i, clock := alone(), oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		i.Clock, i.WithoutServiceManager = clock, false
		s, sm := manage(t, i)
		client := clockClient(t, sm, clock, "service")
		at := oggtest.Target{Service: ogg.ServiceManager}
		mend := s.Fault(at, c.fault)
		poll(t, client)
		if name == "404, then 500" { // which must not cost the deployment
			mend()
			mend = s.Fault(at, oggtest.Fault{Status: http.StatusInternalServerError})
			clock.Advance(time.Minute)
			poll(t, client)
			clock.Advance(time.Minute)
		}
		mend()
		s.ResetRequests()
		clock.Advance(time.Minute - time.Second)
		poll(t, client)
		if n := len(asked(s, ogg.ServiceManager, ogg.ServiceManager)); n > 0 {
			t.Errorf("%s: asked again at once", name)
		}
		clock.Advance(time.Second)
		if got := len(poll(t, client).Deployments) == 2; got != c.want {
			t.Errorf("%s: the Service Manager was found: %v", name, got)
		}
	}
}

// TestManagedChanges checks that a new Service Manager is found when the short form of the URLs
// stops working.
func TestManagedChanges(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := alone()
		i.WithoutServiceManager = false
		s, sm := manage(t, i)
		mend := s.Fault(oggtest.Target{Service: ogg.ServiceManager}, oggtest.Fault{Status: http.StatusNotFound})
		c := newClient(t, sm)
		poll(t, c)
		mend()
		if err := s.AddDeployment(oggtest.Deployment{Name: "south"}); err != nil {
			t.Fatal(err)
		}
		if inst := c.Poll(t.Context()); inst.Err == nil {
			t.Error("read by a form that no longer works")
		}
		if inst := poll(t, c); len(inst.Deployments) != 3 {
			t.Errorf("%d deployments", len(inst.Deployments))
		}
	})
}

// TestManagedLogins counts the logins with a wrong password in an hour: one to the
// Administration Service per attempt, and one to the Service Manager if it requires the user
// too.
func TestManagedLogins(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		for _, asks := range []bool{false, true} {
			i := alone()
			i.WithoutServiceManager = !asks
			s, sm := manage(t, i)
			sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: "wrong"}
			g := newGuarded(t, sm)
			if at := g.hour(s, "north", "adminsrvr"); !slices.Equal(at, backOff) {
				t.Errorf("logins at %v, want %v", at, backOff)
			}
			if n := len(asked(s, ogg.ServiceManager, ogg.ServiceManager)); asks && n != len(backOff) {
				t.Errorf("%d logins at the Service Manager", n)
			}
			for _, other := range []string{"distsrvr", "recvsrvr", "pmsrvr"} {
				if n := len(asked(s, "north", other)); n > 0 {
					t.Errorf("%d logins at %s", n, other)
				}
			}
			if b := deployment(t, g.Last(), "north").Service("adminsrvr").LoginBlocked; b == nil || !*b {
				t.Error("the rejection is not reported")
			}
			sm.HTTPClient.BasicAuth.Password = oggtest.DefaultPassword
			poll(t, newClient(t, sm))
		}
	})
}

// TestManagedHang checks that a hanging service leaves time for the others.
func TestManagedHang(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := manage(t, alone())
		sm.Timeout = 2 * time.Second
		s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, oggtest.Fault{Hang: true})
		c := newClient(t, sm, "deployment", "service", "distribution_path")
		for range 2 {
			inst := c.Poll(t.Context())
			d := deployment(t, inst, "north")
			if got := statuses(d); inst.Err != nil || got != strings.Replace(allRunning, "adminsrvr=running", "adminsrvr=unknown", 1) {
				t.Errorf("got %q, %v", got, inst.Err)
			}
			if err := read(t, inst, "north", "distribution_path").Err; err != nil {
				t.Error(err)
			}
		}
	})
}

// TestManagedExcluded checks that an excluded deployment gets no requests.
func TestManagedExcluded(t *testing.T) {
	t.Parallel()
	s, sm := manage(t, alone())
	sm.ExcludeDeployments = pattern(t, "north")
	c := newClient(t, sm)
	for _, plane := range []string{"running", "stopped"} {
		c.SetManagedStatus(plane)
		if inst := poll(t, c); len(inst.Deployments) > 0 {
			t.Errorf("%s: %d deployments", plane, len(inst.Deployments))
		}
	}
	if n := len(asked(s, "north", "adminsrvr")); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// TestManagedCertificates checks that there are no stored certificates without a Service
// Manager.
func TestManagedCertificates(t *testing.T) {
	t.Parallel()
	i := alone()
	i.Role = oggtest.RoleAdministrator
	s, sm := manage(t, i)
	c := newClient(t, sm, "certificate")
	poll(t, c)
	s.ResetRequests()
	poll(t, c)
	if n := count(s, "/certificates"); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// TestManagedSetStatus checks that the status may be set during polls.
func TestManagedSetStatus(t *testing.T) {
	t.Parallel()
	_, sm := manage(t, alone())
	c := newClient(t, sm)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			c.SetManagedStatus("running")
		}
	}()
	for range 5 {
		c.Poll(context.Background())
	}
	<-done
	if got := statuses(deployment(t, poll(t, c), "north")); got != allRunning {
		t.Error(got)
	}
}
