package capture

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// text masks the parts of a text that the rules find, and the known words.
func (m *masker) text(s string) string {
	spans := m.spans(s)
	m.sortWords()
	var b strings.Builder
	for i := 0; i < len(s); {
		end := len(s)
		if len(spans) > 0 {
			end = spans[0].start
		}
		if i == end {
			b.WriteString(spans[0].text)
			i, spans = spans[0].end, spans[1:]
		} else if word := m.wordAt(s, i, end); word != "" {
			b.WriteString(m.pseudonyms[word])
			i += len(word)
		} else {
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

// span is a part of a text and its replacement.
type span struct {
	start, end int
	text       string
}

// spans returns what the rules find in a text, in order.
func (m *masker) spans(s string) []span {
	var found []span
	for _, rule := range textRules {
		if !strings.Contains(s, rule.needs) {
			continue
		}
		for _, at := range rule.pattern.FindAllStringSubmatchIndex(s, -1) {
			if overlaps(found, at[0], at[1]) {
				continue // an earlier rule takes precedence
			}
			for g, k := range rule.kinds {
				found = m.claim(found, s, at[2*g+2], at[2*g+3], k)
			}
		}
	}
	if strings.ContainsAny(s, `="`) {
		for _, at := range pairPattern.FindAllStringSubmatchIndex(s, -1) {
			k := fieldKind(s[at[2]:at[3]])
			if k == secretText {
				k = unlearned
			}
			if k != plainText && !overlaps(found, at[0], at[1]) {
				found = m.claim(found, s, at[4], at[5], k)
			}
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	return found
}

// overlaps reports whether one of the spans overlaps a part of the text.
func overlaps(spans []span, start, end int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return start < s.end && s.start < end })
}

// claim adds a part of a text to the spans found, unless masking does not change it.
func (m *masker) claim(found []span, s string, start, end int, k kind) []span {
	if start < 0 || start == end || k == addressText && !standsAlone(s, start, end) {
		return found
	}
	text := s[start:end]
	if k == escapedText {
		text = m.escaped(text, strings.Contains(s[:start], "?"))
	} else if plain, err := url.PathUnescape(text); err == nil && k != pemText {
		text = m.masked(k, plain)
		if text == plain {
			return found
		}
	} else {
		text = m.masked(k, text)
	}
	if text == s[start:end] {
		return found
	}
	return append(found, span{start, end, text})
}

// escaped masks a percent-encoded part of a path or query, and encodes it again as the client
// would.
func (m *masker) escaped(text string, query bool) string {
	unescape, escape := url.PathUnescape, url.PathEscape
	if query {
		unescape, escape = url.QueryUnescape, url.QueryEscape
	}
	plain, err := unescape(text)
	if err != nil {
		return text
	}
	if masked := m.text(plain); masked != plain {
		return escape(masked)
	}
	return text
}

// standsAlone reports whether what looks like an address is not part of something longer, such
// as a version.
func standsAlone(s string, start, end int) bool {
	before, behind := s[:start], s[end:]
	digitDot := func(a, b string) bool { return a == "." && b != "" && b[0] >= '0' && b[0] <= '9' }
	if n := len(before); n > 0 && (endsInWord(before) || n > 1 && digitDot(before[n-1:], before[n-2:n-1])) {
		return false
	}
	return len(behind) == 0 || !beginsWithWord(behind) && !digitDot(behind[:1], behind[1:])
}

// sortWords rebuilds the index of words to look for when there are new ones.
func (m *masker) sortWords() {
	if m.sorted == len(m.pseudonyms) {
		return
	}
	m.sorted, m.byByte = len(m.pseudonyms), map[byte][]string{}
	for word := range m.pseudonyms {
		if m.within[word] || len(word) > 1 && hasLetter(word) && !m.names[word] {
			m.byByte[word[0]] = append(m.byByte[word[0]], word)
		}
	}
	for _, words := range m.byByte {
		slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	}
}

// wordAt returns the longest known word at the start of s[i:end], or "".
func (m *masker) wordAt(s string, i, end int) string {
	for _, word := range m.byByte[lowerByte(s[i])] {
		to := i + len(word)
		if to > end || lower(s[i:to]) != word {
			continue
		}
		joined := endsInWord(s[:i]) && beginsWithWord(s[i:]) || endsInWord(s[:to]) && beginsWithWord(s[to:])
		if !joined || m.within[word] {
			return word
		}
	}
	return ""
}
