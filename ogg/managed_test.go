package ogg_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// noServiceManager is what may come where no Service Manager answers the user.
var noServiceManager = map[string]oggtest.Fault{
	"404":          {Status: http.StatusNotFound},
	"404 of NGINX": {Status: http.StatusNotFound, HTML: true},
	"502 of NGINX": {Status: http.StatusBadGateway, HTML: true},
	"sign-in page": {HTML: true},
	"other place":  {Redirect: "http://127.0.0.1:9"},
	"refuses":      {Status: http.StatusUnauthorized},
	"no role":      {Status: http.StatusForbidden},
}

// simulateManaged starts the simulation of a deployment that Oracle manages, of which
// the Service Manager answers with fault, and returns the configuration that reads it.
func simulateManaged(t *testing.T, fault oggtest.Fault) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	i := north(oggtest.Release26ai)
	i.ReverseProxy, i.TLS = true, true
	s, sm := simulate(t, i)
	s.Fault(oggtest.Target{Service: ogg.ServiceManager}, fault)
	sm.Managed = "north"
	return s, sm
}

// TestManaged: where no Service Manager answers, the services are asked by themselves
// and are read like others.
func TestManaged(t *testing.T) {
	for name, fault := range noServiceManager {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sm := simulateManaged(t, fault)
			c := newClient(t, sm, "deployment", "service", "process", "distribution_path", "performance", "certificate")
			poll(t, c)
			s.ResetRequests()
			inst := poll(t, c)
			d := deployment(t, inst, "north")
			if len(inst.Deployments) != 1 || d.Status != "running" || d.Enabled != nil || d.Build == nil || len(d.Processes) != 2 {
				t.Errorf("got %d deployments, %+v", len(inst.Deployments), d)
			}
			for _, service := range d.Services {
				if service.Status != "running" || service.Healthy == nil || service.CertificateNotAfter.IsZero() {
					t.Errorf("got %+v", service)
				}
			}
			if n := count(s, "/config/health"); len(d.Services) != 4 || n != 4 {
				t.Errorf("%d services, %d asked for their health", len(d.Services), n)
			}
			if asked := asked(s, "ServiceManager", "ServiceManager"); len(asked) > 0 && fault.Status != http.StatusBadGateway {
				t.Errorf("the Service Manager is asked again: %v", asked)
			}
		})
	}
}

// TestManagedShortForm: the deployment is not in the paths that are asked.
func TestManagedShortForm(t *testing.T) {
	s, sm := simulateManaged(t, oggtest.Fault{Status: http.StatusNotFound})
	var urls []string
	newClient(t, sm).Poll(ogg.WithTrace(t.Context(), func(x ogg.Exchange) {
		if x.Microservice == "adminsrvr" && strings.HasSuffix(x.Path, "/config/health") {
			urls = append(urls, x.URL)
		}
	}))
	if want := s.URL() + "/services/adminsrvr/v2/config/health"; !slices.Equal(urls, []string{want}) {
		t.Errorf("asked %v, want %s", urls, want)
	}
}

// TestManagedWithServiceManager: one that answers is believed.
func TestManagedWithServiceManager(t *testing.T) {
	i := north(oggtest.Release26ai)
	i.ReverseProxy = true
	s, sm := simulate(t, i)
	sm.Managed = "what Oracle calls it"
	inst := poll(t, newClient(t, sm))
	if d := deployment(t, inst, "north"); d.Enabled == nil || d.Status != "running" {
		t.Errorf("got %+v", d)
	}
	if len(inst.Deployments) != 2 || len(asked(s, "ServiceManager", "ServiceManager")) == 0 {
		t.Errorf("got %d deployments", len(inst.Deployments))
	}
}

