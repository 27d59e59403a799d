package oggtest

import (
	"errors"
	"net/http"
	"sync"
	"syscall"
	"testing"
)

func refused(t *testing.T, s *Server, url string) {
	t.Helper()
	if r, err := ask(s, url); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%s is not refused: %v %s", url, err, r.body)
	}
}

func TestDeploymentLife(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west(), {Name: "old", Status: "stopped"}}})
	admin, list := s.ServiceURL("west", "adminsrvr")+"/extracts", s.URL()+"/services/v2/installation/services?deployment="
	refused(t, s, s.ServiceURL("old", "adminsrvr"))
	if got := get(t, s, list+"old", 200).at("response.services.3.status"); got != `"stopped"` {
		t.Error(got)
	}

	s.SetDeploymentStatus("west", "killed")
	refused(t, s, admin)
	s.SetDeploymentStatus("west", "restart")
	if got := get(t, s, admin, 503).at("messages.0.code"); got != `"OGG-12043"` {
		t.Error(got)
	}
	s.SetDeploymentStatus("west", "running")
	get(t, s, admin, 200)

	if err := s.AddDeployment(Deployment{Name: "new"}); err != nil {
		t.Fatal(err)
	}
	fresh := s.ServiceURL("new", "recvsrvr") + "/config/health"
	get(t, s, fresh, 200)
	s.RemoveDeployment("new")
	refused(t, s, fresh)
	get(t, s, s.URL()+"/services/v2/deployments/new", 404)
}

func TestServiceLife(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	s := start(t, Installation{Clock: clock, Deployments: []Deployment{west(), {
		Name: "locked", Services: []Service{{Name: "adminsrvr", Locked: true}, {Name: "distsrvr", Disabled: true, NonCritical: true}},
	}}})
	refused(t, s, s.ServiceURL("locked", "adminsrvr"))
	r := get(t, s, s.URL()+"/services/v2/installation/services?deployment=locked", 200)
	for at, want := range map[string]string{"0.locked": "true", "0.status": `"stopped"`, "1.enabled": "false", "1.critical": "false"} {
		if got := r.at("response.services." + at); got != want {
			t.Errorf("%s: %s", at, got)
		}
	}
	health := s.ServiceURL("west", "distsrvr") + "/config/health/check"
	s.SetServiceStatus("west", "distsrvr", "abended")
	refused(t, s, health)
	clock.Advance(1)
	s.SetServiceStatus("west", "distsrvr", "running")
	s.SetServiceHealth("west", "distsrvr", false)
	if r := get(t, s, health, 200); r.at("response.healthy") != "false" || r.at("response.started") != `"2026-03-01T12:00:00.000Z"` {
		t.Errorf("%s", r.body)
	}
	s.RestartService("west", "distsrvr")
	get(t, s, health, 200)
	s.SetServiceStatus("ServiceManager", "ServiceManager", "stopped")
	refused(t, s, s.URL()+"/services")
}

func TestProcessLife(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	url := s.ServiceURL("west", "adminsrvr")
	if err := s.AddProcess("west", Process{Name: "ENEW", Critical: true, Status: "abended"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddProcess("west", Process{Name: "ENEW"}); err == nil {
		t.Error("taken twice")
	}
	get(t, s, url+"/extracts/ENEW", 200)
	if r := get(t, s, url+"/config/health", 200); r.at("response.healthy") != "false" ||
		r.at("response.criticalResources.0") != `{"name":"ENEW","type":"extract","status":"abended","healthy":false}` {
		t.Errorf("%s", r.body)
	}
	s.RemoveProcess("west", "ENEW")
	get(t, s, url+"/extracts/ENEW", 404)
	get(t, s, url+"/extracts/RWEST/info/status", 404) // a Replicat is no Extract
	get(t, s, url+"/extracts/EWEST/info", 200)
}

func TestUnknownNamesPanic(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	for name, f := range map[string]func(){
		"deployment":      func() { s.SetDeploymentStatus("no", "running") },
		"service":         func() { s.RestartService("west", "no") },
		"process":         func() { s.RemoveProcess("west", "NO") },
		"Service Manager": func() { s.RemoveDeployment("ServiceManager") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error(name, "did not panic")
				}
			}()
			f()
		}()
	}
	get(t, s, s.URL()+"/services/v2/deployments", 200) // nothing stays locked
}

// TestChangesWhileServing is for the race detector.
func TestChangesWhileServing(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	admin := s.ServiceURL("west", "adminsrvr")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_, _ = ask(s, admin+"/extracts/EWEST/info/status")
				_, _ = ask(s, s.URL()+"/services/v2/installation/services")
				_ = s.Requests()
				_ = s.MaxInFlight("west", "adminsrvr")
			}
		})
	}
	for range 20 {
		s.RestartService("west", "adminsrvr")
		s.SetProcessStatus("west", "EWEST", "stopped")
		s.SetProcessStatus("west", "EWEST", "running")
		s.SetCredentials("west", "a", "b")
		s.Fault(Target{Service: "adminsrvr"}, Fault{Refused: true})()
		s.ResetRequests()
	}
	wg.Wait()
}

func TestMaxInFlight(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Deployments: []Deployment{west()}})
	clear := s.Fault(Target{Service: "adminsrvr"}, Fault{Hang: true})
	c := client(s)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if res, err := c.Get(s.ServiceURL("west", "adminsrvr")); err == nil {
				_ = res.Body.Close()
			}
		})
	}
	for s.MaxInFlight("west", "adminsrvr") < 3 {
		_, _ = ask(s, s.URL()+"/services") // until all have arrived
	}
	clear()
	s.RestartService("west", "adminsrvr") // cuts them
	wg.Wait()
	s.ResetRequests()
	for range 50 { // one after the other, also when connections change
		get(t, s, s.ServiceURL("west", "adminsrvr"), http.StatusOK)
	}
	if n, all := s.MaxInFlight("west", "adminsrvr"), s.MaxInFlightTotal(); n != 1 || all != 1 {
		t.Error(n, all)
	}
}
