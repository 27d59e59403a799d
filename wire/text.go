package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many bytes are shown of a text from outside, and of a whole error or line, which may be made
// of several.
const (
	maxText = 300
	maxLine = 1000
)

// OneLine makes a text from outside fit to be shown: at most 300 bytes on one line, cut between
// characters and then ending in "…". White space becomes a single space. What cannot be seen, or
// changes how the rest is seen, such as an ANSI escape, a bidirectional override or a byte that is
// not UTF-8, becomes an escape such as \x1b, \u202e or \xff.
func OneLine(text string) string { return shown(text, maxText) }

// Line is OneLine for the text of a whole error: at most 1,000 bytes.
func Line(text string) string { return shown(text, maxLine) }

// Show returns err with a text from Line; nil for nil.
func Show(err error) error {
	if err == nil {
		return nil
	}
	return Retold(err, Line(err.Error()))
}

// Retold returns err with another text.
func Retold(err error, text string) error {
	if text == err.Error() {
		return err
	}
	return &retoldError{text, err}
}

type retoldError struct {
	text string
	err  error
}

func (e *retoldError) Error() string { return e.text }

// Unwrap returns the error with its own text.
func (e *retoldError) Unwrap() error { return e.err }

// ellipsis stands for what is cut off.
const ellipsis = "…"

// shown returns at most that many bytes of a text, made fit to be shown.
func shown(text string, most int) string {
	var b strings.Builder
	cut, isSpace := 0, false
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		piece := escaped(r, rest[:size])
		rest = rest[size:]
		if piece == " " {
			isSpace = true
			continue
		}
		if isSpace && b.Len() > 0 {
			piece = " " + piece
		}
		isSpace = false
		if b.Len()+len(piece) > most {
			return b.String()[:cut] + ellipsis
		}
		b.WriteString(piece)
		if b.Len() <= most-len(ellipsis) {
			cut = b.Len()
		}
	}
	return b.String()
}

// escaped returns a character as it is shown; raw are its bytes.
func escaped(r rune, raw string) string {
	switch {
	case r == ' ' || r >= '\t' && r <= '\r':
		return " "
	case r == utf8.RuneError && len(raw) == 1, r < ' ':
		return fmt.Sprintf(`\x%02x`, raw[0])
	case unicode.IsPrint(r):
		return raw
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}
