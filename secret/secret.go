// Package secret is about the text of a secret: what editors and shells leave around it, and
// what no header can hold. It does no I/O.
package secret

import (
	"errors"
	"strings"
	"unicode"
)

// What is wrong with a secret. None of them contains it.
var (
	ErrUTF16   = errors.New("is in UTF-16; save it as UTF-8")
	ErrControl = errors.New("contains a control character, such as a tab or another newline")
	ErrColon   = errors.New("must not contain a colon: GoldenGate would take what follows it for the password")
)

// byteOrderMark is U+FEFF, with which some editors start a file.
const byteOrderMark = "\ufeff"

// Trim returns a text without a byte order mark at its beginning and one newline (\n or \r\n)
// at its end. Spaces are part of it.
func Trim(text string) string {
	text = strings.TrimPrefix(text, byteOrderMark)
	line, is := strings.CutSuffix(text, "\n")
	if is {
		line = strings.TrimSuffix(line, "\r")
	}
	return line
}

// Clean returns a secret as it is sent: trimmed, and free of control characters. Its error is
// ErrUTF16 or ErrControl.
func Clean(text string) (string, error) {
	if IsUTF16(text) {
		return "", ErrUTF16
	}
	text = Trim(text)
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", ErrControl
	}
	return text, nil
}

// CleanUser is Clean for the user name of basic authentication, in which a colon is ErrColon.
func CleanUser(text string) (string, error) {
	name, err := Clean(text)
	if err == nil && strings.Contains(name, ":") {
		return "", ErrColon
	}
	return name, err
}

// HasMark reports whether a text begins with a byte order mark.
func HasMark(text string) bool { return strings.HasPrefix(text, byteOrderMark) }

// IsUTF16 reports whether a text is in UTF-16: it begins with the byte order mark of UTF-16,
// or every other byte is zero.
func IsUTF16(text string) bool {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return true
	}
	if text == "" || len(text)%2 != 0 {
		return false
	}
	zeros := [2]int{}
	for i := range len(text) {
		if text[i] == 0 {
			zeros[i%2]++
		}
	}
	return zeros[0]+zeros[1] == len(text)/2 && (zeros[0] == 0 || zeros[1] == 0)
}
