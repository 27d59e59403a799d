package wire

import (
	"fmt"
	"testing"
	"time"
)

// TestBounded checks that names that change all the time do not add up, and that what is not old
// is kept.
func TestBounded(t *testing.T) {
	t.Parallel()
	var l Lacking
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 100 {
		if !l.Has("route", now) {
			l.NoteYet("route", now)
		}
		for i := range 1000 {
			l.NoteYet(fmt.Sprint(now, i), now)
		}
		if n := l.facts.known.Len(); n > maxBounded {
			t.Fatalf("%d entries are remembered", n)
		}
		now = now.Add(time.Minute)
		if known, _ := l.facts.known.Get("route"); known.wait.took < min(time.Duration(now.Minute())*firstWait/2, longestWait/2) {
			t.Fatalf("what was there first waits for %s", known.wait.took)
		}
	}
	now = now.Add(time.Hour)
	l.NoteYet("new", now)
	if n := l.facts.known.Len(); n != 1 || !l.Has("new", now) {
		t.Errorf("%d entries are remembered", n)
	}
}
