package rest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// chaotic is a transport whose services do anything at random.
type chaotic struct {
	mu     sync.Mutex
	random *rand.Rand
}

// RoundTrip implements http.RoundTripper.
func (c *chaotic) RoundTrip(request *http.Request) (*http.Response, error) {
	c.mu.Lock()
	what, wait := c.random.IntN(60), time.Duration(c.random.IntN(3000))*time.Millisecond
	c.mu.Unlock()
	answer := &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(`{"response":{}}`)),
	}
	select {
	case <-time.After(wait):
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	switch what {
	case 0, 7, 8:
		<-request.Context().Done()
		return nil, request.Context().Err()
	case 1, 2, 9, 10, 11, 12:
		answer.StatusCode = http.StatusServiceUnavailable
		answer.Header.Set("Retry-After", "1")
	case 3:
		answer.StatusCode = http.StatusUnauthorized
	case 4, 13, 14, 15:
		answer.StatusCode = http.StatusForbidden
	case 5, 16, 17, 18, 19:
		return nil, io.ErrUnexpectedEOF
	case 6, 20:
		panic("a bug of the transport")
	}
	return answer, nil
}

// TestChaos: whatever services do, and however few requests may be in flight, each read ends with its
// context, and no turn or slot is left taken.
func TestChaos(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { chaos(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func chaos(t *testing.T, random *rand.Rand) {
	t.Helper()
	turns, log := NewTurns(1+random.IntN(6)), slog.New(slog.DiscardHandler)
	pool := &Pool{RoundTripper: &chaotic{random: rand.New(rand.NewPCG(random.Uint64(), 2))}, heeds: random.IntN(2) == 0}
	shared := pool.NewAccount(time.Now, log, nil, "north")
	all := make([]*Endpoint, 1+random.IntN(6))
	for i := range all {
		host := fmt.Sprint("service", i)
		all[i] = New(Settings{
			Base: "http://" + host + "/services/v2", Pool: pool, MaxConcurrentRequests: 1 + random.IntN(4), Turns: turns, Microservice: host,
			Account: shared, Bodies: &Bodies{Large: NewBudget(1 << 20)}, Stats: NewStats(host), Now: time.Now, Log: log,
		})
	}
	turns.SetServices(len(all))
	for range 10 {
		pool.BeginPoll()
		shared.BeginPoll()
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+random.IntN(20))*time.Second)
		var reads sync.WaitGroup
		for _, e := range all {
			e.BeginPoll(false)
			for route := range 10 {
				own, left := context.WithTimeout(ctx, time.Duration(random.IntN(20_000))*time.Millisecond)
				reads.Go(func() {
					defer left()
					_ = (*wire.Panics)(nil).Catch("read", func() error {
						_, err := Get[struct{}](own, e, fmt.Sprintf("/%d", route))
						return err
					})
					if end, _ := own.Deadline(); time.Since(end) > hungGrace {
						t.Errorf("a read ended %s after its context", time.Since(end))
					}
				})
			}
		}
		reads.Wait()
		cancel()
		synctest.Wait()
		if turns.inFlight != 0 || turns.more != 0 || len(turns.waiting) != 0 {
			t.Fatalf("turns are left: %d in flight, %d more, %d wait", turns.inFlight, turns.more, len(turns.waiting))
		}
		for _, e := range all {
			if len(e.slots) != 0 || e.gate.attempt != nil || shared.scout != nil {
				t.Fatalf("%d slots, attempt %v, scout %v are left", len(e.slots), e.gate.attempt, shared.scout)
			}
		}
		time.Sleep(time.Duration(random.IntN(120)) * time.Second)
	}
}
