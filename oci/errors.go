package oci

import (
	"context"
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
		StatusCode: failure.GetHTTPStatusCode(), Code: wire.OneLine(failure.GetCode()), Message: wire.OneLine(failure.GetMessage()),
		RequestID: wire.OneLine(failure.GetOpcRequestID()), Path: path,
	}
	if e.Code == "BadErrorResponse" { // the SDK's word for a body that is not OCI's, which it quotes whole
		e.Code, e.Message = "", ""
	}
	if skew, _ := s.traffic.told(); e.StatusCode == http.StatusUnauthorized && skew != nil && skew.Abs() > maxSkew {
		return &SkewError{*skew, e}
	}
	return e
}
