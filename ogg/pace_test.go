package ogg_test

import (
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestInterval: polls are as far apart as two of the latest are at most, however close others are.
func TestInterval(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, oggtest.Installation{Deployments: []oggtest.Deployment{{Name: "north"}}})
		client := newClient(t, sm)
		want := []time.Duration{0, 30 * time.Second, 30 * time.Second, 30 * time.Second, 30 * time.Second, time.Second}
		for i, pause := range []time.Duration{0, 30 * time.Second, time.Second, time.Second, time.Second, time.Second} {
			time.Sleep(pause)
			client.Poll(t.Context())
			if got := client.Interval().Round(time.Second); got != want[i] {
				t.Errorf("after %d polls: %s, want %s", i+1, got, want[i])
			}
		}
	})
}
