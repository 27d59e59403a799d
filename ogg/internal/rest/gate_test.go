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

func newTestAccount() *Account {
	return NewAccount(promconfig.HTTPClientConfig{}, time.Now, slog.New(slog.DiscardHandler))
}

// newGate returns the gate of a service whose deployment has the account.
func newGate(shared *Account) *gate {
	return &gate{login: newLogin("adminsrvr", nil, shared, newTestAccount())}
}

// TestDeadServiceIsNoScoutForLong checks that others hardly wait for a request to a service
// that was dead before, and for long only for one of a service that was not.
func TestDeadServiceIsNoScoutForLong(t *testing.T) {
	for dead, want := range map[bool]time.Duration{true: 100 * time.Millisecond, false: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			shared := newTestAccount()
			first, second := newGate(shared), newGate(shared)
			first.circuit.isOpen = dead
			if _, err := first.enter(t.Context(), "/extracts"); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			if _, err := second.enter(t.Context(), "/sources"); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took != want {
				t.Errorf("dead %t: waited for %s, want %s", dead, took, want)
			}
		})
	}
}

// TestWhatAcceptsUser checks which answers show that the user is accepted: those that only
// GoldenGate gives, after a login.
func TestWhatAcceptsUser(t *testing.T) {
	for _, c := range []struct {
		route string
		err   error
		want  bool
	}{
		{"/extracts", nil, true},
		{openRoute, nil, false},
		{"/extracts", &APIError{StatusCode: 404, Code: "OGG-12031"}, true},
		{"/extracts", &APIError{StatusCode: 404}, false}, // a front that does not know the service
		{"/extracts", &APIError{StatusCode: 403, Code: "OGG-12062"}, false},
		{"/extracts", &APIError{StatusCode: 401, Code: "OGG-12064"}, false},
		{"/extracts", &APIError{StatusCode: 407}, false},
		{"/extracts", &APIError{StatusCode: 503, Code: "OGG-12043"}, false},
		{"/extracts", errUnfinished, false},
	} {
		shared := newTestAccount()
		g := newGate(shared)
		p, err := g.enter(t.Context(), c.route)
		if err != nil {
			t.Fatal(err)
		}
		g.leave(t.Context(), p, c.err)
		if got := shared.acceptsUser(); got != c.want {
			t.Errorf("%s, %v: accepted %t", c.route, c.err, got)
		}
	}
}

// TestSaysNothingOfService checks that a request that ended on this side of the service neither
// opens the circuit nor closes it.
func TestSaysNothingOfService(t *testing.T) {
	for _, err := range []error{errUnfinished, &APIError{StatusCode: http.StatusProxyAuthRequired, Proxy: "localhost:3128"}} {
		g := newGate(newTestAccount())
		p, enterErr := g.enter(t.Context(), "/extracts")
		if enterErr != nil {
			t.Fatal(enterErr)
		}
		g.leave(t.Context(), p, err)
		if g.circuit.failed || g.circuit.answered {
			t.Errorf("%v: got %+v", err, g.circuit)
		}
	}
}

// TestScoutHangsInShortPoll checks that a hanging scout does not use up a poll that is
// shorter than scoutPatience.
func TestScoutHangsInShortPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		g := newGate(newTestAccount())
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
			Base: "http://localhost/services/v2", Pool: &Pool{RoundTripper: &breaking{}}, MaxConcurrentRequests: 1,
			Account: NewAccount(promconfig.HTTPClientConfig{}, time.Now, log),
			Bodies:  &Bodies{Large: NewBudget(1 << 20)}, Stats: NewStats("adminsrvr"), Now: time.Now, Log: log,
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
