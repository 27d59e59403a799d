package wire

import (
	"errors"
	"fmt"
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
		{errors.New("another of EXT1 at 09:01:02"), Began},
		{errors.New("another of EXT1 at 10:11:12"), Persists},
		{errors.New("another of EXT2 at 10:11:12"), Began},
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
	if err := Summarize([]error{nil, a, b}, "things"); err.Error() != "2 of 3 things: a; b" || !errors.Is(err, a) {
		t.Errorf("got %v", err)
	}
}

// TestSummary checks that a summary shows the first failure of each of the first kinds, and that
// each failure can be found in it.
func TestSummary(t *testing.T) {
	refused, odd, last := errors.New(`Get "http://a:1/x": port 1 refused`), errors.New("GET http://a:1/x: odd"), errors.New("fourth")
	errs := []error{refused, errors.New(`Get "http://a:2/y": port 2 refused`), nil, Join(odd, errors.New("more")), errors.New("third"), last}
	err := Summarize(errs, "services")
	if want := `5 of 6 services: Get "http://a:1/x": port 1 refused; GET http://a:1/x: odd; more; third`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := Failures(fmt.Errorf("x: %w", Join(err, errors.New("other")))); len(got) != 7 || !errors.Is(got[0], refused) || !errors.Is(got[2], odd) || !errors.Is(got[5], last) {
		t.Errorf("got the failures %q", got)
	}
	if Failures(nil) != nil {
		t.Error("failures of nothing")
	}
}

// TestWithoutDigits checks that names keep their digits, and that nothing else does.
func TestWithoutDigits(t *testing.T) {
	for text, want := range map[string]string{
		"EXT1 of node2:9011":          "EXT1 of node2:",
		"EXT_12, 12 of 30, 1m0.5s":    "EXT_12,  of , m.s",
		"at 2026-11-26T09:36:50.123Z": "at --T::.Z",
	} {
		if got := WithoutDigits(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestFailingBounded checks that failures of names that change all the time do not add up, and that
// one which persists is kept.
func TestFailingBounded(t *testing.T) {
	t.Parallel()
	f := NewFailing[int](func(error, error) bool { return true })
	f.Note(-1, errors.New("failed"))
	for i := range 3 * maxFailing {
		f.Note(i, errors.New("failed"))
		if i%100 == 0 && f.Note(-1, errors.New("failed")) != Persists {
			t.Fatalf("what persists was forgotten after %d others", i)
		}
		if f.Len() > maxFailing {
			t.Fatalf("%d failures are remembered", f.Len())
		}
	}
}
