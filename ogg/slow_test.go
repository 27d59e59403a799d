package ogg

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// slowReader reads facts of a kind, one second of its clock for each poll unless told otherwise.
type slowReader struct {
	slowFacts[int]

	visit  visit
	now    time.Time
	panics *wire.Panics
	err    error
	asked  []string // in the latest poll
}

func newSlowReader() *slowReader {
	r := &slowReader{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), panics: wire.NewPanics(slog.New(slog.DiscardHandler))}
	r.visit.options.Now = func() time.Time { return r.now }
	r.visit.options.Panics = r.panics
	return r
}

// poll reads those that are due, one after the other, and returns which.
func (r *slowReader) poll(ctx context.Context, after time.Duration, how slowTerms, names ...slowName) []string {
	r.now = r.now.Add(after)
	r.visit.poll++
	r.asked = nil
	how.what, how.interval = "fact", 15*time.Minute
	due := r.due(ctx, &r.visit, how, names)
	for _, n := range due {
		r.refresh(ctx, &r.visit, how, n, func(_ context.Context, name string, before int) (int, error) {
			r.asked = append(r.asked, name)
			if r.err != nil && r.err.Error() == "panic" {
				panic("in a read")
			}
			return before + 1, r.err
		})
	}
	return r.asked
}

// TestSlowStart checks that a start does not begin with a burst: a poll reads a tenth of what is not
// known, but at least a few, in the order of the names, until all is known; and that the later reads
// are spread, too, each at most once in an interval.
func TestSlowStart(t *testing.T) {
	t.Parallel()
	for _, facts := range []int{5, 20, 35, 1000} {
		names := make([]slowName, facts)
		for i := range names {
			names[i].name = strconv.Itoa(i)
		}
		perPoll := max(20, facts/10)
		r := newSlowReader()
		known := 0
		for known < facts {
			got := r.poll(t.Context(), 15*time.Second, slowTerms{}, names...)
			if len(got) != min(perPoll, facts-known) || got[0] != names[known].name {
				t.Fatalf("%d facts, of which %d are known: read %d from %q", facts, known, len(got), got)
			}
			known += len(got)
		}
		latest, reads, most := map[string]time.Time{}, map[string]int{}, 0
		for range 4 * 60 { // an hour
			got := r.poll(t.Context(), 15*time.Second, slowTerms{}, names...)
			most = max(most, len(got))
			for _, name := range got {
				if before := latest[name]; !before.IsZero() && (r.now.Sub(before) < 15*time.Minute || r.now.Sub(before) > 16*time.Minute) {
					t.Errorf("%d facts: %s is read again after %s", facts, name, r.now.Sub(before))
				}
				latest[name] = r.now
				reads[name]++
			}
		}
		if len(reads) != facts || most > max(20, facts/29) {
			t.Errorf("%d facts: %d are read again, %d in one poll", facts, len(reads), most)
		}
	}
}

// TestSlowDue checks when a fact is read again, and that nothing else is.
func TestSlowDue(t *testing.T) {
	t.Parallel()
	running := slowState{service: 1, started: 2, status: "running"}
	r := newSlowReader()
	a, b := slowName{"a", slowState{}}, slowName{"b", running}
	for i, step := range []struct {
		after time.Duration
		state slowState // of a
		err   error
		want  []string
	}{
		{0, slowState{}, nil, []string{"a", "b"}},
		{time.Second, running, nil, nil}, // it is only known now
		{time.Second, slowState{}, nil, nil},
		{time.Second, slowState{1, 2, "stopped"}, nil, []string{"a"}},
		{time.Second, slowState{1, 2, "stopped"}, nil, nil},
		{time.Second, slowState{1, 3, ""}, nil, []string{"a"}},
		{time.Second, slowState{1, 3, "stopped"}, nil, nil},
		{time.Second, slowState{2, 3, "stopped"}, errors.New("it fails"), []string{"a"}},
		{time.Minute - time.Second, slowState{2, 3, "stopped"}, nil, nil},
		{time.Second, slowState{2, 3, "stopped"}, errors.New("it fails"), []string{"a"}},
		{2 * time.Minute, slowState{2, 3, "stopped"}, nil, []string{"a"}},
		{15*time.Minute - 3*time.Minute - 8*time.Second, slowState{2, 3, "stopped"}, nil, nil},
		{time.Second, slowState{2, 3, "stopped"}, nil, []string{"b"}},
	} {
		a.state, r.err = step.state, step.err
		if got := r.poll(t.Context(), step.after, slowTerms{}, a, b); !slices.Equal(got, step.want) {
			t.Errorf("step %d: read %q, want %q", i, got, step.want)
		}
		if _, _, err := r.get("a"); step.want != nil && step.want[0] == "a" && !errors.Is(err, step.err) {
			t.Errorf("step %d: %v", i, err)
		}
	}
}

