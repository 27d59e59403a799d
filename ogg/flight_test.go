package ogg_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// listOfExtracts is what the polls of these tests wait for.
var listOfExtracts = oggtest.Target{Deployment: "north", Path: "/services/v2/extracts"}

// waitFor waits until the condition holds.
func waitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting: %s", what)
		}
	}
}

// polling starts a poll and returns a function that waits for its result.
func polling(ctx context.Context, c *ogg.Client, collectors ...string) func() *ogg.Installation {
	ended := make(chan *ogg.Installation, 1)
	go func() { ended <- c.Poll(ctx, collectors...) }()
	return sync.OnceValue(func() *ogg.Installation { return <-ended })
}

// cut closes the connections of the Administration Service, and so ends a hanging request,
// which is then retried.
func cut(s *oggtest.Server) {
	s.SetServiceStatus("north", "adminsrvr", "stopped")
	s.SetServiceStatus("north", "adminsrvr", "running")
}

// TestShared checks that overlapping polls share one.
func TestShared(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = time.Minute
		c := newClient(t, sm)
		poll(t, c)
		s.ResetRequests()
		poll(t, c)
		alone := len(s.Requests())

		s.ResetRequests()
		mend := s.Fault(listOfExtracts, oggtest.Fault{Hang: true})
		first := polling(t.Context(), c)
		waitFor(t, "the first poll asks", func() bool { return count(s, "/extracts") == 1 })
		var others []func() *ogg.Installation
		for range 9 {
			others = append(others, polling(t.Context(), c, "process"))
		}
		waitFor(t, "all have joined", func() bool { return ogg.Waiting(c) == 10 })
		mend()
		cut(s)
		for _, other := range others {
			if other() != first() {
				t.Error("the polls are not shared")
			}
		}
		// One request was retried after the connection was closed.
		if n := len(s.Requests()); n < alone || n > alone+10 {
			t.Errorf("%d requests for ten polls, %d for one", n, alone)
		}
		if c.Poll(t.Context()) == first() {
			t.Error("the result of an old poll was returned")
		}
	})
}

// TestSharedNarrow checks that a poll for other collectors is not shared.
func TestSharedNarrow(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = time.Minute
		c := newClient(t, sm)
		defer s.Fault(listOfExtracts, oggtest.Fault{Hang: true})()
		ctx, stop := context.WithCancel(t.Context())
		narrow := polling(ctx, c, "process")
		waitFor(t, "the poll asks", func() bool { return count(s, "/extracts") == 1 })
		inst := c.Poll(t.Context(), "service")
		d := deployment(t, inst, "north")
		if d.Service("distsrvr").Healthy == nil || d.Processes != nil {
			t.Errorf("got %+v", d)
		}
		stop()
		narrow()
	})
}

// TestSharedGone checks that a cancelled scrape does not affect the others, and that the poll
// ends with the last one.
func TestSharedGone(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = time.Minute
		c := newClient(t, sm)
		mend := s.Fault(listOfExtracts, oggtest.Fault{Hang: true})
		firstCtx, firstGoes := context.WithCancel(t.Context())
		secondCtx, secondGoes := context.WithCancel(t.Context())
		first := polling(firstCtx, c)
		waitFor(t, "the poll asks", func() bool { return count(s, "/extracts") == 1 })
		second := polling(secondCtx, c)
		waitFor(t, "the second has joined", func() bool { return ogg.Waiting(c) == 2 })
		firstGoes()
		if inst := first(); !errors.Is(inst.Err, context.Canceled) || inst.Deployments != nil {
			t.Errorf("the cancelled one got %+v", inst)
		}
		third := polling(t.Context(), c)
		waitFor(t, "the third has joined", func() bool { return ogg.Waiting(c) == 2 })
		secondGoes()
		second()
		mend()
		cut(s)
		if inst := third(); len(deployment(t, inst, "north").Processes) != 2 {
			t.Errorf("the other one got %+v, %v", inst, failure(inst))
		}

		s.ResetRequests()
		defer s.Fault(listOfExtracts, oggtest.Fault{Hang: true})()
		lastCtx, lastGoes := context.WithCancel(t.Context())
		last := polling(lastCtx, c)
		waitFor(t, "the poll asks", func() bool { return count(s, "/extracts") == 1 })
		before := c.Last()
		lastGoes()
		last()
		if c.Last() != before {
			t.Error("a cancelled poll counts")
		}
		if ogg.Waiting(c) != 0 {
			t.Error("the poll continues")
		}
	})
}

