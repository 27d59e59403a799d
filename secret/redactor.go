package secret

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Redacted stands for a secret in a text.
const Redacted = "<secret>"

// keptNoted is how many of the secrets that were sent last are known.
const keptNoted = 16

// Redactor replaces the secrets of one login in texts that a server sent, which may repeat them: in
// plain text, in base64 also together with something else, and escaped for URLs, JSON, HTML or Go.
// The zero value knows none. It is safe for concurrent use.
type Redactor struct {
	mu     sync.RWMutex
	added  []string
	noted  []string // the latest last
	values []string // not looked for in names
	search *search  // nil if it has to be made anew
}

// search is what to look for.
type search struct {
	texts []string // in texts, longest first
	names []string // in names
	hints [][]byte // parts of names that stay the same if not all characters are escaped
}

// Add adds secrets from the configuration. Empty ones are ignored.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		if secret != "" && !slices.Contains(r.added, secret) {
			r.added, r.search = append(r.added, secret), nil
		}
	}
}

// AddValues adds what the configuration does not declare to be secret, but may be. It is not looked
// for in names.
func (r *Redactor) AddValues(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values, r.search = append(r.values, values...), nil
}

// Note adds a secret that is about to be sent, and may replace an earlier one, which is known for
// some time yet.
func (r *Redactor) Note(secret string) {
	if secret == "" || r.knows(secret) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noted, r.search = append(r.noted, secret), nil
	r.noted = r.noted[max(0, len(r.noted)-keptNoted):]
}

// NoteLogin is Note for a password, alone and with its user.
func (r *Redactor) NoteLogin(user, password string) {
	if password != "" && !r.knows(password) {
		r.Note(password)
		r.Note(user + ":" + password)
	}
}

func (r *Redactor) knows(secret string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Contains(r.added, secret) || slices.Contains(r.noted, secret)
}

// searched returns what to look for.
func (r *Redactor) searched() *search {
	r.mu.RLock()
	found := r.search
	r.mu.RUnlock()
	if found != nil {
		return found
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.search = &search{}
	for _, secret := range slices.Concat(r.added, r.noted, r.values) {
		r.search.texts = append(r.search.texts, formsOf(secret)...)
	}
	slices.SortFunc(r.search.texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	r.search.texts = slices.Compact(r.search.texts)
	for _, secret := range slices.Concat(r.added, r.noted) {
		r.search.addName(secret)
	}
	if len(r.search.texts) > 0 {
		for _, hint := range []string{"cnonce", "Y25vbmNl", "bm9uY2U9", "b25jZT0i"} { // of digest authentication, also in base64
			r.search.hints = append(r.search.hints, []byte(hint))
		}
	}
	return r.search
}

// addName adds what to look for in names, unless it may be the name of something: a word in lower
// or in upper case, or a number.
func (s *search) addName(secret string) {
	isKnown := slices.ContainsFunc(s.names, func(known string) bool { return strings.Contains(secret, known) })
	if len(secret) < leastLength || isWord(secret) || isKnown {
		return
	}
	forms := formsOf(secret)
	s.names = append(s.names, forms...)
	for _, form := range forms {
		hint := []byte(plainest(form))
		if !slices.ContainsFunc(s.hints, func(known []byte) bool { return bytes.Contains(hint, known) }) {
			s.hints = append(s.hints, hint)
		}
	}
}

// plainest returns the longest part of a text that no escaping changes.
func plainest(text string) string {
	isEscaped := func(r rune) bool {
		return r > 'z' || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", r)
	}
	parts := append(strings.FieldsFunc(text, isEscaped), "")
	return slices.MaxFunc(parts, func(a, b string) int { return len(a) - len(b) })
}

// formsOf returns the forms in which a secret may be repeated, apart from escapes, in which unescape
// finds them.
func formsOf(secret string) []string {
	all := []string{secret, strings.ReplaceAll(secret, " ", "+"), strings.Join(strings.Fields(secret), " "), strings.TrimRight(secret, "=")}
	all = append(all, strings.NewReplacer("~", "~0", "/", "~1").Replace(secret)) // in a JSON pointer
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, encoding.EncodeToString([]byte(secret)))
		for before := range 3 {
			// Of base64 these characters depend on the secret alone, wherever in the encoded text it is.
			coded := encoding.EncodeToString(append(make([]byte, before), secret...))
			all = append(all, coded[(before*8+5)/6:(before+len(secret))*8/6])
		}
	}
	return slices.DeleteFunc(all, func(form string) bool { return len(form) < leastLength })
}

// Other texts that open a door: the tokens that an authorization server issues, and the response of
// digest authentication, from which a weak password could be guessed, also in base64 beside other text.
var patterns = regexp.MustCompile(`(cmVzcG9uc2U9|ZXNwb25zZT|c3BvbnNlP)[\w+/-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?|(?i:\bresponse\W{1,8}[0-9a-f]{16,128})|(?i:\bsignature\W{1,8}[\w+/=-]{40,})`)

// Redact returns the text with Redacted in place of each secret, and of the beginning of one where
// the text was cut.
func (r *Redactor) Redact(text string) string {
	marks := placesOf(text, r.searched().texts)
	if marks == nil {
		return text
	}
	slices.SortFunc(marks, func(a, b place) int { return a.begin - b.begin })
	var b strings.Builder
	end := 0
	for _, m := range marks {
		if m.begin >= end {
			b.WriteString(text[end:m.begin] + Redacted)
		}
		end = max(end, m.end)
	}
	return b.String() + text[end:]
}

// MayBeIn reports, fast, whether a document may have a text in it for which IsIn is true.
func (r *Redactor) MayBeIn(document []byte) bool {
	return slices.ContainsFunc(r.searched().hints, func(hint []byte) bool { return bytes.Contains(document, hint) })
}

// IsIn reports whether a text contains a secret that could not be the name of anything, or something
// that opens a door as well.
func (r *Redactor) IsIn(text string) bool {
	for _, t := range plain(text).layers(mostEscapes) {
		if patterns.MatchString(t.text) || slices.ContainsFunc(r.searched().names, func(form string) bool { return strings.Contains(t.text, form) }) {
			return true
		}
	}
	return false
}

// HasShort reports whether a text contains a secret that is too short to be replaced, of at least 3
// bytes.
func (r *Redactor) HasShort(text string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(slices.Concat(r.added, r.noted), func(secret string) bool {
		return len(secret) >= 3 && len(secret) < leastLength && strings.Contains(text, secret)
	})
}

// isWord reports whether a text consists of letters in one case, or of digits.
func isWord(text string) bool {
	for _, class := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"} {
		if strings.Trim(text, class) == "" {
			return true
		}
	}
	return false
}

// mostEscapes is how many times a text may have been escaped.
const mostEscapes = 3

// placesOf returns where the text has one of the forms, or the beginning of one that is cut off, or
// something that opens a door as well.
func placesOf(text string, forms []string) []place {
	var found []place
	for _, t := range plain(text).layers(mostEscapes) {
		for _, form := range forms {
			found = append(append(found, t.places(form)...), t.cuts(form)...)
		}
		for _, at := range patterns.FindAllStringIndex(t.text, -1) {
			found = append(found, place{t.original(at[0]), t.original(at[1])})
		}
	}
	return found
}
