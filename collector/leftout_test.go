package collector_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestLeftOutIsNotRead: what the bound on series leaves out is not requested by the next
// scrape, which reports the same as before; a scrape of that collector alone requests it, and
// so does one that has room for it.
func TestLeftOutIsNotRead(t *testing.T) {
	bubble.Run(t, leftOutIsNotRead)
}

func leftOutIsNotRead(t *bubble.T) {
	s, client := simulate(t, everything(oggtest.Release26ai, false))
	scrape := func(maxSeries int, enabled ...string) (exposition string, trails, points int) {
		t.Helper()
		s.ResetRequests()
		scrape := collector.NewScrape(context.Background(), []*ogg.Client{client}, collector.Options{Enabled: enabled, MaxSeries: maxSeries})
		exposition = gather(t, scrape)
		for _, r := range s.Requests() {
			if strings.HasPrefix(r.Path, "/services/v2/trails") {
				trails++
			}
			if strings.HasSuffix(r.Path, "/processPerformance") {
				points++
			}
		}
		return exposition, trails, points
	}
	all := allCollectors()
	whole := strings.Count(gather(t, collector.NewScrape(context.Background(), []*ogg.Client{client}, collector.Options{Enabled: all})), "\nogg_")
	before, trails, points := scrape(whole/2, all...)
	if trails == 0 || points == 0 {
		t.Fatal("nothing is read at first")
	}
	after, trails, points := scrape(whole/2, all...)
	if trails+points > 0 {
		t.Errorf("%d trails and %d points were requested in vain", trails, points)
	}
	for line := range strings.Lines(comparable(before)) { // there may be room for more
		if !strings.Contains(after, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, name := range []string{"trail", "table", "performance"} {
		n := regexp.MustCompile(`ogg_scrape_series_dropped\{collector="` + name + `".*`).FindString(before)
		if !strings.Contains(after, n) {
			t.Errorf("not %s", n)
		}
	}
	if _, trails, _ := scrape(whole/2, "trail"); trails == 0 {
		t.Error("the trails are not requested for themselves")
	}
	if _, trails, _ := scrape(whole/2, all...); trails > 0 {
		t.Error("a scrape of some collectors made the next one forget what is left out")
	}
	time.Sleep(10 * time.Minute)
	if _, trails, points := scrape(whole/2, all...); trails == 0 || points == 0 {
		t.Error("it is not tried again after a while")
	}
	scrape(2*whole, all...)
	if _, trails, points := scrape(2*whole, all...); trails == 0 || points == 0 {
		t.Error("what has room again is not read")
	}
}

// comparable leaves out of an exposition what depends on the requests and on the room, and that
// a collector that is not read has no success.
func comparable(exposition string) string {
	var kept strings.Builder
	for line := range strings.Lines(withoutDurations(exposition)) {
		if !strings.Contains(line, "ogg_api_") && !strings.Contains(line, "ogg_scrape_") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
