package wire

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestOneLine checks what is shown of texts from outside.
func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		" two\r\nlines\tand\va\fcolumn ": "two lines and a column",
		"a\x1b[31mred\x1b[0m":            `a\x1b[31mred\x1b[0m`,
		"nul\x00bell\x07del\x7f":         `nul\x00bell\x07del\u007f`,
		"next\u0085line":                 `next\u0085line`,
		"\u2028line\u2029paragraph":      `\u2028line\u2029paragraph`,
		"abc\u202edcba\u2066x\u2069":     `abc\u202edcba\u2066x\u2069`,
		"zero\u200bwidth\ufeff\u00a0":    `zero\u200bwidth\ufeff\u00a0`,
		"bytes \xff\xc3(":                `bytes \xff\xc3(`,
		"replaced \ufffd":                "replaced \ufffd",
		"beyond \U000e0001":              `beyond \U000e0001`,
		"Grüße, 世界 🙂":                    "Grüße, 世界 🙂",
		strings.Repeat("x", 300):         strings.Repeat("x", 300),
		strings.Repeat("x", 301):         strings.Repeat("x", 297) + "…",
		strings.Repeat("ä", 200):         strings.Repeat("ä", 148) + "…",
		strings.Repeat("\x1b", 100):      strings.Repeat(`\x1b`, 74) + "…",
		strings.Repeat("x", 300) + " ":   strings.Repeat("x", 300),
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestShow checks that an error keeps what it wraps, and its own identity where it can be shown.
func TestShow(t *testing.T) {
	if Show(nil) != nil || Show(io.EOF) != io.EOF { //nolint:errorlint // the same one
		t.Error("an error that can be shown is another one")
	}
	err := Show(Join(io.EOF, errors.New("a\nb"), errors.New("c\x00")))
	if text := err.Error(); !errors.Is(err, io.EOF) || text != `EOF; a b; c\x00` || len(Failures(err)) != 3 {
		t.Errorf("got %v", err)
	}
	if err := Show(errors.New(strings.Repeat("x", 2*maxLine))); len(err.Error()) != maxLine {
		t.Errorf("got %d bytes", len(err.Error()))
	}
}

// TestJoinOfMany checks that many errors make a short text, which says how many it leaves out.
func TestJoinOfMany(t *testing.T) {
	errs := make([]error, 300)
	for i := range errs {
		errs[i] = errors.New(strings.Repeat("x", 90))
	}
	err := Join(errs...)
	if text := err.Error(); len(text) > maxLine || !strings.HasSuffix(text, "; and 290 more") || len(Failures(err)) != 300 {
		t.Errorf("got %d bytes: %s", len(err.Error()), err)
	}
}

func FuzzOneLine(f *testing.F) {
	for _, text := range []string{"", " \n", "a\x1b[0m", "\xff\xfe", "\u202e", strings.Repeat("ä", 200), strings.Repeat("\x00", 100)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := OneLine(text)
		if len(got) > maxText || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q: got %q", text, got)
		}
		if again := OneLine(got); again != got {
			t.Errorf("%q: got %q, and from that %q", text, got, again)
		}
	})
}
