package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// deaf is a transport, and the body of its answers, that heeds no context: what goes to one host
// waits until it is released.
type deaf struct {
	host     string
	inBody   bool // only the body waits
	released chan struct{}
	panics   bool // when it is released
}

// RoundTrip implements http.RoundTripper.
func (d *deaf) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(`{"response":{}}`)),
	}
	if request.URL.Host != d.host {
		return answer, nil
	}
	if d.inBody {
		answer.Body = d
		return answer, nil
	}
	_, _ = d.Read(nil)
	return answer, nil
}

// Read implements io.Reader.
func (d *deaf) Read(p []byte) (int, error) {
	<-d.released
	if d.panics {
		panic("a bug of the transport")
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), io.EOF
}

// Close implements io.Closer.
func (*deaf) Close() error { return nil }

// CloseIdleConnections waits, as HTTP/2 does where a connection hangs.
func (d *deaf) CloseIdleConnections() { <-d.released }

// endpointOn returns an endpoint with two slots.
func endpointOn(pool *Pool, host string, bodies *Bodies, panics *wire.Panics) *Endpoint {
	log := slog.New(slog.DiscardHandler)
	return New(Settings{
		Base: "http://" + host + "/services/v2", Pool: pool, MaxConcurrentRequests: 2, Microservice: host,
		Account: pool.NewAccount(time.Now, log, nil, "north"),
		Bodies:  bodies, Stats: NewStats(host), Panics: panics, Now: time.Now, Log: log,
	})
}

// asked is how a request ended, and after which time.
func asked(ctx context.Context, e *Endpoint) (time.Duration, error) {
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	begin := time.Now()
	_, err := Get[struct{}](limited, e, "/extracts")
	return time.Since(begin), err
}

// TestHung: a request that does not end with its context is left at once, holds a slot of its own
// service and none of another, is counted, and gives everything back when it ends.
func TestHung(t *testing.T) {
	for name, c := range map[string]deaf{"before the answer": {}, "in the body": {inBody: true}} {
		synctest.Test(t, func(t *testing.T) {
			transport := &deaf{host: "hangs", inBody: c.inBody, released: make(chan struct{})}
			pool, bodies := &Pool{RoundTripper: transport}, &Bodies{Large: NewBudget(1 << 20)}
			hangs, works := endpointOn(pool, "hangs", bodies, nil), endpointOn(pool, "works", bodies, nil)
			for i := range 4 {
				hangs.BeginPoll(false)
				took, err := asked(t.Context(), hangs)
				switch {
				case i < 2 && (!errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errHung) || took > 2*time.Second+hungGrace):
					t.Errorf("%s: request %d: got %v after %s", name, i, err, took)
				case i == 2 && (err == nil || took != 2*time.Second || !strings.Contains(err.Error(), "not sent: context deadline exceeded")):
					t.Errorf("%s: request %d, while those that hang may end soon: got %v after %s", name, i, err, took)
				case i > 2 && (err == nil || took != 0 || !strings.Contains(err.Error(), "not sent: 2 requests to the service hang")):
					t.Errorf("%s: request %d: got %v after %s", name, i, err, took)
				}
				if i == 2 {
					time.Sleep(hungLong)
				}
				if _, err := asked(t.Context(), works); err != nil {
					t.Errorf("%s: the other service: %v", name, err)
				}
			}
			if n := hangs.settings.Stats.Snapshot().Hung; n != 2 {
				t.Errorf("%s: %d requests hang", name, n)
			}
			close(transport.released)
			synctest.Wait()
			if n, slots := hangs.settings.Stats.Snapshot().Hung, len(hangs.slots); n != 0 || slots != 0 || pool.hung.Load() != 0 {
				t.Errorf("%s: at the end %d requests hang, and hold %d slots", name, n, slots)
			}
			hangs.BeginPoll(false)
			if _, err := asked(t.Context(), hangs); err != nil && !c.inBody {
				t.Errorf("%s: at the end: %v", name, err)
			}
		})
	}
}

// TestHungOfAll: what comes under new names all the time is bounded, too.
func TestHungOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &deaf{host: "hangs", released: make(chan struct{})}
		pool := &Pool{RoundTripper: transport}
		pool.hung.Store(maxHung - 1)
		for i, want := range []string{"the request hangs", "not sent: 1000 requests with the same login hang"} {
			if _, err := asked(t.Context(), endpointOn(pool, "hangs", &Bodies{Large: NewBudget(1 << 20)}, nil)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%d: got %v", i, err)
			}
		}
		close(transport.released)
	})
}

// TestHungPanics: a request that panics after it was left is logged and counted, and gives its slot
// back.
func TestHungPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &deaf{host: "hangs", released: make(chan struct{}), panics: true}
		panics := wire.NewPanics(slog.New(slog.DiscardHandler))
		e := endpointOn(&Pool{RoundTripper: transport}, "hangs", &Bodies{Large: NewBudget(1 << 20)}, panics)
		if _, err := asked(t.Context(), e); !errors.Is(err, errHung) || panics.Count() != 0 {
			t.Errorf("got %v, %d panics", err, panics.Count())
		}
		close(transport.released)
		synctest.Wait()
		if panics.Count() != 1 || len(e.slots) != 0 {
			t.Errorf("%d panics, %d slots in use", panics.Count(), len(e.slots))
		}
	})
}

// TestCloseHangs: closing a pool whose connections cannot be closed takes a second, and then
// nothing.
func TestCloseHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &deaf{released: make(chan struct{})}
		pool := &Pool{RoundTripper: transport}
		for _, want := range []time.Duration{closePatience, 0} {
			begin := time.Now()
			pool.Close()
			if took := time.Since(begin); took != want {
				t.Errorf("took %s, want %s", took, want)
			}
		}
		close(transport.released)
	})
}
