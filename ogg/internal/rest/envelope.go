package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// message is an entry of an envelope's messages. Successful answers may have informational
// ones.
type message struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
}

// Decode returns the response from the envelope of an answer ({"$schema", "links",
// "messages", "response"}, all releases), of which it needs no other member. Its errors are
// *BodyError and, beside a response that lacks the members in question, *wire.OddError.
func Decode[T any](url string, body []byte) (T, error) {
	var none T
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return none, &BodyError{URL: url, Got: "an empty body"}
	}
	if body[0] == '<' {
		return none, &BodyError{URL: url, HTML: true, Got: "an HTML page" + quotedTitle(body)}
	}
	var envelope struct {
		Response *T `json:"response"`
	}
	odd, err := wire.Unmarshal(body, &envelope)
	switch {
	case err != nil:
		return none, &BodyError{URL: url, Got: describe(err), Err: err}
	case len(odd) > 0 && (odd[0].Path == "" || odd[0].Path == "/response"):
		return none, &BodyError{URL: url, Got: "JSON of the wrong type", Err: wire.ErrType}
	case envelope.Response == nil:
		return none, &BodyError{URL: url, Got: "an envelope without a response" + quotedMessage(body), Err: ErrNoResponse}
	case len(odd) > 0:
		return *envelope.Response, &wire.OddError{URL: url, Odd: odd}
	}
	return *envelope.Response, nil
}

// describe describes a body that json.Unmarshal rejected with err.
func describe(err error) string {
	value, isValue := errors.AsType[*json.SemanticError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "truncated JSON"
	case isA[*jsontext.SyntacticError](err):
		return "a body that is not JSON"
	case isValue && (value.Err == nil || errors.Is(err, wire.ErrType)):
		return "JSON of the wrong type"
	default:
		return "JSON with an unreadable value"
	}
}

// newAPIError returns the error of an answer with a status other than 2xx. The body may be
// anything: recorded errors lack $schema and response, and NGINX sends HTML.
func newAPIError(status int, url string, body []byte) *APIError {
	e := &APIError{StatusCode: status, URL: url}
	m, ok := worst(body)
	if !ok {
		e.Title = htmlTitle(body)
		return e
	}
	e.Code, e.Title, e.Severity = m.Code, m.Title, m.Severity
	return e
}

// worst returns the first message of severity ERROR in the envelope, otherwise the first
// message, otherwise an empty one, and whether the body is an envelope.
func worst(body []byte) (message, bool) {
	var envelope struct {
		Messages jsontext.Value `json:"messages"`
	}
	if json.Unmarshal(body, &envelope, wire.Lenient) != nil {
		return message{}, false
	}
	var messages []message
	if json.Unmarshal(envelope.Messages, &messages, wire.Lenient) != nil || len(messages) == 0 {
		return message{}, true
	}
	for _, m := range messages {
		if m.Severity == "ERROR" {
			return m, true
		}
	}
	return messages[0], true
}

// quotedMessage returns ` (OGG-25166 "…")` for the worst message in the envelope, or "".
func quotedMessage(body []byte) string {
	m, _ := worst(body)
	if m.Code == "" && m.Title == "" {
		return ""
	}
	return " (" + strings.TrimSpace(m.Code+` "`+m.Title+`"`) + ")"
}

var titlePattern = regexp.MustCompile(`(?is)<title[^>]*>([^<]{1,200})`)

// htmlTitle returns the title of an HTML page, or "".
func htmlTitle(body []byte) string {
	if m := titlePattern.FindSubmatch(body); m != nil {
		return strings.Join(strings.Fields(string(m[1])), " ")
	}
	return ""
}

// quotedTitle returns ` ("502 Bad Gateway")`, or "".
func quotedTitle(body []byte) string {
	if title := htmlTitle(body); title != "" {
		return ` ("` + title + `")`
	}
	return ""
}

// IsNotFound reports whether err is a 404: the service does not have what was requested.
// Behind a reverse proxy that is also the answer for an unknown deployment.
func IsNotFound(err error) bool { return HasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether err is a 403: the user may not read what was requested.
func IsForbidden(err error) bool { return HasStatus(err, http.StatusForbidden) }

// IsRejection reports whether err is a 401 or 403, or a forward proxy's 407: the user was
// rejected.
func IsRejection(err error) bool {
	return HasStatus(err, http.StatusUnauthorized, http.StatusForbidden) || isProxyRejection(err)
}
