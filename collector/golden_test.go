package collector_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// now is the time at which the tests read their installations.
var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// start starts a simulation and returns a client that reads it under the name gg.
func start(t testing.TB, i oggtest.Installation) *ogg.Client {
	t.Helper()
	_, client := simulate(t, i)
	return client
}

// simulate starts a simulation, and returns it with a client that reads it under
// the name gg.
func simulate(t testing.TB, i oggtest.Installation) (*oggtest.Server, *ogg.Client) {
	t.Helper()
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, clientFor(t, s, i)
}

// clientFor returns a client that reads s under the name gg, with the users of i, for
// the named collectors; for all of them if none is named.
func clientFor(t testing.TB, s *oggtest.Server, i oggtest.Installation, collectors ...string) *ogg.Client {
	t.Helper()
	return clientNamed(t, "gg", s, i, collectors...)
}

// clientNamed is clientFor with another name.
func clientNamed(t testing.TB, name string, s *oggtest.Server, i oggtest.Installation, collectors ...string) *ogg.Client {
	t.Helper()
	return clientManaged(t, name, "", s, i, collectors...)
}

// clientManaged is clientNamed for the deployment that Oracle manages under that name.
func clientManaged(t testing.TB, name, managed string, s *oggtest.Server, i oggtest.Installation, collectors ...string) *ogg.Client {
	t.Helper()
	if collectors == nil {
		collectors = allCollectors()
	}
	sm := s.Config(name)
	sm.Managed, sm.Timeout = managed, bubble.Timeout(t, sm.Timeout)
	for _, d := range i.Deployments {
		if d.User != "" {
			own := sm.HTTPClient
			own.BasicAuth = &promconfig.BasicAuth{Username: d.User, Password: promconfig.Secret(d.Password)}
			sm.Deployments = append(sm.Deployments, config.Deployment{Name: d.Name, HTTPClient: own})
		}
	}
	c, err := ogg.NewClient(sm, ogg.Options{UserAgent: "ogg_exporter/test", Collectors: collectors, Dial: bubble.Dialer(t), Tables: ogg.TableOptions{Max: 2}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func allCollectors() []string {
	var names []string
	for _, c := range collector.Collectors {
		names = append(names, c.Name)
	}
	return names
}

// expose returns what one scrape of the clients exposes.
func expose(t testing.TB, clients ...*ogg.Client) string {
	t.Helper()
	return gather(t, collector.NewScrape(context.Background(), clients, collector.Options{Enabled: allCollectors()}))
}

// gather returns what c exposes: of a Scrape, as its Gatherer makes it.
func gather(t testing.TB, c prometheus.Collector) string {
	t.Helper()
	var families []*dto.MetricFamily
	if scrape, is := c.(*collector.Scrape); is {
		families = checked(t, collector.Record(scrape))
	} else {
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(c)
		var err error
		if families, err = registry.Gather(); err != nil {
			t.Fatal(err)
		}
	}
	return string(encoded(t, expfmt.NewFormat(expfmt.TypeTextPlain), all(families)))
}

// durations match the samples that differ from one scrape to the next.
var durations = regexp.MustCompile(`(?m)^((?:ogg_scrape_collector_duration_seconds|ogg_api_request_duration_seconds_(?:sum|bucket))\{.*\}) .*$`)

// withoutDurations replaces the values that durations match with #.
func withoutDurations(exposition string) string {
	return durations.ReplaceAllString(exposition, "$1 #")
}

// compare compares with a golden file, and writes it with -update.
func compare(t testing.TB, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *collector.Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := diffLines(string(want), got); diff != "" {
		t.Errorf("differs from %s (- wanted, + got):\n%s", path, diff)
	}
}

// diffLines returns the lines that only one of the two texts has.
func diffLines(want, got string) string {
	count := map[string]int{}
	for line := range strings.Lines(want) {
		count[line]--
	}
	for line := range strings.Lines(got) {
		count[line]++
	}
	var diff strings.Builder
	for line := range strings.Lines(want) {
		if count[line] < 0 {
			count[line]++
			diff.WriteString("-" + line)
		}
	}
	for line := range strings.Lines(got) {
		if count[line] > 0 {
			count[line]--
			diff.WriteString("+" + line)
		}
	}
	return diff.String()
}
