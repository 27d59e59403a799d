package ogg_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// atServices is GET /services alone, and nothing beneath it.
var atServices = oggtest.Target{Deployment: ogg.ServiceManager, Service: ogg.ServiceManager, Path: "/service[s]"}

// servicesAsked returns how often GET /services was asked.
func servicesAsked(s *oggtest.Server) int {
	n := 0
	for _, line := range asked(s, ogg.ServiceManager, ogg.ServiceManager) {
		if line == "GET /services" {
			n++
		}
	}
	return n
}

// TestAPIVersions: all that are listed belong to the Service Manager.
func TestAPIVersions(t *testing.T) {
	t.Parallel()
	for _, proxy := range []bool{false, true} {
		i := north(oggtest.Release26ai)
		i.ReverseProxy = proxy
		i.APIVersions = []oggtest.APIVersion{{Version: "v2", Lifecycle: "DEPRECATED"}, {Version: "v1"}}
		_, sm := simulate(t, i)
		c := newClient(t, sm)
		for range 2 {
			inst := poll(t, c)
			if got := deployment(t, inst, ogg.ServiceManager).APIVersions; !slices.Equal(got, []ogg.APIVersion{{"v2", "deprecated"}, {"v1", ""}}) {
				t.Errorf("got %v", got)
			}
			if got := deployment(t, inst, "north").APIVersions; got != nil {
				t.Errorf("north: got %v", got)
			}
		}
	}
}

// TestAPIVersionsOnce: one request for each start.
func TestAPIVersionsOnce(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	c := newClient(t, sm)
	for start := 1; start <= 2; start++ {
		for range 3 {
			poll(t, c)
			if n := servicesAsked(s); n != start {
				t.Errorf("start %d: asked %d times", start, n)
			}
		}
		s.RestartService(ogg.ServiceManager, ogg.ServiceManager)
		_ = c.Poll(context.Background())
	}
}

// TestAPIVersionsUnknown: what a front answers in the place of GoldenGate is no failure, is not
// asked for again and costs nothing else.
func TestAPIVersionsUnknown(t *testing.T) {
	for name, fault := range map[string]oggtest.Fault{
		"404":      {Status: http.StatusNotFound},
		"401":      {Unauthorized401: true},
		"403":      {Forbidden403: true},
		"a page":   {HTML: true},
		"redirect": {Redirect: "https://login.example.com/"},
		"none":     {Body: `{"$schema": "api:versions", "items": [{}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sm := simulate(t, north(oggtest.Release26ai))
			s.Fault(atServices, fault)
			c := newClient(t, sm)
			for range 3 {
				d := deployment(t, poll(t, c), ogg.ServiceManager)
				if len(d.APIVersions) > 0 || *d.Service(ogg.ServiceManager).LoginBlocked {
					t.Errorf("got %v, blocked %t", d.APIVersions, *d.Service(ogg.ServiceManager).LoginBlocked)
				}
			}
			if n := servicesAsked(s); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// TestAPIVersionsFail: an answer that is none, or not whole, is a failure, and keeps what can be
// read.
func TestAPIVersionsFail(t *testing.T) {
	for body, want := range map[string][]ogg.APIVersion{
		"":                            nil, // status 500
		`{"$schema": "api:versions"}`: nil,
		`{"items": null}`:             nil,
		`[]`:                          nil,
		`{"items": [`:                 nil,
		`{"items": [{"version": "v2"`: nil,
		`{"items": [7, {"version": "v2", "lifecycle": "active"}]}`: {{"v2", "active"}},
		`{"items": [{"version": "v2"}, {"version": "v2"}]}`:        {{"v2", ""}},
		`{"items": [{"version": "v2", "lifecycle": {}}]}`:          {{"v2", ""}},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			fault := oggtest.Fault{Body: body}
			if body == "" {
				fault.Status = http.StatusInternalServerError
			}
			s, sm := simulate(t, north(oggtest.Release26ai))
			mend := s.Fault(atServices, fault)
			c := newClient(t, sm)
			inst := c.Poll(context.Background())
			d, r := deployment(t, inst, ogg.ServiceManager), read(t, inst, ogg.ServiceManager, "deployment")
			if inst.Err != nil || r.Err == nil || !strings.Contains(r.Err.Error(), "/services") || !slices.Equal(d.APIVersions, want) || d.Build == nil {
				t.Errorf("got %v, %v", d.APIVersions, r.Err)
			}
			mend()
			poll(t, c)
		})
	}
}

// TestAPIVersionChosen: a Service Manager that does not speak the version says what it offers.
func TestAPIVersionChosen(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	i.APIVersions = []oggtest.APIVersion{{Version: "v3", Lifecycle: "active"}}
	s, sm := simulate(t, i)
	inst := newClient(t, sm).Poll(context.Background())
	want := "the Service Manager offers v3 of its API, not v2; see api_version: GET " + s.URL() + "/services/v2/deployments: 404"
	if inst.Err == nil || !strings.HasPrefix(inst.Err.Error(), want) {
		t.Errorf("got %v", inst.Err)
	}
	if got := deployment(t, inst, ogg.ServiceManager).APIVersions; !slices.Equal(got, []ogg.APIVersion{{"v3", "active"}}) {
		t.Errorf("got %v", got)
	}
	sm.APIVersion = "v3"
	if got := deployment(t, poll(t, newClient(t, sm)), "north").Processes; len(got) != 2 {
		t.Errorf("got %d processes", len(got))
	}
}
