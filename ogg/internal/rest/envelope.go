package rest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/secret"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// message is an entry of an envelope's messages. Successful answers may have informational
// ones.
type message struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
}

// An answer may have fewObjects, and beyond that one for each leastObject of its bytes, but never
// more than maxObjects: an object can take a hundred times the memory of the "{}" that it is
// decoded from.
const (
	maxObjects  = 100_000
	fewObjects  = 1_000
	leastObject = 16
)

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
	if n := bytes.Count(body, []byte("{")); n > maxObjects || n > fewObjects+len(body)/leastObject {
		return none, &BodyError{URL: url, Got: fmt.Sprintf("a body of %d bytes with %d objects", len(body), n)}
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
		return none, &BodyError{URL: url, Got: "an envelope without a response" + quotedMessages(body), Err: ErrNoResponse}
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
	messages, ok := decisive(body)
	switch {
	case len(messages) > 0:
		first := messages[0]
		e.Code, e.Title, e.Severity = first.Code, first.Title, first.Severity
		e.more = quoted(messages[1:])
	case !ok:
		e.Title = cmp.Or(htmlTitle(body), wire.OneLine(string(body)))
	}
	return e
}

// refusal returns the error of an answer with a status other than 2xx, without the secrets that it
// repeats.
func refusal(answer *http.Response, url string, body []byte, secrets *secret.Redactor) *APIError {
	e := newAPIError(answer.StatusCode, url, body)
	e.hide(secrets)
	e.retryAfter = answer.Header.Get("Retry-After")
	return e
}

// decisive returns the messages of severity ERROR in the envelope, otherwise the first
// message if there is any, and whether the body is an envelope. Texts are shortened.
func decisive(body []byte) ([]message, bool) {
	var envelope struct {
		Links    jsontext.Value `json:"links"`
		Messages jsontext.Value `json:"messages"`
		Response jsontext.Value `json:"response"`
	}
	if json.Unmarshal(body, &envelope, wire.Lenient) != nil {
		return nil, false
	}
	var all, errors []message
	if json.Unmarshal(envelope.Messages, &all, wire.Lenient) != nil {
		return nil, envelope.Links != nil || envelope.Response != nil
	}
	for i, m := range all {
		all[i] = message{wire.OneLine(m.Code), wire.OneLine(m.Title), wire.OneLine(m.Severity)}
		if m.Severity == "ERROR" && !slices.Contains(errors, all[i]) {
			errors = append(errors, all[i])
		}
	}
	if errors == nil {
		return all[:min(len(all), 1)], true
	}
	return errors, true
}

// shownMessages is how many messages of an envelope an error shows.
const shownMessages = 5

// quoted returns each message in the form OGG-25166 "…", and for too many how many more.
func quoted(messages []message) []string {
	var all []string
	for i, m := range messages {
		if i == shownMessages-1 {
			return append(all, fmt.Sprintf("and %d more", len(messages)-i))
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %q", m.Code, m.Title)))
	}
	return all
}

// quotedMessages returns ` (OGG-25166 "…")` for the decisive messages in the envelope, or "".
func quotedMessages(body []byte) string {
	messages, _ := decisive(body)
	if len(messages) == 0 {
		return ""
	}
	return " (" + strings.Join(quoted(messages), "; ") + ")"
}

var titlePattern = regexp.MustCompile(`(?is)<title[^>]*>([^<]{1,1000})`)

// htmlTitle returns the title of an HTML page, or "".
func htmlTitle(body []byte) string {
	if m := titlePattern.FindSubmatch(body); m != nil {
		return wire.OneLine(string(m[1]))
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