// TestSlowTwiceInAPoll checks that a poll reads a fact once, even if two need it.
func TestSlowTwiceInAPoll(t *testing.T) {
	t.Parallel()
	r := newSlowReader()
	a := slowName{name: "a"}
	traced := WithTrace(t.Context(), func(Exchange) {})
	for range 3 {
		if got := r.poll(traced, time.Second, slowTerms{}, a); len(got) != 1 {
			t.Errorf("a traced poll read %q", got)
		}
		if again := r.due(traced, &r.visit, slowTerms{}, []slowName{a}); len(again) != 0 {
			t.Errorf("and again %v", again)
		}
	}
}

// TestSlowAll checks that a poll that is traced, or that needs the facts, reads all that are due, and
// that a traced one reads the others, too.
func TestSlowAll(t *testing.T) {
	t.Parallel()
	names := make([]slowName, 200)
	for i := range names {
		names[i].name = strconv.Itoa(i)
	}
	traced := WithTrace(t.Context(), func(Exchange) {})
	for name, c := range map[string]struct {
		ctx   context.Context
		how   slowTerms
		again int
	}{
		"traced": {traced, slowTerms{}, 200},
		"needed": {t.Context(), slowTerms{needed: true}, 0},
		"costly": {t.Context(), slowTerms{costly: true}, 0}, // and bounded by time
	} {
		r := newSlowReader()
		first := len(r.poll(c.ctx, 0, c.how, names...))
		again := len(r.poll(c.ctx, time.Second, c.how, names...))
		if first != 200 || again != c.again {
			t.Errorf("%s: read %d and then %d", name, first, again)
		}
	}
}

// TestSlowCosts checks that a poll that was cancelled, or a read that panics, costs nothing that is
// known, and that the latter is not repeated in each poll; and that a costly one that fails is not
// before its interval is over.
func TestSlowCosts(t *testing.T) {
	t.Parallel()
	a := slowName{name: "a"}
	r := newSlowReader()
	r.poll(t.Context(), 0, slowTerms{}, a)
	r.err = errors.New("panic")
	if got := r.poll(t.Context(), 15*time.Minute, slowTerms{}, a); len(got) != 1 || r.panics.Count() != 1 {
		t.Fatalf("read %q, %d panics", got, r.panics.Count())
	}
	if value, known, err := r.get("a"); value != 1 || !known || err == nil {
		t.Errorf("known is %d, %v, %v", value, known, err)
	}
	if got := r.poll(t.Context(), time.Second, slowTerms{}, a); got != nil {
		t.Errorf("then read %q", got)
	}
	r.err = nil
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.poll(gone, time.Minute, slowTerms{}, a); len(got) != 1 {
		t.Errorf("a poll that is cancelled read %q", got)
	}
	if value, _, err := r.get("a"); value != 1 || err == nil {
		t.Errorf("after it, known is %d, %v", value, err)
	}
	if r.poll(t.Context(), time.Second, slowTerms{}, a); r.asked == nil {
		t.Error("it is not read by the next")
	}
	r.err = errors.New("it fails")
	r.poll(t.Context(), 15*time.Minute, slowTerms{costly: true}, a)
	if got := r.poll(t.Context(), 15*time.Minute-time.Second, slowTerms{costly: true}, a); got != nil {
		t.Error("a costly fact that failed is read again within its interval")
	}
}

// TestSlowHurried checks that a hurried poll, and one beside another that reads, reads nothing.
func TestSlowHurried(t *testing.T) {
	t.Parallel()
	r := newSlowReader()
	read := func() bool {
		asked := false
		r.read(t.Context(), &r.visit, slowTerms{interval: time.Minute, costly: true}, only(slowState{}), func(context.Context, string, int) (int, error) {
			asked = true
			return 0, nil
		})
		return asked
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r.visit.hurried = true
	if read() {
		t.Error("a hurried poll reads")
	}
	r.visit.hurried = false
	r.reading.Lock()
	if read() {
		t.Error("two polls read")
	}
	r.reading.Unlock()
	r.read(ctx, &r.visit, slowTerms{interval: time.Minute, costly: true}, only(slowState{}), func(context.Context, string, int) (int, error) { return 7, nil })
	if value, _, _ := r.get(""); value != 7 {
		t.Errorf("known is %d", value)
	}
}

// TestSlowForgotten checks that facts about what is gone are forgotten.
func TestSlowForgotten(t *testing.T) {
	t.Parallel()
	r := newSlowReader()
	r.poll(t.Context(), 0, slowTerms{}, slowName{name: "a"}, slowName{name: "b"})
	r.keep([]slowName{{name: "b"}})
	if got := r.poll(t.Context(), time.Second, slowTerms{}, slowName{name: "a"}, slowName{name: "b"}); !slices.Equal(got, []string{"a"}) {
		t.Errorf("read %q", got)
	}
}
