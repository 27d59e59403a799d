package server

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// TestViewsAtOnce: of many requests for the status, few are answered at once, and others are rejected.
func TestViewsAtOnce(t *testing.T) {
	t.Parallel()
	s, err := New(t.Context(), &config.Config{}, Options{TelemetryPath: "/metrics"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h, codes := s.Handler(), make(chan int)
	s.mu.Lock() // so that no status can be made
	const requests = 20
	for i := range requests {
		path := []string{"/", statusPath}[i%2]
		go func() {
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
			codes <- answer.Code
		}()
	}
	for range requests - maxViews {
		if code := <-codes; code != http.StatusServiceUnavailable {
			t.Errorf("status %d", code)
		}
	}
	s.mu.Unlock()
	for range maxViews {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("status %d", code)
		}
	}
}
