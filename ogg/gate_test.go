package ogg_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// dead are ways in which a service does not respond.
var dead = map[string]oggtest.Fault{
	"refuses":        {Refused: true},
	"resets":         {Reset: true},
	"hangs":          {Hang: true},
	"502 from NGINX": {Status: http.StatusBadGateway, HTML: true},
	"is restarting":  {Status: http.StatusServiceUnavailable},
}

// TestCircuit checks that a service that did not respond gets one request per poll, and all
// requests again once it responds.
func TestCircuit(t *testing.T) {
	t.Parallel()
	for name, fault := range dead {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, north(oggtest.Release26ai))
				c := newClient(t, sm)
				poll(t, c)
				at := oggtest.Target{Deployment: "north", Service: "adminsrvr"}
				mend := s.Fault(at, fault)
				shortly(c)
				for range 3 {
					began := time.Now()
					inst, attempts := traced(c, "north", "adminsrvr")
					if attempts != 1 {
						t.Errorf("%d requests", attempts)
					}
					if took := time.Since(began); fault.Hang && took != sm.Timeout/4 {
						t.Errorf("the poll took %s of %s", took, sm.Timeout)
					}
					if err := read(t, inst, "north", "process").Err; err == nil {
						t.Error("no failure is reported")
					}
					if d := deployment(t, inst, "north"); d.Service("distsrvr").Healthy == nil {
						t.Error("another service is not read")
					}
				}
				mend()
				poll(t, c)
			})
		})
	}
}

// shortly polls with a timeout of two seconds.
func shortly(c *ogg.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	c.Poll(ctx)
}

// traced polls and returns the number of requests that the client sent to a service.
func traced(c *ogg.Client, deployment, service string) (inst *ogg.Installation, attempts int) {
	sent := make(chan int, 1000)
	inst = c.Poll(ogg.WithTrace(context.Background(), func(x ogg.Exchange) {
		if x.Deployment == deployment && x.Microservice == service {
			sent <- x.Attempts
		}
	}))
	close(sent)
	for n := range sent {
		attempts += n
	}
	return inst, attempts
}

// TestCircuitOfServiceManager is TestCircuit for the Service Manager.
func TestCircuitOfServiceManager(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		c := newClient(t, sm)
		poll(t, c)
		mend := s.Fault(oggtest.Target{Service: ogg.ServiceManager}, oggtest.Fault{Refused: true})
		c.Poll(t.Context())
		inst, attempts := traced(c, ogg.ServiceManager, ogg.ServiceManager)
		if attempts != 1 || inst.Err == nil {
			t.Errorf("%d requests, %v", attempts, inst.Err)
		}
		mend()
		poll(t, c)
	})
}

// TestNoCircuit checks that a single failing route, or a failure that is an answer, holds back
// no requests.
func TestNoCircuit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path  string
		fault oggtest.Fault
	}{
		"a route hangs":   {"/services/v2/extracts/*/info/status", oggtest.Fault{Reset: true}},
		"errors":          {"", oggtest.Fault{Status: http.StatusInternalServerError}},
		"too many":        {"", oggtest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "3600"}},
		"all is not JSON": {"", oggtest.Fault{Body: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, north(oggtest.Release26ai))
				client := newClient(t, sm)
				poll(t, client)
				s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr", Path: c.path}, c.fault)
				client.Poll(t.Context())
				s.ResetRequests()
				client.Poll(t.Context())
				for _, route := range []string{"/config/health", "/extracts", "/replicats"} {
					if count(s, route) == 0 {
						t.Errorf("%s was not requested", route)
					}
				}
			})
		})
	}
}

// TestGoneIsNoFailure checks that a cancelled poll says nothing about a service.
func TestGoneIsNoFailure(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = time.Minute
		c := newClient(t, sm)
		poll(t, c)
		mend := s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, oggtest.Fault{Hang: true})
		s.ResetRequests()
		ctx, goes := context.WithCancel(t.Context())
		wait := polling(ctx, c)
		waitFor(t, "the poll asks", func() bool { return len(asked(s, "north", "adminsrvr")) > 2 })
		goes()
		wait()
		mend()
		s.ResetRequests()
		if _, attempts := traced(c, "north", "adminsrvr"); attempts < 4 {
			t.Errorf("%d requests, as to a dead service", attempts)
		}
	})
}

// TestScoutHangs checks that the other requests are sent even if the very first one to a
// service hangs.
func TestScoutHangs(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		for _, path := range []string{"/services/v2/extracts", "/services/v2/config/health"} {
			s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr", Path: path}, oggtest.Fault{Hang: true})
		}
		inst := newClient(t, sm).Poll(t.Context())
		if len(deployment(t, inst, "north").Processes) != 1 {
			t.Error("the Replicat is missing")
		}
		if err := read(t, inst, "north", "process").Err; err == nil || strings.Contains(err.Error(), "REP1") {
			t.Errorf("got %v", err)
		}
	})
}
