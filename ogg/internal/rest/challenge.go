package rest

import (
	"net/http"
	"slices"
	"strings"
)

// challenge is one way to log in that an answer offers in WWW-Authenticate.
type challenge struct {
	scheme string            // in lower case
	params map[string]string // by name in lower case
}

// challengesIn returns what the headers offer. One header may offer several schemes, and commas
// separate both schemes and their parameters (RFC 9110, section 11.6.1).
func challengesIn(headers http.Header) []challenge {
	var all []challenge
	for _, header := range headers["Www-Authenticate"] { // Values would make that of the usual spelling each time
		for _, element := range elements(header) {
			name, value, isParam := strings.Cut(element, "=")
			words := strings.Fields(name)
			if len(words) > 1 || len(words) == 1 && !isParam {
				all = append(all, challenge{strings.ToLower(words[0]), map[string]string{}})
				words = words[1:]
			}
			if len(words) > 0 && isParam && len(all) > 0 {
				all[len(all)-1].set(words[0], value)
			}
		}
	}
	return all
}

// set adds a parameter. Of several with one name the first counts.
func (c challenge) set(name, value string) {
	name = strings.ToLower(name)
	if _, is := c.params[name]; !is {
		c.params[name] = unquoted(strings.TrimSpace(value))
	}
}

// elements splits a header at the commas outside of quotes.
func elements(header string) []string {
	var all []string
	begin, inQuotes := 0, false
	for i := 0; i < len(header); i++ {
		switch c := header[i]; {
		case inQuotes && c == '\\':
			i++
		case c == '"':
			inQuotes = !inQuotes
		case c == ',' && !inQuotes:
			all, begin = append(all, header[begin:i]), i+1
		}
	}
	return append(all, header[begin:])
}

// unquoted returns the value of a parameter, which may be a quoted string.
func unquoted(value string) string {
	quoted, is := strings.CutPrefix(value, `"`)
	if !is {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(quoted) && quoted[i] != '"'; i++ {
		if quoted[i] == '\\' && i+1 < len(quoted) {
			i++
		}
		b.WriteByte(quoted[i])
	}
	return b.String()
}

// list returns the lower-case entries of a parameter that is a list.
func (c challenge) list(name string) []string {
	all := strings.FieldsFunc(strings.ToLower(c.params[name]), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	return slices.Clip(all)
}

// is reports whether a parameter is true.
func (c challenge) is(name string) bool { return strings.EqualFold(c.params[name], "true") }
