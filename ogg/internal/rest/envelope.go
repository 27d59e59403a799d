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

// message is an entry of an envelope's messages. Informational ones accompany
// success.
type message struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
}

// Decode takes the response out of the envelope that every answer comes in
// ({"$schema", "links", "messages", "response"}, every release). Of these only
// response is needed. Its failures are *BodyError.
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
	if err := json.Unmarshal(body, &envelope, wire.Lenient); err != nil {
		return none, &BodyError{URL: url, Got: whatCame(err), Err: err}
	}
	if envelope.Response == nil {
		return none, &BodyError{URL: url, Got: "an envelope without a response" + quotedMessage(body), Err: ErrNoResponse}
	}
	return *envelope.Response, nil
}

// whatCame says in words what kind of body made json.Unmarshal fail.
func whatCame(err error) string {
	value, isValue := errors.AsType[*json.SemanticError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "JSON that is cut off"
	case isA[*jsontext.SyntacticError](err):
		return "a body that is not JSON"
	case isValue && (value.Err == nil || errors.Is(err, wire.ErrType)):
		return "JSON of another type"
	default:
		return "JSON with an unreadable value"
	}
}

// newAPIError makes the error of an answer with a status other than 2xx. The
// body is optional: $schema and response are missing in recorded errors, and
// NGINX answers with HTML.
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

// worst returns the first message of severity ERROR in the envelope, else the first
// message, else an empty one, and whether there is an envelope at all.
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

// quotedMessage returns ` (OGG-25166 "…")` for the message in the envelope that
// counts, or "".
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

// IsNotFound reports whether err is the answer of a service that does not have what
// was asked: 404. Before a proxy that is also the answer for an unknown
// deployment.
func IsNotFound(err error) bool { return HasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether err says that the user may not read what was
// asked: 403.
func IsForbidden(err error) bool { return HasStatus(err, http.StatusForbidden) }

// IsRejection reports whether err says that the user was refused: 401 or 403.
func IsRejection(err error) bool {
	return HasStatus(err, http.StatusUnauthorized, http.StatusForbidden)
}
