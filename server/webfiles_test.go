package server

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// TestGuardWebFiles: while a file of the web configuration cannot be used, no request comes to what
// reads it, on new connections and on open ones, and all is well once it can.
func TestGuardWebFiles(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){"HTTP": (*httptest.Server).Start, "TLS": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var broken atomic.Bool
			var reads atomic.Int64
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reads.Add(1) }))
			check := func() error {
				if broken.Load() {
					return errors.New("a pipe")
				}
				return nil
			}
			GuardWebFiles(s.Config, check, slog.New(slog.DiscardHandler))
			start(s)
			defer s.Close()
			for i, isBroken := range []bool{false, true, true, false} {
				broken.Store(isBroken)
				before := reads.Load()
				response, err := s.Client().Get(s.URL)
				if err == nil {
					_ = response.Body.Close()
				}
				if (err != nil) != isBroken || isBroken && reads.Load() != before {
					t.Errorf("request %d: %v, %d reads", i, err, reads.Load()-before)
				}
			}
		})
	}
}
