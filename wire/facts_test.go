package wire

import (
	"slices"
	"testing"
	"time"
)

// TestFacts checks when it is time to ask: at first, after the interval, and after a failure after
// growing waits, also if there was an answer before; and that an answer ends the waits.
func TestFacts(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var f Facts[int]
	asked := func(from, to int, fails bool) []int {
		var at []int
		for m := from; m < to; m++ {
			now := start.Add(time.Duration(m) * time.Minute)
			since, due := f.Due("fact", now)
			if due != !now.Before(since) {
				t.Errorf("minute %d: due %v since %s", m, due, since)
			}
			if !due {
				continue
			}
			at = append(at, m)
			if fails {
				f.Fail("fact", m, now)
			} else {
				f.Keep("fact", m, now, 15*time.Minute)
			}
		}
		return at
	}
	for _, c := range []struct {
		from, to int
		fails    bool
		want     []int
	}{
		{0, 40, false, []int{0, 15, 30}},
		{40, 76, true, []int{45, 46, 48, 52, 60, 70}},
		{76, 100, false, []int{80, 95}},
		{100, 113, true, []int{110, 111}},
	} {
		if got := asked(c.from, c.to, c.fails); !slices.Equal(got, c.want) {
			t.Errorf("from %d: asked after %v minutes, want %v", c.from, got, c.want)
		}
	}
	if value, known := f.Get("fact"); value != 111 || !known {
		t.Errorf("known is %d, %v", value, known)
	}
	if _, known := f.Get("other"); known {
		t.Error("another fact is known")
	}
}

// TestFactsForgotten checks that a fact is kept for a day after the last answer, whoever asks for
// others.
func TestFactsForgotten(t *testing.T) {
	t.Parallel()
	var f Facts[int]
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Keep("kept", 1, now, time.Hour)
	f.Fail("never", 1, now)
	for _, step := range []struct {
		after time.Duration
		kept  bool
	}{{time.Hour, true}, {23 * time.Hour, true}, {time.Hour, false}} {
		now = now.Add(step.after)
		f.Keep("other", 2, now, time.Hour)
		if _, known := f.Get("kept"); known != step.kept {
			t.Errorf("%s: known %v", now, known)
		}
		if _, known := f.Get("never"); known {
			t.Errorf("%s: what was never answered is known", now)
		}
	}
	f.Forget(func(name string) bool { return name == "other" })
	if _, due := f.Due("other", now); !due {
		t.Error("what was forgotten is not due")
	}
}
