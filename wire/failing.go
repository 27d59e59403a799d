package wire

import (
	"maps"
	"strings"
	"unicode"
)

// Failing remembers what is failing, so that each failure is reported once when it
// begins and once when it ends. It is not safe for concurrent use.
type Failing[K comparable] struct {
	same   func(old, err error) bool
	latest map[K]error
}

// NewFailing returns a Failing for which a failure goes on as long as same says so of the
// last two errors.
func NewFailing[K comparable](same func(old, err error) bool) *Failing[K] {
	return &Failing[K]{same, map[K]error{}}
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
	f.latest[what] = err
	if failing && f.same(old, err) {
		return Persists
	}
	return Began
}

// Forget drops, without a report, everything that gone reports true for.
func (f *Failing[K]) Forget(gone func(K) bool) {
	maps.DeleteFunc(f.latest, func(what K, _ error) bool { return gone(what) })
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
