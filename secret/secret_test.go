package secret

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"secret":               "secret",
		"secret\n":             "secret",
		"secret\r\n":           "secret",
		"\ufeffsecret\r\n":     "secret",
		"se cret \n":           "se cret ",
		"s\ufeffecret":         "s\ufeffecret",
		"pässwörd:\xe4\n":      "pässwörd:\xe4",
		"":                     "",
		"\n":                   "",
		"\ufeff":               "",
		"\ufeff\ufeffsecret\n": "\ufeffsecret",
	} {
		if got, err := Clean(text); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"secret\n\n":                          ErrControl,
		"\nsecret":                            ErrControl,
		"secret\r":                            ErrControl,
		"sec\tret":                            ErrControl,
		"sec\x00ret":                          ErrControl,
		"secret\x7f":                          ErrControl,
		"sec\u0085ret":                        ErrControl,
		"\x00\x00":                            ErrControl,
		"\xff\xfes\x00e\x00c\x00":             ErrUTF16,
		"\xfe\xff\x00s\x00e\x00c":             ErrUTF16,
		"s\x00e\x00c\x00\r\x00\n\x00":         ErrUTF16,
		"\x00s\x00e\x00c":                     ErrUTF16,
		"\xff\xfe":                            ErrUTF16,
		"\xff\xfe\xe4\x00\xac\x20s\x00e\x00":  ErrUTF16,
		strings.Repeat("a", 10) + "\x00\x01b": ErrControl,
	} {
		if got, err := Clean(text); !errors.Is(err, want) || got != "" {
			t.Errorf("%q: got %q, %v; want %v", text, got, err, want)
		}
	}
}

func TestCleanUser(t *testing.T) {
	t.Parallel()
	if got, err := CleanUser("\ufeffogg monitor\r\n"); err != nil || got != "ogg monitor" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := CleanUser("a:b\n"); !errors.Is(err, ErrColon) || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := CleanUser("a\tb"); !errors.Is(err, ErrControl) {
		t.Errorf("got %v", err)
	}
}

// FuzzClean checks that what is left of a secret can be sent, and that nothing but a mark and
// a newline was lost.
func FuzzClean(f *testing.F) {
	for _, text := range []string{"", "a", "\ufeffa\r\n", "a\n\n", "\xff\xfea\x00", "a\x00b\x00", "\x00a", "\ufeff\n", "a:b\n", "\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Clean(text)
		if err != nil {
			if got != "" || strings.Contains(text, err.Error()) {
				t.Errorf("%q: got %q beside %v", text, got, err)
			}
			return
		}
		if strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q: got %q", text, got)
		}
		whole := func(around string) bool { return strings.Replace(around, "secret", got, 1) == text }
		if !slices.ContainsFunc([]string{
			"secret", "secret\n", "secret\r\n", "\ufeffsecret", "\ufeffsecret\n", "\ufeffsecret\r\n",
		}, whole) {
			t.Errorf("%q: got %q", text, got)
		}
		if name, err := CleanUser(text); (err == nil) == strings.Contains(got, ":") || err == nil && name != got {
			t.Errorf("%q: got the user %q, %v", text, name, err)
		}
	})
}
