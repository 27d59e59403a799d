package wire

import (
	"slices"
	"testing"
	"time"
)

// TestLackingYet checks that what is lacking so far is asked for again after 1, 2, 4, 8, 10, 10 …
// minutes, and after a minute again once it was found.
func TestLackingYet(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var l Lacking
	asked := func(from, minutes int) []int {
		var at []int
		for m := from; m <= from+minutes; m++ {
			now := start.Add(time.Duration(m) * time.Minute)
			if !l.Has("point", now) {
				at = append(at, m-from)
				l.NoteYet("point", now)
				l.NoteYet("point", now) // of a poll that ran at the same time
			}
		}
		return at
	}
	if got, want := asked(0, 40), []int{0, 1, 3, 7, 15, 25, 35}; !slices.Equal(got, want) {
		t.Errorf("asked after %v minutes, want %v", got, want)
	}
	l.Found("point")
	if got, want := asked(100, 7), []int{0, 1, 3, 7}; !slices.Equal(got, want) {
		t.Errorf("then asked after %v minutes, want %v", got, want)
	}
}

// TestLackingForget checks that what is forgotten, and nothing else, is asked for again.
func TestLackingForget(t *testing.T) {
	t.Parallel()
	var l Lacking
	now := time.Now()
	if l.Has("route", now) {
		t.Error("lacking at first")
	}
	l.NoteYet("route", now)
	l.NoteYet("other", now)
	l.Forget(func(what string) bool { return what == "route" })
	if l.Has("route", now) || !l.Has("other", now) || l.Has("third", now) {
		t.Error("only route was to be forgotten")
	}
}
