package rest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// APIError is an answer of GoldenGate, or of a proxy in front of it, with a status other
// than 2xx. Code, Title and Severity come from the first error among the answer's messages,
// and are empty if the body has none. Title may also be the text of another body.
type APIError struct {
	// StatusCode is the HTTP status, such as 404.
	StatusCode int
	// Code is GoldenGate's code, such as OGG-12031.
	Code string
	// Title is the text of the message, the title of an HTML page, or the beginning of
	// another text.
	Title string
	// Severity is INFO, WARNING or ERROR.
	Severity string
	// URL is the requested one, without user and password.
	URL string
	// Proxy is the host and port of the forward proxy that answered in place of GoldenGate; ""
	// if GoldenGate did.
	Proxy string

	more       []string // the other errors among the messages
	retryAfter string   // the header
}

func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s: ", e.URL)
	switch {
	case e.StatusCode == http.StatusProxyAuthRequired && e.Proxy != "":
		fmt.Fprintf(&b, "proxy %s rejected its user: ", e.Proxy)
	case e.Proxy != "":
		fmt.Fprintf(&b, "proxy %s did not connect: ", e.Proxy)
	}
	fmt.Fprintf(&b, "%d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s", e.Code)
	}
	if e.Title != "" {
		fmt.Fprintf(&b, " %q", e.Title)
	}
	for _, more := range e.more {
		fmt.Fprintf(&b, "; %s", more)
	}
	return b.String()
}

// BodyError is an answer with a status of 2xx whose body is not what the route returns: HTML
// from a proxy, truncated, of the wrong type, too large, or an envelope without a response.
type BodyError struct {
	// URL is the requested one, without user and password.
	URL string
	// Got describes the body.
	Got string
	// HTML is true for an HTML page.
	HTML bool
	// Err is the error of the decoder or the connection, if any.
	Err error

	broken bool // the connection failed
}

func (e *BodyError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("GET %s: got %s: %v", e.URL, e.Got, e.Err)
	}
	return fmt.Sprintf("GET %s: got %s", e.URL, e.Got)
}

// Unwrap returns the error of the decoder or the connection.
func (e *BodyError) Unwrap() error { return e.Err }

// ErrNoResponse is the cause of a *BodyError for an envelope without a response.
var ErrNoResponse = errors.New("no data returned")

// RedirectError is a redirect that was not followed because it leads to another host, away
// from TLS or out of the configured path: credentials are sent only to the configured URL.
type RedirectError struct {
	// From and To are the scheme and host of the two URLs, and where those are the same the
	// configured path and the path of the redirect.
	From, To string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("redirect from %s to %s refused: credentials go to the configured URL only", e.From, e.To)
}

// ServiceError is the error of a request to a service, whose name its text lacks.
type ServiceError struct {
	// Microservice is the name of the service.
	Microservice string

	err error
}

func (e *ServiceError) Error() string { return e.err.Error() }

// Unwrap returns the error of the request.
func (e *ServiceError) Unwrap() error { return e.err }

// isA reports whether err is, or wraps, an error of the type.
func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

// HasStatus reports whether err is an answer, and not one of a forward proxy, with one of the
// statuses.
func HasStatus(err error, statuses ...int) bool {
	api, is := errors.AsType[*APIError](err)
	return is && api.Proxy == "" && slices.Contains(statuses, api.StatusCode)
}

// isProxyRejection reports whether err says that the forward proxy rejected its user.
func isProxyRejection(err error) bool {
	api, is := errors.AsType[*APIError](err)
	return is && api.Proxy != "" && api.StatusCode == http.StatusProxyAuthRequired
}

// errUnfinished stands for the outcome of a request while it is under way.
var errUnfinished = errors.New("the request did not end")

// HasCode reports whether err is an answer with GoldenGate's code, such as OGG-12031.
func HasCode(err error, code string) bool {
	api, is := errors.AsType[*APIError](err)
	return is && api.Code == code
}

// isConnectionError reports whether the request failed before there was an answer.
func isConnectionError(err error) bool {
	return err != nil && !isA[*APIError](err) && !isA[*BodyError](err) && !IsOdd(err)
}

// IsOdd reports whether err is about odd members only, beside an answer of use.
func IsOdd(err error) bool { return isA[*wire.OddError](err) }
