package wire

import (
	"fmt"
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
		return &joinedError{failed}
	}
}

// Summarize returns one error for errs: how many of what failed, and the first failure.
// It is nil when nothing failed.
func Summarize(errs []error, of string) error {
	failed := failures(errs)
	switch {
	case len(failed) == 0:
		return nil
	case len(errs) == 1:
		return failed[0]
	default:
		return fmt.Errorf("%d of %d %s: %w", len(failed), len(errs), of, failed[0])
	}
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

type joinedError struct{ errs []error }

func (e *joinedError) Error() string {
	texts := make([]string, len(e.errs))
	for i, err := range e.errs {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors that were joined.
func (e *joinedError) Unwrap() []error { return e.errs }

// maxText is how many bytes of a text OneLine keeps.
const maxText = 300

// OneLine shortens a text that came from outside and puts it on one line, so that it fits
// into a log entry.
func OneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
