package collector_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// managed returns the first deployment of everything, behind a front that lets nobody
// through to a Service Manager.
func managed() oggtest.Installation {
	i := everything(oggtest.Release23ai, true)
	i.WithoutServiceManager, i.Deployments = true, i.Deployments[:1]
	i.Deployments[0].Services = []oggtest.Service{{Name: "adminsrvr"}, {Name: "distsrvr", Unhealthy: true}, {Name: "recvsrvr"}}
	return i
}

// simulateManaged is simulate for the one deployment of i, which Oracle manages.
func simulateManaged(t testing.TB, i oggtest.Installation) (*oggtest.Server, *ogg.Client) {
	t.Helper()
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, clientManaged(t, "gg", i.Deployments[0].Name, s, i)
}

// TestManaged compares everything that a scrape exposes of a deployment for which no
// Service Manager answers with a golden file: first intact, then with one failure after
// another.
func TestManaged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, status string
		spoil        func(*oggtest.Server)
	}{
		{"running", "running", func(*oggtest.Server) {}},
		{"one-down", "running", func(s *oggtest.Server) {
			s.Fault(oggtest.Target{Service: "recvsrvr"}, oggtest.Fault{Status: http.StatusBadGateway, HTML: true})
		}},
		{"front-down", "running", func(s *oggtest.Server) { s.SetFront(false) }},
		{"stopped", "stopped", func(s *oggtest.Server) { s.SetFront(false) }},
		{"refused", "running", func(s *oggtest.Server) { s.SetCredentials("north", "another", "another-Pw1") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, c := simulateManaged(t, managed())
				c.SetManagedStatus("running")
				expose(t, c)
				c.SetManagedStatus(test.status)
				test.spoil(s)
				got := withoutDurations(expose(t, c))
				if test.name == "refused" {
					got = withoutAnswers(got) // which service gets the one login is chance
				}
				compare(t, "managed/"+test.name+".prom", got)
			})
		})
	}
}

// withoutAnswers leaves out how many requests there were to each service, and what the
// answer to a login that is refused says of a service: its clock.
func withoutAnswers(exposition string) string {
	var kept []string
	for line := range strings.Lines(exposition) {
		if !strings.HasPrefix(line, "ogg_api_") && !strings.HasPrefix(line, "ogg_clock_skew_seconds{") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestManagedAgrees: a deployment whose Service Manager answers has every sample that it
// has without one.
func TestManagedAgrees(t *testing.T) {
	t.Parallel()
	i := managed()
	_, alone := simulateManaged(t, i)
	alone.SetManagedStatus("running")
	without := expose(t, alone)
	i.WithoutServiceManager = false
	with := expose(t, start(t, i))
	known := map[string]bool{}
	for line := range strings.Lines(with) {
		known[line] = true
	}
	for line := range strings.Lines(without) {
		if !known[line] && !strings.HasPrefix(line, "ogg_api_") && !strings.HasPrefix(line, "ogg_scrape_collector_duration_seconds") {
			t.Errorf("only without a Service Manager: %s", line)
		}
	}
}
