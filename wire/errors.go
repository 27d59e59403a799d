package wire

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Join is errors.Join on one line, because a log entry is one line.
func Join(errs ...error) error {
	failed := failures(errs)
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	default:
		return &joinedError{"", failed, failed}
	}
}

// Summarize returns one error for errs: how many of what failed, and the first failure of each
// kind. It is nil when nothing failed.
func Summarize(errs []error, of string) error {
	failed := failures(errs)
	switch {
	case len(failed) == 0:
		return nil
	case len(errs) == 1:
		return failed[0]
	default:
		return &joinedError{fmt.Sprintf("%d of %d %s: ", len(failed), len(errs), of), ofEachKind(failed), failed}
	}
}

// maxKinds is how many kinds of failures a summary shows.
const maxKinds = 3

// ofEachKind returns the first failure of each of the first kinds.
func ofEachKind(failed []error) []error {
	var first []error
	seen := map[string]bool{}
	for _, err := range failed {
		if kind := Kind(err); !seen[kind] && len(first) < maxKinds {
			seen[kind] = true
			first = append(first, err)
		}
	}
	return first
}

// Kind returns the text of a failure without what says where it happened: URLs, quoted texts and
// digits.
func Kind(err error) string {
	var kept []string
	for i, part := range strings.Split(err.Error(), `"`) {
		if i%2 == 0 {
			kept = append(kept, strings.FieldsFunc(part, unicode.IsSpace)...)
		}
	}
	kept = slices.DeleteFunc(kept, func(word string) bool { return strings.Contains(word, "://") })
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return -1
		}
		return r
	}, strings.Join(kept, " "))
}

// Failures returns each of the failures that Join and Summarize made one error of; none for nil.
func Failures(err error) []error {
	joined, is := errors.AsType[*joinedError](err)
	switch {
	case err == nil:
		return nil
	case !is:
		return []error{err}
	}
	var all []error
	for _, err := range joined.errs {
		all = append(all, Failures(err)...)
	}
	return all
}

func failures(errs []error) []error {
	var failed []error
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	return failed
}

type joinedError struct {
	prefix      string
	shown, errs []error
}

// maxJoined is how many bytes the text of several errors may have before it only counts the others.
const maxJoined = maxLine - 30

func (e *joinedError) Error() string {
	text := e.prefix
	for i, err := range e.shown {
		next := err.Error()
		if i > 0 {
			next = "; " + next
		}
		if more := len(e.shown) - i; i > 0 && len(text)+len(next) > maxJoined {
			return fmt.Sprintf("%s; and %d more", text, more)
		}
		text += next
	}
	return text
}

// Unwrap returns the errors that were joined.
func (e *joinedError) Unwrap() []error { return e.errs }
