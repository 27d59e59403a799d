package rest

import (
	"context"
	"log/slog"
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
