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

	"github.com/ogg-exporter/ogg_exporter/wire"
)

func newTestAccount() *Account {
	return newAccount(keeper{time.Now, slog.New(slog.DiscardHandler), nil, "north", &secrets{}})
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

// TestRefusingServiceIsNoScout checks that a service that rejected the user waits for one that
// accepted the user, even if it comes first, and not for long if none comes.
func TestRefusingServiceIsNoScout(t *testing.T) {
	for _, others := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			shared := newTestAccount()
			accepting, refusing := newGate(shared), newGate(shared)
			refusing.login.microservice = "distsrvr"
			ask := func(g *gate, answer error) {
				p, err := g.enter(t.Context(), "/extracts")
				if err != nil {
					t.Error(err)
					return
				}
				g.leave(t.Context(), p, answer)
			}
			rejected := &APIError{StatusCode: http.StatusUnauthorized}
			ask(accepting, nil)
			ask(refusing, rejected)
			time.Sleep(time.Hour)
			shared.BeginPoll()

			begin := time.Now()
			go ask(refusing, rejected)
			synctest.Wait()
			if others {
				ask(accepting, nil)
			}
			synctest.Wait()
			time.Sleep(scoutPatience)
			synctest.Wait()
			if waits := shared.holdBack() != nil; waits == others {
				t.Errorf("others %t: all wait %t, after %s", others, waits, time.Since(begin))
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
			Account: newAccount(keeper{time.Now, log, nil, "north", &secrets{}}),
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

// TestRefusedAtOneService checks that a service, or a single route, that rejects a user whom the
// rest of the deployment accepts gets no more failed logins in an hour than a wrong password, and
// that the rest is read all the time.
func TestRefusedAtOneService(t *testing.T) {
	for what, refused := range map[string]func(service, route string) bool{
		"service": func(service, _ string) bool { return service == "pmsrvr" },
		"route":   func(service, route string) bool { return service == "adminsrvr" && route == "/trails" },
	} {
		synctest.Test(t, func(t *testing.T) {
			shared := newTestAccount()
			admin, pm := newGate(shared), newGate(shared)
			pm.login.microservice = "pmsrvr"
			logins, held := 0, 0
			ask := func(g *gate, route string) {
				isRefused := refused(g.login.microservice, route)
				p, err := g.enter(t.Context(), route)
				if err != nil {
					if !isRefused {
						held++
					}
					return
				}
				if isRefused {
					logins++
					err = &APIError{StatusCode: http.StatusUnauthorized}
				}
				g.leave(t.Context(), p, err)
			}
			for range 240 {
				shared.BeginPoll()
				for _, route := range []string{"/extracts", "/replicats", "/trails"} {
					ask(admin, route)
					ask(pm, route)
				}
				ask(admin, "/extracts/A") // after the rejection
				time.Sleep(15 * time.Second)
			}
			if logins > 9 || held > 10 {
				t.Errorf("%s: %d failed logins, %d other requests held back", what, logins, held)
			}
		})
	}
}

// TestScoutWaitsForItsTurn: others are as patient as ever with a scout, but from when it is sent. None
// takes its place while it waits for its turn: sent together, they would be several failed logins.
func TestScoutWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, turns := newTestAccount(), NewTurns(2)
		gates := []*gate{newGate(shared), newGate(shared), newGate(shared)}
		taken := []*turn{{of: turns, share: &share{}}, {of: turns, share: &share{}}}
		for _, r := range taken {
			if err := r.take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var sent atomic.Int32
		for _, g := range gates {
			g.turns = turns
			go func() {
				if _, err := g.enter(t.Context(), "/extracts"); err == nil {
					sent.Add(1)
				}
			}()
		}
		time.Sleep(time.Minute)
		for _, r := range taken {
			r.giveBack()
		}
		for i, want := range []int32{1, 2} {
			time.Sleep(scoutPatience * 9 / 10)
			if n := sent.Load(); n != want {
				t.Errorf("%d: %d requests are sent, want %d", i, n, want)
			}
		}
		turns.mu.Lock()
		turns.most = 3
		turns.mu.Unlock()
		time.Sleep(time.Hour)
		if n := sent.Load(); n != 3 {
			t.Errorf("%d requests are sent at the end", n)
		}
	})
}

// rejecting is a transport to services that know no user, of which the busy one asks at first to come
// later.
type rejecting struct{ failed, busy atomic.Int32 }

// RoundTrip implements http.RoundTripper.
func (r *rejecting) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Request: request, Body: http.NoBody}
	if request.URL.Host == "busy" && r.busy.Add(1) == 1 {
		answer.StatusCode = http.StatusServiceUnavailable
		answer.Header.Set("Retry-After", "5")
		return answer, nil
	}
	r.failed.Add(1)
	return answer, nil
}

// TestNoRetryOfRejected: a request that waits for its retry, or then for its turn, is not sent again as a
// user who was rejected in the meantime.
func TestNoRetryOfRejected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, log := &rejecting{}, slog.New(slog.DiscardHandler)
		pool := &Pool{RoundTripper: transport, heeds: true}
		shared := pool.NewAccount(time.Now, log, nil, "north")
		on := func(host string) *Endpoint {
			return New(Settings{
				Base: "http://" + host + "/services/v2", Pool: pool, MaxConcurrentRequests: 2, Microservice: host,
				Account: shared, Bodies: &Bodies{Large: NewBudget(1 << 20)}, Stats: NewStats(host), Now: time.Now, Log: log,
			})
		}
		ended := make(chan error)
		go func() {
			_, err := Get[struct{}](t.Context(), on("busy"), "/extracts")
			ended <- err
		}()
		synctest.Wait()
		if _, err := Get[struct{}](t.Context(), on("other"), "/extracts"); !HasStatus(err, http.StatusUnauthorized) {
			t.Errorf("got %v", err)
		}
		if err := <-ended; !HasStatus(err, http.StatusServiceUnavailable) {
			t.Errorf("of the busy service: %v", err)
		}
		if n := transport.failed.Load(); n != 1 {
			t.Errorf("%d failed logins", n)
		}
	})
}

// TestScoutWaitsForItsTurnAgain: nor does another take the place of a scout that waits for its turn
// before it is sent again.
func TestScoutWaitsForItsTurnAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, turns := newTestAccount(), NewTurns(2)
		first, second := newGate(shared), newGate(shared)
		first.turns, second.turns = turns, turns
		p, err := first.enter(t.Context(), "/extracts")
		if err != nil {
			t.Fatal(err)
		}
		p.turn.giveBack() // for the wait for its retry
		taken := []*turn{{of: turns, share: &share{}}, {of: turns, share: &share{}}}
		for _, r := range taken {
			if err := r.take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var sent atomic.Int32
		go func() {
			if p.begin(t.Context()) == nil {
				sent.Add(1)
			}
		}()
		go func() {
			if _, err := second.enter(t.Context(), "/extracts"); err == nil {
				sent.Add(1)
			}
		}()
		time.Sleep(time.Minute)
		for _, r := range taken {
			r.giveBack()
		}
		time.Sleep(scoutPatience * 9 / 10)
		if n := sent.Load(); n != 1 {
			t.Errorf("%d requests are sent at once", n)
		}
		time.Sleep(time.Minute)
		if n := sent.Load(); n != 2 {
			t.Errorf("%d requests are sent at the end", n)
		}
	})
}
