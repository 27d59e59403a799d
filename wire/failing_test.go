package wire

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"
)

// TestFailing checks that a failure is news when it begins and when it ends, and only then, and that
// neither is reported twice in 10 minutes.
func TestFailing(t *testing.T) {
	clock := time.Unix(0, 0)
	f := NewFailing[string](func(old, err error) bool { return WithoutDigits(old.Error()) == WithoutDigits(err.Error()) },
		func() time.Time { return clock })
	for i, step := range []struct {
		after   time.Duration
		err     error
		want    Change
		changes int
	}{
		{0, nil, Unchanged, 0},
		{0, errors.New("port 1"), Began, 1},
		{time.Hour, errors.New("port 22"), Persists, 0},
		{0, errors.New("another"), Began, 1},
		{time.Hour, errors.New("another of EXT1 at 09:01:02"), Began, 1},
		{time.Hour, errors.New("another of EXT1 at 10:11:12"), Persists, 0},
		{0, errors.New("another of EXT2 at 10:11:12"), Began, 1},
		{0, nil, Ended, 1},
		{0, nil, Unchanged, 0},
		{time.Minute, errors.New("a"), Persists, 1},
		{time.Minute, errors.New("b"), Persists, 2},
		{8*time.Minute - 1, errors.New("b"), Persists, 2},
		{1, errors.New("b"), Began, 2},
		{0, errors.New("b"), Persists, 0},
		{0, nil, Ended, 1},
		{time.Minute, errors.New("c"), Persists, 1},
		{time.Minute, nil, Unchanged, 2},
		{time.Hour, nil, Unchanged, 0},
		{0, errors.New("d"), Began, 1},
		{0, nil, Ended, 1},
		{10 * time.Minute, errors.New("d"), Began, 1},
		{-time.Hour, nil, Ended, 1}, // a clock that was set back
	} {
		clock = clock.Add(step.after)
		if got, changes := f.Note("a", step.err); got != step.want || changes != step.changes {
			t.Errorf("step %d: got %v and %d changes, want %v and %d", i, got, changes, step.want, step.changes)
		}
	}
	f.Note("gone", errors.New("x"))
	f.Forget(func(what string) bool { return what == "gone" })
	if got, _ := f.Note("gone", nil); got != Unchanged {
		t.Errorf("after Forget: got %v", got)
	}
	f.NoteReported("elsewhere", errors.New("x"))
	if got, _ := f.Note("elsewhere", errors.New("y")); got != Began {
		t.Errorf("after what was reported elsewhere: got %v", got)
	}
}

// TestFailingFlaps checks that something that fails at every other attempt in ever other words is
// reported twice in 10 minutes, and thousands of things with names that do not return no more than
// 500 times.
func TestFailingFlaps(t *testing.T) {
	clock := time.Unix(0, 0)
	f := NewFailing[int](func(old, err error) bool { return old.Error() == err.Error() }, func() time.Time { return clock })
	reports := func(what int, err error) int {
		if change, _ := f.Note(what, err); change == Began || change == Ended {
			return 1
		}
		return 0
	}
	count := 0
	for i := range 240 { // an hour
		count += reports(-1, []error{nil, errors.New(strconv.Itoa(i))}[i%2])
		clock = clock.Add(15 * time.Second)
	}
	if count < 10 || count > 14 {
		t.Errorf("%d reports in an hour", count)
	}
	count = 0
	for i := range 10_000 {
		count += reports(i, errors.New("x"))
		f.Forget(func(what int) bool { return what != i })
	}
	if count > mostSaid || len(f.latest) != 1 || len(f.seldom.said) > mostSaid {
		t.Errorf("%d reports, %d failures, %d remembered", count, len(f.latest), len(f.seldom.said))
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
	f := NewFailing[int](func(error, error) bool { return true }, time.Now)
	f.Note(-1, errors.New("failed"))
	for i := range 3 * maxFailing {
		f.Note(i, errors.New("failed"))
		if i%100 == 0 {
			if change, changes := f.Note(-1, errors.New("failed")); change != Persists || changes != 0 {
				t.Fatalf("what persists was forgotten after %d others", i)
			}
		}
		if f.Len() > maxFailing {
			t.Fatalf("%d failures are remembered", f.Len())
		}
	}
}
