package collector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestTurns: of many scrapes that share a poll, only a few make samples at once, and the others
// after them.
func TestTurns(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, client := simulate(t, everything(oggtest.Release26ai, false))
		turns := collector.NewTurns(1)
		made := make(chan *collector.Scrape, 5)
		for range cap(made) {
			scrape := collector.NewScrape(t.Context(), []*ogg.Client{client}, collector.Options{Enabled: allCollectors(), Turns: turns})
			go func() {
				scrape.Collect(make(chan prometheus.Metric, 10_000))
				made <- scrape
			}()
		}
		for left := cap(made); left > 0; left-- {
			time.Sleep(time.Minute) // longer than a poll
			synctest.Wait()
			if len(made) == 0 || len(made) > 2 { // an early and a late one
				t.Fatalf("%d of %d scrapes have samples at once", len(made), left)
			}
			(<-made).End()
		}
	})
}
