package oci

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// APIError is an answer of OCI with a status other than 2xx.
type APIError struct {
	// StatusCode is the HTTP status, such as 404.
	StatusCode int
	// Code and Message are OCI's own, such as NotAuthorizedOrNotFound; empty if the answer did not
	// come from OCI.
	Code, Message string
	// RequestID is the opc-request-id, with which Oracle Support can find the request.
	RequestID string
	// Path is the route that was requested, with placeholders such as {deploymentId}.
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

// maxSkew is the clock skew that OCI tolerates.
const maxSkew = 5 * time.Minute

// SkewError is a request that OCI rejected because the clocks differ too much.
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
	return fmt.Sprintf("clock skew: this machine's clock is %s %s OCI's, which rejects requests that are off by more than %s: %v",
		e.Skew.Abs(), way, maxSkew, e.Err)
}

// Unwrap returns what OCI answered.
func (e *SkewError) Unwrap() error { return e.Err }

// explain turns an error of the SDK, which is a page long, into a single line.
func (s *session) explain(ctx context.Context, path string, err error) error {
	if err == nil {
		return nil
	}
	failure, is := common.IsServiceError(err)
	late := context.Cause(ctx)
	if late == nil && errors.Is(err, context.DeadlineExceeded) {
		late = context.DeadlineExceeded // of the one request
	}
	switch {
	case !is && late != nil:
		return fmt.Errorf("GET %s: no answer in time: %w", path, late)
	case !is:
		return fmt.Errorf("GET %s: %w", path, wire.Retold(err, wire.OneLine(err.Error())))
	}
	e := &APIError{
		StatusCode: failure.GetHTTPStatusCode(), Code: wire.OneLine(failure.GetCode()), Message: wire.OneLine(failure.GetMessage()),
		RequestID: wire.OneLine(failure.GetOpcRequestID()), Path: path,
	}
	if e.Code == "BadErrorResponse" { // the SDK's code for a body that is not OCI's; its message quotes the body in full
		e.Code, e.Message = "", ""
	}
	if skew, _ := s.traffic.seen(); e.StatusCode == http.StatusUnauthorized && skew != nil && skew.Abs() > maxSkew {
		return &SkewError{*skew, e}
	}
	return e
}
