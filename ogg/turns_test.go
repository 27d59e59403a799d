package ogg_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// deployments is an installation with deployments of so many processes each.
func deployments(n, processes int) oggtest.Installation {
	i := oggtest.Installation{}
	for d := range n {
		spec := oggtest.Deployment{Name: fmt.Sprintf("d%02d", d)}
		for p := range processes {
			spec.Processes = append(spec.Processes, oggtest.Process{Name: fmt.Sprintf("EX%03d", p)})
		}
		i.Deployments = append(i.Deployments, spec)
	}
	return i
}

// TestTotal: fleets of several shapes are read in full with no more requests in flight than allowed,
// directly and behind NGINX, and in as little time as that allows if there are enough.
func TestTotal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ deployments, processes, each, total, most int }{
		{1, 40, 8, 64, 8 + 5},
		{1, 40, 64, 64, 64},
		{10, 20, 8, 64, 64},
		{10, 20, 8, 1000, 80 + 31}, // and one to each other service
		{10, 5, 8, 1, 1},
		{10, 5, 1, 3, 3},
		{30, 2, 8, 16, 16},
		{3, 20, 100, 7, 7},
	} {
		for _, proxy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%+v, proxy %t", c, proxy), func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) {
					i := deployments(c.deployments, c.processes)
					i.ReverseProxy = proxy
					s, sm := simulate(t, i)
					sm.Timeout, sm.MaxConcurrentRequests, sm.MaxConcurrentRequestsTotal = time.Hour, c.each, c.total
					defer s.Fault(oggtest.Target{}, oggtest.Fault{Latency: 20 * time.Millisecond})()
					client := newClient(t, sm)
					for range 2 {
						s.ResetRequests()
						poll(t, client)
						if n := s.MaxInFlightTotal(); n > min(c.total, c.most) || n < min(c.total, c.most)/2 {
							t.Errorf("%d requests at once, at most %d are allowed, %d expected", n, c.total, c.most)
						}
					}
				})
			})
		}
	}
}

// TestTotalOfHung: services that hang, with as many requests as they may have, do not hold up the
// one that does not: at the first poll, and at later ones; whatever of them hangs.
func TestTotalOfHung(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]oggtest.Target{
		"all": {}, "each process": {Path: "/services/v2/extracts/*/info/status"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, deployments(11, 20))
				c := newClient(t, sm)
				for d := range 10 {
					hangs.Deployment = fmt.Sprintf("d%02d", d)
					defer s.Fault(hangs, oggtest.Fault{Hang: true})()
				}
				for range 3 {
					s.ResetRequests()
					inst := c.Poll(t.Context())
					if failed := read(t, inst, "d00", "process").Err; failed == nil {
						t.Error("nothing hangs")
					}
					for _, r := range deployment(t, inst, "d10").Reads {
						if r.Err != nil || r.Took > time.Second {
							t.Errorf("%s: %v after %s", r.Collector, r.Err, r.Took)
						}
					}
					if n := s.MaxInFlightTotal(); n > 64 || n < 24 {
						t.Errorf("%d requests at once", n)
					}
				}
			})
		})
	}
}

// TestTotalOfDead: that a service was not asked in time, because of others, is no evidence against
// it.
func TestTotalOfDead(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, deployments(2, 1))
		sm.MaxConcurrentRequestsTotal = 1
		c := newClient(t, sm)
		poll(t, c)
		recover := s.Fault(oggtest.Target{Deployment: "d00"}, oggtest.Fault{Hang: true})
		c.Poll(t.Context())
		recover()
		inst := c.Poll(t.Context())
		for _, r := range deployment(t, inst, "d01").Reads {
			if errors.Is(r.Err, rest.ErrSilent) {
				t.Errorf("%s: %v", r.Collector, r.Err)
			}
		}
		poll(t, c)
	})
}

// TestTotalOfLogins: one login fails per poll and deployment, however long the requests that go first
// wait for their turn behind services that hang.
func TestTotalOfLogins(t *testing.T) {
	t.Parallel()
	for _, total := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("total %d", total), func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, deployments(6, 8))
				sm.Timeout, sm.MaxConcurrentRequestsTotal = 20*time.Second, total
				c := newClient(t, sm)
				poll(t, c)
				defer s.Fault(oggtest.Target{Deployment: "d00"}, oggtest.Fault{Latency: 3 * time.Second})()
				s.ResetRequests()
				for d := range 5 {
					s.SetCredentials(fmt.Sprintf("d%02d", d+1), "another", "another-Pw1")
				}
				c.Poll(t.Context())
				for d := range 5 {
					name, failed := fmt.Sprintf("d%02d", d+1), 0
					for _, r := range s.Requests() {
						if r.Deployment == name && r.Status == http.StatusUnauthorized && r.User != "" {
							failed++
						}
					}
					if failed > 1 {
						t.Errorf("%s: %d logins failed", name, failed)
					}
				}
			})
		})
	}
}
