package secret

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// How long a secret must be, in bytes, so that it is replaced within a text. A shorter one may be a
// part of any word: to replace it would spoil the text, and show by what is missing what it is.
const leastLength = 6

// place is a part of a text.
type place struct{ begin, end int }

// unescaped is a text that was taken out of its escapes.
type unescaped struct {
	text string
	// at is where in the original text each byte begins, and at its end how long that is; nil if
	// nothing was escaped.
	at []int
}

// plain returns a text as it is.
func plain(text string) unescaped { return unescaped{text: text} }

// original returns where in the original text a byte begins.
func (t unescaped) original(i int) int {
	if t.at == nil {
		return i
	}
	return t.at[i]
}

// places returns where in the original text the form is.
func (t unescaped) places(form string) []place {
	var found []place
	for i := 0; ; {
		next := strings.Index(t.text[i:], form)
		if next < 0 {
			break
		}
		found = append(found, place{t.original(i + next), t.original(i + next + len(form))})
		i += next + len(form)
	}
	return found
}

// cuts returns where in the original text the beginning of the form is that is cut off: before "…", or
// at the end.
func (t unescaped) cuts(form string) []place {
	var found []place
	i := 0
	for range mostCuts {
		next := strings.Index(t.text[i:], "…")
		if next < 0 {
			break
		}
		found = append(found, t.cutOff(i+next, form, 3)...)
		i += next + len("…")
	}
	return append(found, t.cutOff(len(t.text), form, leastLength)...)
}

// mostCuts is how many places a text is expected to be cut at. An error has no more.
const mostCuts = 20

// cutOff returns the beginning of the form, of at least that many bytes, that ends there.
func (t unescaped) cutOff(end int, form string, least int) []place {
	for n := min(len(form)-1, end); n >= least; n-- {
		if strings.HasSuffix(t.text[:end], form[:n]) {
			return []place{{t.original(end - n), t.original(end)}}
		}
	}
	return nil
}

// escapes are the characters with which the escapes of URLs, HTML, and JSON and Go begin.
var escapes = []byte{'%', '&', '\\'}

// layers returns the text, and what it is without each kind of escapes in turn, that many times. A
// secret may itself look like an escape of another kind.
func (t unescaped) layers(times int) []unescaped {
	all := []unescaped{t}
	for _, kind := range escapes {
		if times == 0 || strings.IndexByte(t.text, kind) < 0 {
			continue
		}
		if next := t.without(kind); next.text != t.text {
			all = append(all, next.layers(times-1)...)
		}
	}
	return all
}

// without takes the text out of one layer of escapes that begin with that character.
func (t unescaped) without(kind byte) unescaped {
	var b strings.Builder
	at := make([]int, 0, len(t.text)+1)
	for i := 0; i < len(t.text); {
		piece, size := t.text[i:i+1], 1
		if t.text[i] == kind {
			piece, size = unescape(t.text[i:])
		}
		for range len(piece) {
			at = append(at, t.original(i))
		}
		b.WriteString(piece)
		i += size
	}
	return unescaped{b.String(), append(at, t.original(len(t.text)))}
}

// unescape returns what a text begins with, and how many of its bytes stand for that.
func unescape(text string) (string, int) {
	switch text[0] {
	case '%':
		if b, is := hex(text, 1, 2); is {
			return string([]byte{byte(b & 0xff)}), 3
		}
	case '&':
		if end := strings.IndexByte(text[:min(len(text), 12)], ';'); end > 0 {
			return html.UnescapeString(text[:end+1]), end + 1
		}
	case '\\':
		return unescapeBackslash(text)
	default:
	}
	return text[:1], 1
}

// unescapeBackslash is unescape for what begins with a backslash, as in JSON and Go.
func unescapeBackslash(text string) (string, int) {
	if len(text) == 1 {
		return text, 1
	}
	switch text[1] {
	case 'u':
		high, is := hex(text, 2, 4)
		if !is {
			break
		}
		if low, is := hex(text, 8, 4); is && utf16.IsSurrogate(high) && text[6:8] == `\u` {
			return string(utf16.DecodeRune(high, low)), 12
		}
		return string(high), 6
	case 'U':
		if r, is := hex(text, 2, 8); is && utf8.ValidRune(r) {
			return string(r), 10
		}
	case 'x':
		if b, is := hex(text, 2, 2); is {
			return string([]byte{byte(b & 0xff)}), 4
		}
	}
	if strings.IndexByte(`"\/'`, text[1]) < 0 {
		return text[:1], 1
	}
	return text[1:2], 2
}

// hex returns the number that the digits of a text from a byte on are.
func hex(text string, from, digits int) (rune, bool) {
	if len(text) < from+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(text[from:from+digits], 16, 31)
	return rune(n), err == nil
}
