package wire

import (
	"maps"
	"strings"
	"time"
	"unicode"
)

// maxFailing is how many failures are remembered. More than that are the product of names that
// change all the time.
const maxFailing = 30_000

// Failing remembers what is failing, so that each failure is reported once when it
// begins and once when it ends, and neither more than once in 10 minutes. It is not safe for
// concurrent use.
type Failing[K comparable] struct {
	same   func(old, err error) bool
	latest map[K]*failing
	notes  int // of failures
	seldom *Seldom[news[K]]
}

// failing is what fails, or what works again without a report of that yet.
type failing struct {
	err     error // nil if it works
	said    bool  // that it fails
	pending bool  // there is something new to report
	changes int   // since the latest report
	at      int   // number of the latest note of it
}

// news is what a report is about.
type news[K comparable] struct {
	what  K
	ended bool
}

// NewFailing returns a Failing for which a failure goes on as long as same says so of the
// last two errors.
func NewFailing[K comparable](same func(old, err error) bool, now func() time.Time) *Failing[K] {
	return &Failing[K]{same: same, latest: map[K]*failing{}, seldom: NewSeldom[news[K]](now)}
}

// Change is what there is to report of the latest attempt at something.
type Change int

// The changes. Persists means that the same failure goes on, or that it is too early to report
// another one.
const (
	Unchanged Change = iota
	Began
	Persists
	Ended
)

// Note takes in the outcome of an attempt at what. Beside what to report it returns how often the
// outcome changed since the latest report, this change included.
func (f *Failing[K]) Note(what K, err error) (Change, int) {
	if err == nil && f.latest[what] == nil {
		return Unchanged, 0
	}
	return f.decide(what, f.take(what, err))
}

// NoteReported takes in a failure that has been reported elsewhere.
func (f *Failing[K]) NoteReported(what K, err error) {
	s := f.take(what, err)
	s.said, s.pending, s.changes = true, false, 0
}

// take notes the outcome of an attempt at what.
func (f *Failing[K]) take(what K, err error) *failing {
	s := f.latest[what]
	if s == nil {
		s = &failing{}
		f.latest[what] = s
	}
	isNew := (s.err == nil) != (err == nil) || err != nil && !f.same(s.err, err)
	if isNew {
		s.changes++
	}
	f.notes++
	s.err, s.at = err, f.notes
	if len(f.latest) > maxFailing { // keep those that were noted last
		maps.DeleteFunc(f.latest, func(_ K, s *failing) bool { return s.at <= f.notes-maxFailing/2 })
	}
	s.pending = err != nil && (s.pending || isNew)
	return s
}

// decide returns what to report.
func (f *Failing[K]) decide(what K, s *failing) (Change, int) {
	change, changes := Persists, s.changes
	switch {
	case s.err == nil && !s.said:
		change = Unchanged
		delete(f.latest, what)
	case s.err == nil && f.seldom.May(news[K]{what, true}):
		change = Ended
		delete(f.latest, what)
	case s.err == nil:
		change = Unchanged
	case s.pending && f.seldom.May(news[K]{what, false}):
		change = Began
		s.said, s.pending, s.changes = true, false, 0
	}
	return change, changes
}

// Len returns how many failures are remembered.
func (f *Failing[K]) Len() int { return len(f.latest) }

// Forget drops, without a report, everything that gone reports true for.
func (f *Failing[K]) Forget(gone func(K) bool) {
	maps.DeleteFunc(f.latest, func(what K, _ *failing) bool { return gone(what) })
}

// WithoutDigits returns a text without what differs each time, such as ports, counts and times.
// A word that begins with a letter keeps its digits, because it may be a name, such as EXT1.
func WithoutDigits(text string) string {
	inWord, isName := false, false
	return strings.Map(func(r rune) rune {
		wasInWord := inWord
		if inWord = isDigit(r) || r == '_' || unicode.IsLetter(r); !wasInWord {
			isName = !isDigit(r)
		}
		if isDigit(r) && !isName {
			return -1
		}
		return r
	}, text)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
