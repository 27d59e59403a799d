package ogg_test

import (
	"context"
	"math"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// counted is a network that counts the connections.
type counted struct {
	scarce

	opened atomic.Int64
}

func (c *counted) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c.opened.Add(1)
	return c.scarce.DialContext(ctx, network, address)
}

// job polls for some of the collectors at an interval.
type job struct {
	every, after time.Duration
	collectors   string
}

// run polls for a time.
func (j job) run(t *bubble.T, c *ogg.Client, until time.Time) {
	time.Sleep(j.after)
	for time.Now().Before(until) {
		if err := failure(c.Poll(t.Context(), strings.Fields(j.collectors)...)); err != nil {
			t.Error(err)
		}
		time.Sleep(j.every)
	}
}

// TestIdle: connections stay open between the scrapes of the jobs, of which there may be several with
// intervals of their own, and are closed two intervals after the last, within bounds.
func TestIdle(t *testing.T) {
	t.Parallel()
	const status, rest = "deployment service process", "performance trail"
	for name, c := range map[string]struct {
		jobs []job
		last time.Duration // poll, after the beginning
		open time.Duration // after that
	}{
		"15 s":          {[]job{{every: 15 * time.Second}}, 600 * time.Second, 30 * time.Second},
		"60 s":          {[]job{{every: 60 * time.Second}}, 600 * time.Second, 120 * time.Second},
		"1 s":           {[]job{{every: time.Second}}, 600 * time.Second, 30 * time.Second},
		"4 minutes":     {[]job{{every: 4 * time.Minute}}, 40 * time.Minute, 5 * time.Minute},
		"once":          {[]job{{every: time.Hour}}, 0, 5 * time.Minute},
		"15 s and 60 s": {[]job{{15 * time.Second, 0, status}, {60 * time.Second, 0, rest}}, 600 * time.Second, 30 * time.Second},
		"60 s in a bunch": {[]job{
			{60 * time.Second, 0, status}, {60 * time.Second, 10 * time.Millisecond, rest}, {60 * time.Second, 20 * time.Millisecond, ""},
		}, 600 * time.Second, 97 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				i := north(oggtest.Release26ai)
				i.TLS = true
				s, sm := simulate(t, i)
				s.Fault(oggtest.Target{}, oggtest.Fault{Latency: time.Millisecond}) // concurrent requests need connections of their own
				network := &counted{scarce: scarce{dial: bubble.Dialer(t)}}
				network.most.Store(math.MaxInt64)
				client, err := ogg.NewClient(sm, ogg.Options{Collectors: strings.Fields(status + " " + rest), Dial: network.DialContext})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(client.Close)
				begin, opened := time.Now(), int64(0)
				for _, j := range c.jobs {
					go j.run(t, client, begin.Add(c.last).Add(time.Second))
				}
				if c.last > 0 {
					time.Sleep(c.last / 2)
					opened = network.opened.Load()
				}
				time.Sleep(time.Until(begin.Add(c.last).Add(c.open - 2*time.Second)))
				// A poll needs a few more than another, as its requests happen to overlap; if they were closed
				// between the scrapes, the second half would open as many as the first.
				if n := network.opened.Load() - opened; n > opened/2 && c.last > 0 {
					t.Errorf("%d connections were opened in the second half, %d in the first", n, opened)
				}
				if n := network.open.Load(); n == 0 {
					t.Error("the connections were closed too early")
				}
				time.Sleep(4 * time.Second)
				if n := network.open.Load(); n != 0 {
					t.Errorf("%d connections are open still", n)
				}
				time.Sleep(time.Hour) // until the jobs have ended
			})
		})
	}
}
