package wire

import (
	"fmt"
	"testing"
	"time"
)

// TestBounded checks that names that change all the time do not add up, and that what counts is
// kept for them.
func TestBounded(t *testing.T) {
	t.Parallel()
	var l Lacking
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 4 {
		l.NoteYet("route", now)
		for i := range maxBounded {
			l.NoteYet(fmt.Sprint(now.Minute(), "/", i), now)
		}
		if n := l.what.Len(); n > maxBounded {
			t.Errorf("%d entries are remembered", n)
		}
		if !l.Has("route", now) {
			t.Error("what was there first was dropped")
		}
		now = now.Add(2 * time.Minute)
	}
	for i := range maxBounded {
		l.NoteYet(fmt.Sprint("now/", i), now)
	}
	if !l.Has("now/0", now) {
		t.Error("nothing new is remembered, although the old is over")
	}
}
