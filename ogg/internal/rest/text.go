package rest

import (
	"bytes"
	"net/http"
	"strings"
	"unicode"
)

// shownText is how much of a text an error shows, in characters.
const shownText = 200

// shortened returns the beginning of a text on one line, without control characters.
func shortened(text string) string {
	if len(text) > 16*shownText {
		text = text[:16*shownText]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text)
	shown := []rune(strings.Join(strings.Fields(text), " "))
	if len(shown) > shownText {
		return string(shown[:shownText]) + "…"
	}
	return string(shown)
}

// repeatsSecret reports whether the text contains a secret that was sent with the request:
// some servers repeat headers in their errors. Parts of a secret count, too, because the text
// may be escaped.
func repeatsSecret(request *http.Request, text []byte) bool {
	for _, secret := range secretsIn(request) {
		parts := strings.FieldsFunc(secret, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, part := range parts {
			if len(part) >= 6 && bytes.Contains(text, []byte(part)) {
				return true
			}
		}
		if len(secret) >= 3 && bytes.Contains(text, []byte(secret)) {
			return true
		}
	}
	return false
}

// secretsIn returns what may be secret in the headers of a request: all that the
// configuration adds. Of digest authentication it is the response, from which a weak password
// could be guessed.
func secretsIn(request *http.Request) []string {
	if request == nil {
		return nil
	}
	var secrets []string
	for name, values := range request.Header {
		switch name {
		case "Accept", "Accept-Encoding", "User-Agent", "Authorization":
		default:
			secrets = append(secrets, values...)
		}
	}
	authorization := request.Header.Get("Authorization")
	scheme, credentials, _ := strings.Cut(authorization, " ")
	if _, password, ok := request.BasicAuth(); ok {
		secrets = append(secrets, password)
	}
	if strings.EqualFold(scheme, "Digest") {
		_, credentials, _ = strings.Cut(credentials, `response="`)
		credentials, _, _ = strings.Cut(credentials, `"`)
	}
	return append(secrets, credentials)
}
