package rest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestScoutHangsInShortPoll checks that a hanging scout does not use up a poll that is
// shorter than scoutPatience.
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