// TestOtherDeadlines checks that a poll is shared by scrapes whose time ends with it or nearly so,
// and that each of them gets what could be read in its own time.
func TestOtherDeadlines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, after, second time.Duration // the time of the first; when the second begins, and its time
		shared               bool
		firstTook            time.Duration
	}{
		"two of the same":                {10 * time.Second, 0, 10 * time.Second, true, 10 * time.Second},
		"one later":                      {10 * time.Second, 7 * time.Second, 10 * time.Second, true, 10 * time.Second},
		"one without a header":           {9500 * time.Millisecond, time.Second, time.Minute, true, 9500 * time.Millisecond},
		"a little less time":             {10 * time.Second, 0, 9500 * time.Millisecond, true, 9500 * time.Millisecond},
		"little less, but later":         {10 * time.Second, time.Second, 9500 * time.Millisecond, true, 10 * time.Second},
		"less":                           {10 * time.Second, 0, 4 * time.Second, false, 10 * time.Second},
		"next to nothing":                {10 * time.Second, time.Second, time.Millisecond, false, 10 * time.Second},
		"more than a poll in a hurry":    {2 * time.Second, 0, 10 * time.Second, false, 2 * time.Second},
		"more than it, and at its end":   {2 * time.Second, 1900 * time.Millisecond, 10 * time.Second, false, 2 * time.Second},
		"as little as a poll in a hurry": {time.Second, 500 * time.Millisecond, time.Second, true, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, north(oggtest.Release26ai))
				sm.Timeout = 10 * time.Second
				client := newClient(t, sm)
				poll(t, client)
				defer s.Fault(listOfExtracts, oggtest.Fault{Hang: true})()
				begin := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.first)
				defer cancel()
				first := polling(ctx, client)
				time.Sleep(c.after)
				synctest.Wait()
				own := time.Now()
				ctx, cancel = context.WithTimeout(t.Context(), c.second)
				defer cancel()
				second := client.Poll(ctx)
				if took, most := time.Since(own), min(c.second, sm.Timeout); took > most {
					t.Errorf("the second took %s of %s", took, most)
				}
				if got := first(); (got == second) != c.shared || got.Begin.Sub(begin)+got.Took != c.firstTook {
					t.Errorf("shared: %v, the first took %s", got == second, got.Took)
				}
				for _, inst := range []*ogg.Installation{first(), second} {
					if c.second > time.Second && (inst.Err != nil || deployment(t, inst, "north").Service("adminsrvr").Healthy == nil ||
						!errors.Is(read(t, inst, "north", "process").Err, context.DeadlineExceeded)) {
						t.Errorf("got %v, %v", inst.Err, failure(inst))
					}
				}
			})
		})
	}
}

// TestSharedOverdue checks that no scrape joins a poll that is out of time.
func TestSharedOverdue(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, north(oggtest.Release26ai))
		c := newClient(t, sm)
		ogg.AddOverdue(c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if inst := c.Poll(ctx); inst.Err != nil || ctx.Err() != nil {
			t.Errorf("got %v, %v", inst.Err, ctx.Err())
		}
	})
}

// TestStopping checks that a context that ends for another reason than cancellation returns
// what has been read so far.
func TestStopping(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 10 * time.Minute
		c := newClient(t, sm)
		defer s.Fault(listOfExtracts, oggtest.Fault{Hang: true})()
		stopping := errors.New("stopping")
		ctx, stop := context.WithCancelCause(t.Context())
		inst := polling(ctx, c)
		waitFor(t, "the poll asks", func() bool { return count(s, "/extracts") == 1 })
		stop(stopping)
		if d := deployment(t, inst(), "north"); d.Status != "running" || !errors.Is(read(t, inst(), "north", "process").Err, stopping) {
			t.Errorf("got %+v", d)
		}
	})
}

// TestTraced checks that each request of a poll is traced, with its result.
func TestTraced(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		defer s.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/replicats"}, oggtest.Fault{Status: 503, Times: 1})()
		defer s.Fault(oggtest.Target{}, oggtest.Fault{Latency: time.Millisecond})()
		c := newClient(t, sm)
		var mu sync.Mutex
		traced := map[string]ogg.Exchange{}
		ctx := ogg.WithTrace(t.Context(), func(x ogg.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			traced[x.Deployment+" "+x.Microservice+" "+x.Path] = x
		})
		c.Poll(ctx)
		attempts := 0
		for key, x := range traced {
			attempts += x.Attempts
			if x.Err != nil || x.Status != http.StatusOK || len(x.Body) == 0 || x.ContentType == "" || x.Took <= 0 || x.Method != http.MethodGet {
				t.Errorf("%s: %+v", key, x)
			}
		}
		if n := len(sent(s)); n != attempts || n < 10 {
			t.Errorf("%d requests sent, %d traced", n, attempts)
		}
		if x := traced["north adminsrvr /replicats?threads=none"]; x.Attempts != 2 {
			t.Errorf("asked again: %+v", x)
		}
	})
}
