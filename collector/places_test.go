package collector_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// crowd is a Service Manager of many.
type crowd struct {
	server *oggtest.Server
	client *ogg.Client
}

// withFault returns so many small Service Managers that have a fault, and are asked one thing after
// the other for 10 s at most.
func withFault(t *bubble.T, name string, n int, f oggtest.Fault) []crowd {
	t.Helper()
	all := make([]crowd, n)
	for i := range all {
		s, _ := simulate(t, oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 1, Processes: 30, Release: oggtest.Release26ai})[0])
		s.Fault(oggtest.Target{}, f)
		sm := s.Config(fmt.Sprintf("%s%d", name, i))
		sm.MaxConcurrentRequests, sm.Timeout = 1, 10*time.Second
		client, err := ogg.NewClient(sm, ogg.Options{Dial: bubble.Dialer(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		all[i] = crowd{s, client}
	}
	return all
}

// scrapeAll scrapes them all at once, and returns when each of the polls ended.
func scrapeAll(t *bubble.T, all ...crowd) map[string]time.Duration {
	t.Helper()
	clients := make([]*ogg.Client, len(all))
	for i, c := range all {
		clients[i] = c.client
	}
	begin := time.Now()
	gather(t, collector.NewScrape(t.Context(), clients, collector.Options{Enabled: []string{"process"}}))
	ends := map[string]time.Duration{}
	for _, c := range clients {
		last := c.Last()
		ends[c.Name()] = last.Begin.Add(last.Took).Sub(begin)
		if strings.HasPrefix(c.Name(), "good") && last.Err != nil {
			t.Errorf("%s: %v", c.Name(), last.Err)
		}
	}
	return ends
}

// TestPlaces: a scrape of many Service Managers polls only some of them at once, as long as
// they answer.
func TestPlaces(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		all := withFault(t, "good", 2*collector.PollsAtOnce+1, oggtest.Fault{Latency: 10 * time.Millisecond})
		scrapeAll(t, all...)
		change := map[time.Time]int{} // in how many are polled
		for _, c := range all {
			last := c.client.Last()
			change[last.Begin]++
			change[last.Begin.Add(last.Took)]--
		}
		now, most := 0, 0
		times := make([]time.Time, 0, len(change))
		for at := range change {
			times = append(times, at)
		}
		slices.SortFunc(times, time.Time.Compare)
		for _, at := range times {
			now += change[at]
			most = max(most, now)
		}
		if most != collector.PollsAtOnce {
			t.Errorf("%d at once, want %d", most, collector.PollsAtOnce)
		}
	})
}

// TestPlacesOfHung: however many Service Managers hang, or answer just often enough not to, the
// others are read, and soon.
func TestPlacesOfHung(t *testing.T) {
	for name, c := range map[string]struct {
		fault oggtest.Fault
		delay time.Duration // of all others
	}{
		"silent": {oggtest.Fault{Hang: true}, 2 * collector.Silence},
		"slow":   {oggtest.Fault{Latency: collector.Silence * 9 / 10}, 2 * collector.LongestPlace},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				good := withFault(t, "good", 5, oggtest.Fault{Latency: 10 * time.Millisecond})
				alone := scrapeAll(t, good...)["good0"]
				bad := withFault(t, "bad", 2*collector.PollsAtOnce, c.fault)
				for name, took := range scrapeAll(t, append(bad, good...)...) {
					if strings.HasPrefix(name, "good") && took > alone+c.delay {
						t.Errorf("%s was read after %s, alone after %s", name, took, alone)
					}
				}
			})
		})
	}
}

// TestPlacesInTime: however many Service Managers there are, and however slowly they answer, all are
// polled soon enough for the scrape's deadline.
func TestPlacesInTime(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		all := withFault(t, "slow", 4*collector.PollsAtOnce+1, oggtest.Fault{Latency: collector.Silence * 3 / 4})
		begin := time.Now()
		scrapeAll(t, all...)
		for _, c := range all {
			if waited := c.client.Last().Begin.Sub(begin); waited > collector.UsualTime/collector.BeginShare {
				t.Errorf("%s waited for %s", c.client.Name(), waited)
			}
		}
	})
}
