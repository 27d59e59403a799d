package rest

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestIdleEnds: a pool that was closed has no timer that keeps it in memory, also if a poll still begins.
func TestIdleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &tallied{}
		pool := &Pool{RoundTripper: transport}
		for range 3 {
			pool.BeginPoll()
			time.Sleep(time.Second)
		}
		pool.Close()
		pool.BeginPoll()
		time.Sleep(time.Hour)
		if transport.closed != 1 {
			t.Errorf("idle connections were closed %d times", transport.closed)
		}
	})
}
