package ogg_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// north is an installation with one deployment of two processes.
func north(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release,
		Deployments: []oggtest.Deployment{{Name: "north", Processes: []oggtest.Process{
			{Name: "EXT1", Lag: 2 * time.Second},
			{Name: "REP1", Type: oggtest.Replicat, Lag: 3 * time.Second, Trail: "ea", TrailPath: "/u02"},
		}}},
	}
}

// simulate starts a simulation, and returns it with the configuration that reads it.
func simulate(t testing.TB, i oggtest.Installation) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, configFor(t, s.URL(), i.ReverseProxy, s.CACertificate())
}

// configFor returns the configuration that reads address as the default user.
func configFor(t testing.TB, address string, proxy bool, ca []byte) config.ServiceManager {
	t.Helper()
	sm := oggtest.ConfigFor("gg", address)
	sm.ReverseProxy, sm.Timeout, sm.HTTPClient.TLSConfig.CA = proxy, bubble.Timeout(t, 5*time.Second), string(ca)
	return sm
}

// newClient returns a client that reads what the collectors need, by default deployment,
// service and process. The test closes it.
func newClient(t testing.TB, sm config.ServiceManager, collectors ...string) *ogg.Client {
	t.Helper()
	if collectors == nil {
		collectors = []string{"deployment", "service", "process"}
	}
	c, err := ogg.NewClient(sm, ogg.Options{UserAgent: "ogg_exporter/test", Collectors: collectors, Dial: bubble.Dialer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// clockClient is newClient with a clock of its own.
func clockClient(t testing.TB, sm config.ServiceManager, clock *oggtest.ManualClock, collectors ...string) *ogg.Client {
	t.Helper()
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: collectors, Now: clock.Now, Dial: bubble.Dialer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// poll polls once, and fails the test if anything could not be read.
func poll(t testing.TB, c *ogg.Client) *ogg.Installation {
	t.Helper()
	inst := c.Poll(context.Background())
	if err := failure(inst); err != nil {
		t.Fatalf("poll: %v", err)
	}
	return inst
}

// pollFor polls once, and fails the test if anything of north could not be read for the collector.
func pollFor(t testing.TB, c *ogg.Client, collector string) *ogg.Installation {
	t.Helper()
	inst := c.Poll(context.Background())
	if err := read(t, inst, "north", collector).Err; err != nil {
		t.Fatalf("poll: %v", err)
	}
	return inst
}

// failure returns the first error of the poll.
func failure(inst *ogg.Installation) error {
	for _, d := range inst.Deployments {
		for _, r := range d.Reads {
			if r.Err != nil {
				return r.Err
			}
		}
	}
	return inst.Err
}

// deployment returns the deployment of that name.
func deployment(t testing.TB, inst *ogg.Installation, name string) *ogg.Deployment {
	t.Helper()
	for _, d := range inst.Deployments {
		if d.Name == name {
			return d
		}
	}
	t.Fatalf("no deployment %s", name)
	return nil
}

// read returns the read of a deployment for a collector.
func read(t testing.TB, inst *ogg.Installation, name, collector string) ogg.Read {
	t.Helper()
	for _, r := range deployment(t, inst, name).Reads {
		if r.Collector == collector {
			return r
		}
	}
	t.Fatalf("no read of %s for %s", name, collector)
	return ogg.Read{}
}

// sent returns the requests that a simulation got, except those without a user that it
// refused: that is how the exporter asks what the service wants, and no failed login.
func sent(s *oggtest.Server) []oggtest.Request {
	return slices.DeleteFunc(s.Requests(), func(r oggtest.Request) bool {
		return r.AuthScheme == "" && r.Status == http.StatusUnauthorized
	})
}

// asked returns the requests to a service as "METHOD path?query", sorted.
func asked(s *oggtest.Server, deployment, service string) []string {
	var lines []string
	for _, r := range sent(s) {
		if r.Deployment == deployment && r.Service == service {
			lines = append(lines, strings.TrimSuffix(r.Method+" "+r.Path+"?"+r.Query, "?"))
		}
	}
	slices.Sort(lines)
	return lines
}

// count returns the number of requests whose path ends in suffix.
func count(s *oggtest.Server, suffix string) int {
	n := 0
	for _, r := range sent(s) {
		if strings.HasSuffix(r.Path, suffix) {
			n++
		}
	}
	return n
}
