package capture

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textRules split a text into parts. At each position the first rule that matches masks what it
// matches; what none matches is punctuation or white space, and stays. Repetitions are bounded, so
// that no text takes more time than its length warrants.
func textRules() []textRule {
	return []textRule{
		{regexp.MustCompile(`\A(-----BEGIN [A-Z0-9 ]{1,40}-----(?s:.*?)(?:-----END [A-Z0-9 ]{1,40}-----|\z))`), (*masker).pem},
		{regexp.MustCompile(`\A([0-9A-Fa-f]{0,4}(?:(?::[0-9A-Fa-f]{0,4}){3,40}|::[0-9A-Fa-f]{0,4})(?:\.\d{1,3}){0,3})`), (*masker).address},
		// What GoldenGate and Oracle's databases call their errors, times, and versions of more than four parts.
		{regexp.MustCompile(`\A((?:OGG|ORA|TNS)-\d{1,5}\b|` + timestampForm + `\b|\d{1,6}:[0-5]\d:[0-5]\d(?:\.\d{1,9})?\b|(?:1[1-9]|2\d)(?:\.\d{1,2}){4,5}\b)`), (*masker).same},
		// Words may be passwords, too, where a text says that one follows.
		{regexp.MustCompile(`\A([\w$-]{0,60}(?i:pass|pwd|pin|secret|token|key|auth|cred|user|login|alias|bearer|basic|cookie|sig)[\w-]{0,60}["']?\s{0,9}[:=]\s{0,9}["']?)([^\s"',;&)}\]<>]+)`), (*masker).assigned},
		{regexp.MustCompile(`\A((?i)identified\s{1,9}by\s{1,9}(?:values\s{1,9})?["']?)([^\s"';]+)`), (*masker).assigned},
		{regexp.MustCompile(`\A([\w$#.-]{1,128}/)([^\s/@"']{1,128})@`), (*masker).login},
		{regexp.MustCompile(`\A(://)([^\s/?#"'<>\\]*)`), (*masker).authority},
		{regexp.MustCompile(`\A(\d{1,3}(?:\.\d{1,3}){3})\b`), (*masker).address},
		{regexp.MustCompile(`\A([^` + separators + `]{0,200}%[0-9A-Fa-f]{2}[^` + separators + `]*)`), (*masker).escaped},
		// A telephone number, a card, a date: none of their parts stays.
		{regexp.MustCompile(`\A(\d+(?:[ .+-]\d+){2,})`), (*masker).replaced},
		{regexp.MustCompile(`\A([^` + separators + `]+)`), (*masker).word},
	}
}

// Masked returns a text of GoldenGate's as it would be in a capture that has nothing else: words that
// may be names or secrets are replaced. Secrets of the login that are among GoldenGate's own words are
// the caller's to replace.
func Masked(text string) string { return newMasker(nil, nil).text(text) }

// separators are what stands between words, for a class of a regular expression. Names keep
// them, so that a name that is part of a path or of another name is masked alike in both.
const separators = `\x00-\x20\x7f"'(){}\[\]<>,;:/.=?&@\\|+`

// textRule masks what a pattern matches, given its groups.
type textRule struct {
	pattern *regexp.Regexp
	mask    func(*masker, ...string) string
}

// text masks a text.
func (m *masker) text(s string) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		matched, masked := m.part(rest)
		b.WriteString(masked)
		rest = rest[matched:]
	}
	return b.String()
}

// part returns the length of the first part of a text, and what replaces it.
func (m *masker) part(s string) (int, string) {
	if strings.IndexByte("\t\n\r \"'(){}[]<>,;/.=?&@\\|+", s[0]) >= 0 {
		return 1, s[:1] // no rule begins with it
	}
	for _, rule := range m.rules {
		if groups := rule.pattern.FindStringSubmatch(s); groups != nil {
			return len(groups[0]), rule.mask(m, groups[1:]...)
		}
	}
	return 1, s[:1]
}

func (m *masker) pem(groups ...string) string { return m.certificates.replace(groups[0]) }

func (m *masker) same(groups ...string) string { return groups[0] }

// word masks a word unless it may stay.
func (m *masker) word(groups ...string) string {
	if m.keeps(groups[0]) {
		return groups[0]
	}
	return m.pseudonym(groups[0])
}

// words masks the words of a text.
func (m *masker) words(text string) string {
	return wordPattern.ReplaceAllStringFunc(text, func(word string) string { return m.word(word) })
}

// shortPattern matches numbers of up to three digits, with a unit.
var shortPattern = regexp.MustCompile(`^[-+]?\d{1,3}(?:%|[kKMGT]i?B|[mun]?s|[mhd])?$`)

// keeps reports whether a word may stay. Words of two characters identify nothing, and trails have
// such names.
func (m *masker) keeps(word string) bool {
	key := strings.ToLower(word)
	switch {
	case m.known.api[key], shortPattern.MatchString(word):
		return true
	case !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return len(word) <= 3
	default:
		return utf8.RuneCountInString(word) <= 2 || m.known.words[key] && !m.configured[key]
	}
}

// replaced replaces a text as a whole.
func (m *masker) replaced(groups ...string) string { return m.pseudonym(groups[0]) }

// assigned masks the value of a name, whatever it is.
func (m *masker) assigned(groups ...string) string {
	return m.words(groups[0]) + m.pseudonym(groups[1])
}

// login masks user/password@.
func (m *masker) login(groups ...string) string {
	return m.words(groups[0]) + m.pseudonym(groups[1]) + "@"
}

// authority masks what follows the scheme of a URL, except for the port.
func (m *masker) authority(groups ...string) string {
	host, login := groups[1], ""
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		login, host = m.pseudonym(host[:at])+"@", host[at+1:]
	}
	port := portPattern.FindString(host)
	return groups[0] + login + m.text(strings.TrimSuffix(host, port)) + port
}

var portPattern = regexp.MustCompile(`:\d{1,5}$`)

// address masks what looks like an IP or a hardware address. Loopback and unspecified addresses
// stay.
func (m *masker) address(groups ...string) string {
	ip, err := netip.ParseAddr(groups[0])
	if err == nil && (ip.IsLoopback() || ip.IsUnspecified()) || strings.Trim(groups[0], ":") == "" {
		return groups[0]
	}
	return m.pseudonym(groups[0])
}

// escaped masks a percent-encoded part of a text, and encodes it again. What is encoded over and
// over is replaced as a whole.
func (m *masker) escaped(groups ...string) string {
	plain := groups[0]
	for n := 0; escapePattern.MatchString(plain); n++ {
		decoded, err := url.PathUnescape(plain)
		if err != nil || n == 4 {
			return m.pseudonym(groups[0])
		}
		plain = decoded
	}
	if masked := m.text(plain); masked != plain {
		return url.QueryEscape(masked)
	}
	return groups[0]
}

var (
	escapePattern = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	numberPattern = regexp.MustCompile(`\A\d{1,20}\z`)
)

// path masks the names in a request and encodes them again as the client would.
func (m *masker) path(request string) string {
	route, query, asks := strings.Cut(request, "?")
	segments := strings.Split(route, "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segments[i] = url.PathEscape(m.text(plain))
		} else {
			segments[i] = m.text(segment)
		}
	}
	masked := strings.Join(segments, "/")
	if !asks {
		return masked
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if (name == "fromID" || name == "limit") && numberPattern.MatchString(value) {
			// The number of a message, which stays in responses, too, and a bound of the client: a replay is asked for the same.
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			value = plain
		}
		pairs[i] = m.text(name) + "=" + url.QueryEscape(m.text(value))
	}
	return masked + "?" + strings.Join(pairs, "&")
}
