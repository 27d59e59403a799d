package wire

import (
	"errors"
	"testing"
)

// TestFailing checks that a failure is news when it begins and when it ends, and only then.
func TestFailing(t *testing.T) {
	f := NewFailing[string](func(old, err error) bool { return WithoutDigits(old.Error()) == WithoutDigits(err.Error()) })
	for i, step := range []struct {
		err  error
		want Change
	}{
		{nil, Unchanged},
		{errors.New("port 1"), Began},
		{errors.New("port 22"), Persists},
		{errors.New("another"), Began},
		{nil, Ended},
		{nil, Unchanged},
	} {
		if got := f.Note("a", step.err); got != step.want {
			t.Errorf("step %d: got %v, want %v", i, got, step.want)
		}
	}
	f.Note("gone", errors.New("x"))
	f.Forget(func(what string) bool { return what == "gone" })
	if got := f.Note("gone", nil); got != Unchanged {
		t.Errorf("after Forget: got %v", got)
	}
}

// TestJoin checks that several errors make one line, and that each can be found in it.
func TestJoin(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	if err := Join(nil, a, nil, b); err.Error() != "a; b" || !errors.Is(err, a) || !errors.Is(err, b) {
		t.Errorf("got %v", err)
	}
	if Join(nil, nil) != nil || Summarize([]error{nil}, "things") != nil {
		t.Error("an error of nothing")
	}
	if err := Summarize([]error{nil, a, b}, "things"); err.Error() != "2 of 3 things: a" || !errors.Is(err, a) {
		t.Errorf("got %v", err)
	}
}
