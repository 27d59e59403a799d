package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestScoutHangsInShortPoll checks that a hanging scout does not use up a poll that is
// shorter than scoutPatience.
func TestScoutHangsInShortPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		account := func() *Account {
			return NewAccount(promconfig.HTTPClientConfig{}, time.Now, slog.New(slog.DiscardHandler))
		}
		g := gate{login: newLogin("adminsrvr", nil, account(), account())}
		if _, err := g.enter(ctx, "/first"); err != nil {
			t.Fatal(err)
		}
		if _, err := g.enter(ctx, "/second"); err != nil {
			t.Error(err)
		}
	})
}

// breaking panics at the first request and answers all others.
type breaking struct{ asked atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (b *breaking) RoundTrip(request *http.Request) (*http.Response, error) {
	if b.asked.Add(1) == 1 {
		panic("a bug of the transport")
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request,
		Body: io.NopCloser(strings.NewReader(`{"response":{}}`)),
	}, nil
}

// TestPanicOnTheWay checks that a request that panics, as the scout that others wait for, holds
// up none of them and keeps no slot.
func TestPanicOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		e := New(Settings{
			Base: "http://localhost/services/v2", Pool: &breaking{}, MaxConcurrentRequests: 1,
			Account: NewAccount(promconfig.HTTPClientConfig{}, time.Now, log),
			Bodies:  &Bodies{}, Stats: NewStats("adminsrvr"), Now: time.Now, Log: log,
		})
		errs := make([]error, 3)
		begin := time.Now()
		e.OnEach(errs, func(int) error {
			_, err := Get[struct{}](t.Context(), e, "/extracts")
			return err
		})
		if _, is := errors.AsType[*wire.PanicError](errs[0]); !is || errs[1] != nil || errs[2] != nil {
			t.Errorf("got %v", errs)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("took %s", took)
		}
	})
}
