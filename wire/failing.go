package wire

import (
	"maps"
	"strings"
	"unicode"
)

// maxFailing is how many failures are remembered. More than that are the product of names that
// change all the time.
const maxFailing = 30_000

// Failing remembers what is failing, so that each failure is reported once when it
// begins and once when it ends. It is not safe for concurrent use.
type Failing[K comparable] struct {
	same   func(old, err error) bool
	latest map[K]noted
	notes  int // of failures
}

// noted is the latest failure of something, and the number of the note of it.
type noted struct {
	err error
	at  int
}

// NewFailing returns a Failing for which a failure goes on as long as same says so of the
// last two errors.
func NewFailing[K comparable](same func(old, err error) bool) *Failing[K] {
	return &Failing[K]{same: same, latest: map[K]noted{}}
}

// Change is what the latest attempt at something changed.
type Change int

// The changes. Persists means that the same failure goes on.
const (
	Unchanged Change = iota
	Began
	Persists
	Ended
)

// Note takes in the outcome of an attempt at what.
func (f *Failing[K]) Note(what K, err error) Change {
	old, failing := f.latest[what]
	switch {
	case err == nil && !failing:
		return Unchanged
	case err == nil:
		delete(f.latest, what)
		return Ended
	}
	f.notes++
	f.latest[what] = noted{err, f.notes}
	if len(f.latest) > maxFailing { // keep those that were noted last
		maps.DeleteFunc(f.latest, func(_ K, n noted) bool { return n.at <= f.notes-maxFailing/2 })
	}
	if failing && f.same(old.err, err) {
		return Persists
	}
	return Began
}

// Len returns how many failures are remembered.
func (f *Failing[K]) Len() int { return len(f.latest) }

// Forget drops, without a report, everything that gone reports true for.
func (f *Failing[K]) Forget(gone func(K) bool) {
	maps.DeleteFunc(f.latest, func(what K, _ noted) bool { return gone(what) })
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
