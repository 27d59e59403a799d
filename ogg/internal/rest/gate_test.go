package rest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestScoutHangsInShortPoll checks that a scout that hangs does not take all the time of a
// poll that is shorter than a scout's patience.
func TestScoutHangsInShortPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		g := gate{login: login{now: time.Now}}
		if _, err := g.enter(ctx, "/first"); err != nil {
			t.Fatal(err)
		}
		if _, err := g.enter(ctx, "/second"); err != nil {
			t.Error(err)
		}
	})
}
