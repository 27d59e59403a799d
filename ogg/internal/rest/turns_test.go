package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns takes and gives back turns at random: there are never more than allowed, none is free
// while somebody waits who may have it, and while there are few enough services, one that has none
// gets its first at once.
func TestTurns(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 14))
		most, services := 1+random.IntN(20), make([]share, 1+random.IntN(20))
		turns := NewTurns(most)
		turns.SetServices(len(services))
		var all []*turn
		for range 300 {
			if random.IntN(3) > 0 || len(all) == 0 {
				s := &services[random.IntN(len(services))]
				isFirst := s.inFlight == 0
				r := &turn{of: turns, share: s}
				if atOnce := turns.tryTake(r); isFirst && !atOnce && len(services) <= (most+3)/4 {
					t.Fatalf("seed %d: %d turns, %d services: the first of a service waits", seed, most, len(services))
				}
				all = append(all, r)
			} else {
				i := random.IntN(len(all)) // one that waits, too
				all[i].giveBack()
				all = slices.Delete(all, i, i+1)
			}
			checkTurns(t, turns, all)
		}
		for _, r := range all {
			r.giveBack()
		}
		if turns.inFlight != 0 || turns.more != 0 || len(turns.waiting) != 0 {
			t.Errorf("seed %d: at the end %+v", seed, turns)
		}
	}
}

func checkTurns(t *testing.T, turns *Turns, all []*turn) {
	t.Helper()
	held, more, seen := 0, 0, map[*share]bool{}
	for _, r := range all {
		if !r.held {
			continue
		}
		held++
		if seen[r.share] {
			more++
		}
		seen[r.share] = true
	}
	if held > turns.most || held != turns.inFlight || more != turns.more || held+len(turns.waiting) != len(all) {
		t.Fatalf("%d of %d held, %d of them more than the first; counted %d and %d; %d wait", held, turns.most, more, turns.inFlight, turns.more, len(turns.waiting))
	}
	if slices.ContainsFunc(turns.waiting, func(r *turn) bool { return turns.hasRoom(r.share) }) {
		t.Fatal("a turn is free, and somebody waits who may have it")
	}
}

// TestTurnsEnd: a wait ends with its context, and leaves nothing behind; with no limit none begins.
func TestTurnsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := NewTurns(1)
		first, second := turn{of: turns, share: &share{}}, turn{of: turns, share: &share{}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := errors.Join(first.take(ctx), (&turn{of: NewTurns(0)}).take(ctx)); err != nil {
			t.Fatal(err)
		}
		if err := second.take(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "not sent") {
			t.Errorf("got %v", err)
		}
		first.giveBack()
		first.giveBack()
		second.giveBack()
		if turns.inFlight != 0 || len(turns.waiting) != 0 {
			t.Errorf("got %+v", turns)
		}
	})
}

// byHost is a transport whose hosts do what their names say.
type byHost struct{ released chan struct{} }

// RoundTrip implements http.RoundTripper.
func (s *byHost) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(`{"response":{}}`)),
	}
	switch request.URL.Host {
	case "busy":
		answer.StatusCode = http.StatusServiceUnavailable
		answer.Header.Set("Retry-After", "1")
	case "deaf":
		<-s.released
	}
	return answer, nil
}

// TestOneTurn: others have the only turn while a request waits for its retry, and after one that
// does not end was left.
func TestOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, turns := &byHost{make(chan struct{})}, NewTurns(1)
		pool, log := &Pool{RoundTripper: transport}, slog.New(slog.DiscardHandler)
		on := func(host string) *Endpoint {
			return New(Settings{
				Base: "http://" + host + "/services/v2", Pool: pool, MaxConcurrentRequests: 2, Turns: turns, Microservice: host,
				Account: pool.NewAccount(time.Now, log, nil, host),
				Bodies:  &Bodies{Large: NewBudget(1 << 20)}, Stats: NewStats(host), Now: time.Now, Log: log,
			})
		}
		for host, sent := range map[string]time.Duration{"busy": 0, "deaf": 2*time.Second + hungGrace} {
			first, well, ended := on(host), on("well"), make(chan error)
			go func() {
				_, err := asked(t.Context(), first)
				ended <- err
			}()
			synctest.Wait()
			time.Sleep(sent)
			if took, err := asked(t.Context(), well); err != nil || took > 0 {
				t.Errorf("%s: the other service: %v after %s", host, err, took)
			}
			if err := <-ended; err == nil {
				t.Errorf("%s: no error", host)
			}
		}
		close(transport.released)
		synctest.Wait()
		if turns.inFlight != 0 || turns.more != 0 {
			t.Errorf("got %+v", turns)
		}
	})
}