// TestManagedStatus: whether the deployment runs comes from the control plane and from
// the services themselves.
func TestManagedStatus(t *testing.T) {
	down := oggtest.Fault{Status: http.StatusBadGateway, HTML: true}
	for name, c := range map[string]struct {
		told     string
		services []string // that do not answer
		want     string
		fails    bool
	}{
		"all is well":         {told: "running", want: "running"},
		"Oracle tells naught": {told: "", want: "running"},
		"one answers":         {told: "running", services: []string{"adminsrvr", "distsrvr", "recvsrvr"}, want: "running"},
		"none answers":        {told: "running", services: []string{""}, want: "unknown", fails: true},
		"nobody tells":        {told: "", services: []string{""}, want: "", fails: true},
		"stopped":             {told: "stopped", services: []string{""}, want: "stopped"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sm := simulateManaged(t, oggtest.Fault{Status: http.StatusNotFound})
			for _, service := range c.services {
				s.Fault(oggtest.Target{Deployment: "north", Service: service}, down)
			}
			client := newClient(t, sm)
			client.SetManagedStatus(c.told)
			inst := client.Poll(t.Context())
			if d := deployment(t, inst, "north"); d.Status != c.want || (inst.Err != nil) != c.fails {
				t.Errorf("got %q, %v", d.Status, inst.Err)
			}
			if c.told == "stopped" && len(s.Requests()) > 0 {
				t.Errorf("a stopped deployment got %d requests", len(s.Requests()))
			}
		})
	}
}

// TestManagedServiceDown: a service that does not answer costs itself.
func TestManagedServiceDown(t *testing.T) {
	s, sm := simulateManaged(t, oggtest.Fault{Status: http.StatusNotFound})
	mend := s.Fault(oggtest.Target{Service: "recvsrvr"}, oggtest.Fault{Status: http.StatusBadGateway, HTML: true})
	c := newClient(t, sm)
	inst := c.Poll(t.Context())
	d := deployment(t, inst, "north")
	if inst.Err != nil || len(d.Processes) != 2 || d.Service("recvsrvr").Status != "" {
		t.Errorf("got %v, %d processes, %+v", inst.Err, len(d.Processes), d.Service("recvsrvr"))
	}
	if err := read(t, inst, "north", "service").Err; err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("got %v", err)
	}
	mend()
	poll(t, c)
}

// TestManagedWithoutService: a service that the deployment does not have is no failure,
// and is not asked for again.
func TestManagedWithoutService(t *testing.T) {
	s, sm := simulateManaged(t, oggtest.Fault{Status: http.StatusNotFound})
	s.Fault(oggtest.Target{Service: "pmsrvr"}, oggtest.Fault{Status: http.StatusNotFound})
	c := newClient(t, sm)
	poll(t, c)
	s.ResetRequests()
	if d := deployment(t, poll(t, c), "north"); len(d.Services) != 3 || d.Service("pmsrvr") != nil {
		t.Errorf("got %d services", len(d.Services))
	}
	if asked := asked(s, "north", "pmsrvr"); len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
}

// TestManagedComesBack: after nothing answered, all is asked again, and a Service
// Manager that has come is found.
func TestManagedComesBack(t *testing.T) {
	s, sm := simulateManaged(t, oggtest.Fault{Status: http.StatusNotFound, Times: 3})
	c := newClient(t, sm)
	poll(t, c)
	mend := s.Fault(oggtest.Target{Deployment: "north"}, oggtest.Fault{Status: http.StatusInternalServerError})
	if inst := c.Poll(t.Context()); inst.Err == nil {
		t.Error("no failure is told")
	}
	mend()
	if inst := poll(t, c); len(inst.Deployments) != 2 {
		t.Errorf("got %d deployments", len(inst.Deployments))
	}
}

// TestManagedLogins: a wrong password is sent once to each service and then held back.
func TestManagedLogins(t *testing.T) {
	s, sm := simulateManaged(t, oggtest.Fault{Status: http.StatusNotFound})
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, Password: "wrong"}
	c := newClient(t, sm)
	for range 5 {
		inst := c.Poll(t.Context())
		if inst.Err == nil {
			t.Error("no failure is told")
		}
		for _, service := range deployment(t, inst, "north").Services {
			if service.LoginBlocked == nil || !*service.LoginBlocked {
				t.Errorf("%s is not held back", service.Name)
			}
		}
	}
	for _, service := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr"} {
		if n := len(asked(s, "north", service)); n != 1 {
			t.Errorf("%s got %d logins", service, n)
		}
	}
}
