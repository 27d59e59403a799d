//go:build linux

package main

import (
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestLeast checks that a scrape sends exactly what the list says that is written from the API, and
// that the simulation answers all of it.
func TestLeast(t *testing.T) {
	o := FleetOptions{FleetSize: oggtest.FleetSize{ServiceManagers: 1, Deployments: 2, Processes: 40, Paths: 2}, RequestLog: requestLog}
	for _, way := range []struct {
		name string
		set  func(*FleetOptions)
	}{
		{"directly", func(*FleetOptions) {}},
		{"behind NGINX", func(o *FleetOptions) { o.NGINX = true }},
		{"without paths", func(o *FleetOptions) { o.Paths = 0 }},
	} {
		t.Run(way.name, func(t *testing.T) {
			o := o
			way.set(&o)
			f := newFleet(t, o)
			exporter := newHandler(t, oggtest.ConfigFor(targetName(0), f.servers[0].URL()), o)
			for _, s := range scopes {
				path := s.probe(targetName(0))
				for range 3 { // learns
					must(t, f.Forget(struct{}{}, nil))
					must(t, expose(exporter, path, io.Discard))
				}
				var received, least []Request
				must(t, f.Requests(struct{}{}, &received))
				must(t, f.Least(s.everything, &least))
				more, fewer := difference(received, least)
				for _, url := range more {
					t.Errorf("%s: GET %s is not needed", s.name, url)
				}
				for _, url := range fewer {
					t.Errorf("%s: GET %s was not sent", s.name, url)
				}
				for _, r := range received {
					if r.Status != http.StatusOK {
						t.Errorf("%s: GET %s: status %d", s.name, r.URL, r.Status)
					}
				}
			}
		})
	}
}

// newFleet starts a fleet in this process.
func newFleet(t *testing.T, o FleetOptions) *Fleet {
	f := &Fleet{ctx: t.Context()}
	must(t, f.Start(o, &Addresses{}))
	t.Cleanup(func() {
		for _, s := range f.servers {
			s.Close()
		}
	})
	return f
}

// TestSteps checks the steps of the list: what a request is about must be named by an answer of
// the step before.
func TestSteps(t *testing.T) {
	f := newFleet(t, FleetOptions{FleetSize: oggtest.FleetSize{ServiceManagers: 1, Deployments: 2, Processes: 200}})
	var least []Request
	must(t, f.Least(false, &least))
	count := func(steps [][]Request) (n []int) {
		for _, step := range steps {
			n = append(n, len(step))
		}
		return n
	}
	if got, want := count(stepsOf(least)), []int{3, 2 * 6, 2 * 200}; !slices.Equal(got, want) {
		t.Errorf("the steps have %v requests, want %v", got, want)
	}
	if got, want := count(withLoginCheck(least)), []int{1, 2, 2, 2 * 5, 2 * 200}; !slices.Equal(got, want) {
		t.Errorf("with the login check they have %v requests, want %v", got, want)
	}
	if n := busiest(least); n != 203 {
		t.Errorf("the busiest service gets %d requests, want 203", n)
	}
	if n := len(byService(least)); n != 9 {
		t.Errorf("%d services, want 9", n)
	}
}

// TestClient checks that the bare client sends every request once, with no more in flight than it may
// have.
func TestClient(t *testing.T) {
	for _, way := range []struct {
		name string
		set  func(*FleetOptions)
	}{
		{"plain", func(*FleetOptions) {}},
		{"TLS", func(o *FleetOptions) { o.TLS = true }},
		{"digest", func(o *FleetOptions) { o.Digest = true }},
		{"NGINX", func(o *FleetOptions) { o.NGINX = true }},
	} {
		t.Run(way.name, func(t *testing.T) {
			o := FleetOptions{
				FleetSize: oggtest.FleetSize{ServiceManagers: 1, Deployments: 4, Processes: 20}, RequestLog: requestLog, Latency: 20 * time.Millisecond,
			}
			way.set(&o)
			f := newFleet(t, o)
			var least, received []Request
			must(t, f.Least(false, &least))
			client := &Client{ctx: t.Context()}
			must(t, client.Open(ClientOptions{f.servers[0].CACertificate(), o.Digest}, nil))
			t.Cleanup(client.http.CloseIdleConnections)
			var took time.Duration
			must(t, client.Send(Replay{least, 8, 10}, &took)) // with digest authentication, gets the challenges
			must(t, f.Forget(struct{}{}, nil))
			must(t, client.Send(Replay{least, 8, 10}, &took))
			must(t, f.Requests(struct{}{}, &received))
			if more, fewer := difference(received, least); len(more)+len(fewer) > 0 {
				t.Errorf("sent too often: %v, not sent: %v", more, fewer)
			}
			if n := mostInFlight(received, o.Latency); n > 10 {
				t.Errorf("%d requests in flight, want at most 10", n)
			}
		})
	}
}
