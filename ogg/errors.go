package ogg

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// APIError is an answer of GoldenGate, or of a proxy before it, with a status
// other than 2xx. Code, Title and Severity are those of the first error among
// the answer's messages and empty where the body has none.
type APIError struct {
	// StatusCode is the HTTP status, such as 404.
	StatusCode int
	// Code is GoldenGate's own, such as OGG-12031.
	Code string
	// Title is the server's sentence about it; of an HTML page, the page's title.
	Title string
	// Severity is INFO, WARNING or ERROR.
	Severity string
	// URL is what was asked, without user and password.
	URL string
}

func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s: %d %s", e.URL, e.StatusCode, http.StatusText(e.StatusCode))
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s", e.Code)
	}
	if e.Title != "" {
		fmt.Fprintf(&b, " %q", e.Title)
	}
	return b.String()
}

// BodyError is an answer with a status of 2xx whose body is not what the
// endpoint returns: HTML from a proxy, cut off, wrongly typed, too large, or an
// envelope without a response.
type BodyError struct {
	// URL is what was asked, without user and password.
	URL string
	// Got says what came instead, in words.
	Got string
	// HTML says that it was a page.
	HTML bool
	// Err is the decoder's or the connection's error; nil when there is none.
	Err error
}

func (e *BodyError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("GET %s: got %s: %v", e.URL, e.Got, e.Err)
	}
	return fmt.Sprintf("GET %s: got %s", e.URL, e.Got)
}

// Unwrap returns the decoder's or the connection's error.
func (e *BodyError) Unwrap() error { return e.Err }

// errNoResponse is the cause of a *BodyError for an envelope without a response.
var errNoResponse = errors.New("nothing to return")

// RedirectError is a redirect that was not followed, because it leads to
// another host or away from TLS: credentials go only where the configuration
// says.
type RedirectError struct {
	// From and To are the two URLs' scheme and host.
	From, To string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("redirect from %s to %s refused: credentials go to the configured host only", e.From, e.To)
}

// isA reports whether err is, or wraps, an error of the type.
func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}

// hasStatus reports whether err is an answer with one of the statuses.
func hasStatus(err error, statuses ...int) bool {
	api, is := errors.AsType[*APIError](err)
	return is && slices.Contains(statuses, api.StatusCode)
}

// joinErrors is errors.Join on one line: a log line is to stay one.
func joinErrors(errs ...error) error {
	failed := failures(errs)
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	default:
		return &joinedError{failed}
	}
}

// failures returns those of errs that are not nil.
func failures(errs []error) []error {
	var failed []error
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	return failed
}

// joinedError is several errors at once.
type joinedError struct{ errs []error }

func (e *joinedError) Error() string {
	texts := make([]string, len(e.errs))
	for i, err := range e.errs {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors that were joined.
func (e *joinedError) Unwrap() []error { return e.errs }

// summarize makes one error of those in errs that are not nil: how many of what
// failed, and the first one. It is nil when there is none.
func summarize(errs []error, of string) error {
	failed := failures(errs)
	switch {
	case len(failed) == 0:
		return nil
	case len(errs) == 1:
		return failed[0]
	default:
		return fmt.Errorf("%d of %d %s: %w", len(failed), len(errs), of, failed[0])
	}
}
