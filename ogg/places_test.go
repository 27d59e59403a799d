package ogg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// attackers poll again and again until the test ends, each with its time and collectors.
func attackers(t *bubble.T, c *ogg.Client) (stop func() (most int)) {
	ctx, cancel := context.WithCancel(t.Context())
	all := []string{"deployment", "service", "process"}
	var group sync.WaitGroup
	var mu sync.Mutex
	most := 0
	for i := range 39 {
		wanted := []string{all[i%3], all[i/3%3]}
		if i%4 == 0 {
			wanted = nil
		}
		group.Go(func() {
			for ctx.Err() == nil {
				own, end := context.WithTimeout(ctx, time.Duration(1+i%5)*500*time.Millisecond)
				c.Poll(own, wanted...)
				end()
				begun, _ := ogg.Polls(c)
				mu.Lock()
				most = max(most, begun)
				mu.Unlock()
				waitOrDone(ctx, 200*time.Millisecond)
			}
		})
	}
	return func() int {
		cancel()
		group.Wait()
		return most
	}
}

// waitOrDone waits, but not longer than the context.
func waitOrDone(ctx context.Context, wait time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// TestUnderAttack checks that Prometheus gets everything from a slow GoldenGate while 39 clients
// with other collectors and less time poll as often as they can, and that there are at most four
// polls at once.
func TestUnderAttack(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := north(oggtest.Release26ai)
		for n := range 20 {
			i.Deployments[0].Processes = append(i.Deployments[0].Processes, oggtest.Process{Name: fmt.Sprint("E", n), Lag: time.Second})
		}
		s, sm := simulate(t, i)
		sm.Timeout = 10 * time.Second
		defer s.Fault(oggtest.Target{}, oggtest.Fault{Latency: 100 * time.Millisecond})()
		c := newClient(t, sm)
		stop := attackers(t, c)
		for range 10 {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 9500*time.Millisecond)
			inst := c.Poll(ctx)
			cancel()
			if err := failure(inst); err != nil {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
			time.Sleep(time.Second)
		}
		if most := stop(); most > 4 {
			t.Errorf("%d polls at once", most)
		}
	})
}

// TestQueue checks that others wait until there is a place, together, that a plain poll does not
// wait for them, and that what gets no place in its time says so.
func TestQueue(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 10 * time.Second
		c := newClient(t, sm)
		defer s.Fault(listOfExtracts, oggtest.Fault{Hang: true})()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		polling(ctx, c)
		polling(t.Context(), c, "process")
		synctest.Wait()
		deployments, services := polling(t.Context(), c, "deployment"), polling(t.Context(), c, "service")
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hasty := polling(soon, c, "service")
		synctest.Wait()
		if begun, queued := ogg.Polls(c); begun != 2 || queued != 2 {
			t.Errorf("%d polls, %d wait", begun, queued)
		}
		plain := polling(t.Context(), c)
		synctest.Wait()
		if begun, _ := ogg.Polls(c); begun != 3 {
			t.Error("the plain poll waits")
		}
		began := time.Now()
		if inst := hasty(); inst.Err == nil || !strings.Contains(inst.Err.Error(), "other polls") || time.Since(began) != time.Second {
			t.Errorf("got %v after %s", inst.Err, time.Since(began))
		}
		if inst := deployments(); inst.Err != nil || inst != services() {
			t.Errorf("the others were not polled together: %v", inst.Err)
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("they had their turn after %s", took)
		}
		plain()
	})
}

// TestHanging checks that a scrape leaves a poll that does not end, that such polls keep their
// places, that nothing else waits for them, and that everything is as before when they end.
func TestHanging(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 10 * time.Second
		var log bytes.Buffer
		hang := make(chan struct{})
		c, err := ogg.NewClient(sm, ogg.Options{
			Collectors: []string{"deployment", "performance"}, Dial: bubble.Dialer(t), Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Performance: ogg.PerformanceOptions{Process: func(string) bool { <-hang; return true }}, // ignores the context
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		for n := range 6 {
			began := time.Now()
			inst := c.Poll(t.Context())
			took, want := time.Since(began), 10*time.Second+250*time.Millisecond
			if n >= 4 {
				want = 0
			}
			if took != want || inst.Err == nil || !strings.Contains(inst.Err.Error(), "did not end") {
				t.Errorf("poll %d took %s: %v", n, took, inst.Err)
			}
			if last := c.Last(); last.Begin != inst.Begin || last.Err != inst.Err { //nolint:errorlint // the same
				t.Error("the status page does not show it")
			}
		}
		close(hang)
		synctest.Wait()
		if begun, _ := ogg.Polls(c); begun != 0 {
			t.Errorf("%d polls go on", begun)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 4 {
			t.Errorf("%d warnings:\n%s", n, log.String())
		}
		if inst := c.Poll(t.Context()); inst.Err != nil {
			t.Error(inst.Err)
		}
	})
}

// TestHurried checks that a poll which is cut because its scrape has little time is no evidence
// against a service, neither for the log and the status page nor for later polls, unless no poll has
// more time.
func TestHurried(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 10 * time.Second
		var log bytes.Buffer
		client := func() *ogg.Client {
			c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"service", "process"}, Dial: bubble.Dialer(t), Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			return c
		}
		hurried := func(c *ogg.Client) *ogg.Installation {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			return c.Poll(ctx)
		}
		c := client()
		poll(t, c)
		last := c.Last()
		defer s.Fault(oggtest.Target{}, oggtest.Fault{Latency: time.Second})()
		for range 5 {
			if inst := hurried(c); !errors.Is(inst.Err, context.DeadlineExceeded) {
				t.Errorf("got %v", inst.Err)
			}
		}
		if c.Last() != last || log.Len() > 0 {
			t.Errorf("cut polls count:\n%s", log.String())
		}
		poll(t, c)

		c = client()
		inst := hurried(c)
		if !c.Last().Begin.Equal(inst.Begin) || log.Len() == 0 {
			t.Error("if all polls are cut, none counts")
		}
		poll(t, c)
	})
}

// TestTwoJobs: two Prometheus servers, each with a job for status and lag and one for the rest, get
// everything from a slow GoldenGate, with no more than two polls at once.
func TestTwoJobs(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 10 * time.Second
		defer s.Fault(oggtest.Target{}, oggtest.Fault{Latency: 200 * time.Millisecond})()
		c := newClient(t, sm, "deployment", "service", "process", "performance", "trail")
		var group sync.WaitGroup
		until := time.Now().Add(10 * time.Minute)
		for server := range time.Duration(2) {
			for _, j := range []job{
				{15 * time.Second, 300 * time.Millisecond * server, "deployment service process"},
				{60 * time.Second, 700*time.Millisecond*server + 100*time.Millisecond, "performance trail"},
			} {
				group.Go(func() { j.run(t, c, until) })
			}
		}
		for time.Now().Before(until) {
			if begun, _ := ogg.Polls(c); begun > 2 {
				t.Errorf("%d polls at once", begun)
			}
			time.Sleep(50 * time.Millisecond)
		}
		group.Wait()
	})
}
