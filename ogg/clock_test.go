package ogg_test

import (
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestClockSkew reads the clocks of services that are ahead and behind; behind a reverse proxy it is
// the clock of that one.
func TestClockSkew(t *testing.T) {
	for name, proxy := range map[string]bool{"direct": false, "behind NGINX": true} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, oggtest.Installation{ReverseProxy: proxy, Deployments: []oggtest.Deployment{{
					Name: "north", Services: []oggtest.Service{{Name: "adminsrvr", ClockSkew: time.Hour}, {Name: "distsrvr", ClockSkew: -90 * time.Second}, {Name: "pmsrvr"}, {Name: "recvsrvr", Status: "stopped"}},
				}}})
				c := newClient(t, sm, "service")
				for _, front := range []time.Duration{0, 2 * time.Minute} {
					s.SetClockSkew("ServiceManager", "ServiceManager", front)
					inst := poll(t, c)
					want := map[string]time.Duration{"adminsrvr": time.Hour, "distsrvr": -90 * time.Second, "pmsrvr": 0}
					for service, skew := range want {
						if proxy {
							skew = front
						}
						if got := clockOf(t, inst, "north", service); !isNear(got, skew) {
							t.Errorf("proxy %v: %s is ahead by %v, want %v", proxy, service, got, skew)
						}
					}
					if got := clockOf(t, inst, "ServiceManager", "ServiceManager"); !isNear(got, front) {
						t.Errorf("proxy %v: the Service Manager is ahead by %v, want %v", proxy, got, front)
					}
					if got := clockOf(t, inst, "north", "recvsrvr"); got != nil {
						t.Errorf("proxy %v: a service that is not asked is ahead by %v", proxy, got)
					}
				}
				s.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, oggtest.Fault{Refused: true})
				if got := clockOf(t, c.Poll(t.Context()), "north", "adminsrvr"); got != nil && !proxy {
					t.Errorf("a service that does not answer is ahead by %v", got)
				}
			})
		})
	}
}

// clockOf returns how far the clock of a service is ahead.
func clockOf(t testing.TB, inst *ogg.Installation, name, service string) *time.Duration {
	t.Helper()
	return deployment(t, inst, name).Service(service).ClockSkew
}

// isNear reports whether a clock is ahead by that much, to the second, which leaves one more; exactly
// if the clocks agree.
func isNear(got *time.Duration, want time.Duration) bool {
	return got != nil && (*got-want).Abs() <= time.Second && (want != 0 || *got == 0)
}
