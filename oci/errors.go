package oci

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// APIError is an answer of OCI with a status other than 2xx.
type APIError struct {
	// StatusCode is the HTTP status, such as 404.
	StatusCode int
	// Code and Message are OCI's own, such as NotAuthorizedOrNotFound; empty where what answered
	// was not OCI.
	Code, Message string
	// RequestID is the opc-request-id, by which Oracle's support finds the request.
	RequestID string
	// Path is what was asked.
	Path string
}

func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s: %d %s", e.Path, e.StatusCode, http.StatusText(e.StatusCode))
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s %q", e.Code, e.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (opc-request-id %s)", e.RequestID)
	}
	return b.String()
}

// maxSkew is by how much OCI lets the clocks differ.
const maxSkew = 5 * time.Minute

// SkewError is a request that OCI refused because the clocks of the two differ.
type SkewError struct {
	// Skew is by how much OCI's clock is ahead.
	Skew time.Duration
	// Err is what OCI answered.
	Err error
}

func (e *SkewError) Error() string {
	way := "behind"
	if e.Skew < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("clock skew: the clock of this machine is %s %s that of OCI, which refuses requests from %s on: %v",
		e.Skew.Abs(), way, maxSkew, e.Err)
}

// Unwrap returns what OCI answered.
func (e *SkewError) Unwrap() error { return e.Err }

// explain turns an error of the SDK, which fills a page, into one of a line.
func (s *session) explain(ctx context.Context, path string, err error) error {
	if err == nil {
		return nil
	}
	failure, is := common.IsServiceError(err)
	switch {
	case !is && ctx.Err() != nil:
		return fmt.Errorf("GET %s: no answer in time: %w", path, context.Cause(ctx))
	case !is:
		return fmt.Errorf("GET %s: %w", path, err)
	}
	e := &APIError{
		StatusCode: failure.GetHTTPStatusCode(), Code: oneLine(failure.GetCode()), Message: oneLine(failure.GetMessage()),
		RequestID: oneLine(failure.GetOpcRequestID()), Path: path,
	}
	if e.Code == "BadErrorResponse" { // the SDK's word for a body that is not OCI's, which it quotes whole
		e.Code, e.Message = "", ""
	}
	if skew, _ := s.wire.told(); e.StatusCode == http.StatusUnauthorized && skew != nil && skew.Abs() > maxSkew {
		return &SkewError{*skew, e}
	}
	return e
}

// maxText is how many bytes of a text of OCI's are kept.
const maxText = 300

// oneLine returns a text that is fit for a line of the log.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// summarize makes one error of those in errs that are not nil: how many of what failed, and the
// first one. It is nil when there is none.
func summarize(errs []error, of string) error {
	failed := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	switch {
	case len(failed) == 0:
		return nil
	case len(errs) == 1:
		return failed[0]
	default:
		return fmt.Errorf("%d of %d %s: %w", len(failed), len(errs), of, failed[0])
	}
}

// joined is errors.Join on one line.
func joined(errs ...error) error {
	failed := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	default:
		return fmt.Errorf("%w; %w", failed[0], joined(failed[1:]...))
	}
}
