package collector_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestRestart: a counter grows, and restarts at zero with its process, which its created
// timestamp shows; the counter of another process continues.
func TestRestart(t *testing.T) {
	t.Parallel()
	clock := oggtest.NewManualClock(now)
	i := oggtest.Installation{Release: oggtest.Release23ai, Clock: clock, Deployments: []oggtest.Deployment{{
		Name: "north", Processes: []oggtest.Process{{Name: "EXT1", Started: time.Hour}, {Name: "EXT2", Started: time.Hour}},
	}}}
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := clientFor(t, s, i)
	inserts := func(process string) (float64, time.Time) {
		t.Helper()
		c := counterOf(t, client, "ogg_process_operations_total", map[string]string{"process": process, "operation": "insert"})
		return c.GetValue(), c.GetCreatedTimestamp().AsTime()
	}

	first, created := inserts("EXT1")
	if !created.Equal(now.Add(-time.Hour)) || first == 0 {
		t.Fatalf("%v since %s", first, created)
	}
	clock.Advance(time.Minute)
	second, again := inserts("EXT1")
	if second <= first || !again.Equal(created) {
		t.Errorf("a minute later: %v since %s, was %v", second, again, first)
	}
	s.RestartProcess("north", "EXT1")
	clock.Advance(20 * time.Second)
	third, restarted := inserts("EXT1")
	if third >= first || !restarted.Equal(now.Add(time.Minute)) {
		t.Errorf("after a restart: %v since %s, was %v", third, restarted, second)
	}
	if other, since := inserts("EXT2"); other == 0 || !since.Equal(created) {
		t.Errorf("the other process: %v since %s", other, since)
	}
}

// counterOf scrapes, and returns the counter with these labels.
func counterOf(t testing.TB, client *ogg.Client, name string, labels map[string]string) *dto.Counter {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector.NewScrape(context.Background(), []*ogg.Client{client}, collector.Options{Enabled: allCollectors()}))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			matching := 0
			for _, l := range m.GetLabel() {
				if labels[l.GetName()] == l.GetValue() {
					matching++
				}
			}
			if matching == len(labels) {
				return m.GetCounter()
			}
		}
	}
	t.Fatalf("no %s%v", name, labels)
	return nil
}
