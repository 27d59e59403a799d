package oci

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestIsSame checks that a failure beside one that persists is news, and a new request ID is not.
func TestIsSame(t *testing.T) {
	t.Parallel()
	summary := func(texts ...string) error {
		errs := make([]error, 5)
		for i, text := range texts {
			errs[i] = errors.New(text)
		}
		return wire.Summarize(errs, "deployments")
	}
	old := summary("GET /a: 404 (opc-request-id A1)", "b1 is odd")
	for _, c := range []struct {
		err  error
		want bool
	}{
		{summary("GET /a: 404 (opc-request-id B2)", "b1 is odd"), true},
		{summary("b1 is odd"), true},
		{summary("GET /a: 404 (opc-request-id B2)", "b2 is odd"), false},
		{summary("GET /a: 404 (opc-request-id B2)", "b1 is odd", "GET /c: broke off"), false},
	} {
		if got := isSame(old, c.err); got != c.want {
			t.Errorf("%v: got %v", c.err, got)
		}
	}
}

// TestReportChanges: a failure says how often it changed only if that was more than once.
func TestReportChanges(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	now := time.Unix(0, 0)
	c := &Client{log: slog.New(slog.NewTextHandler(&log, nil)), failing: wire.NewFailing[string](isSame, func() time.Time { return now })}
	fail := func(text string) { c.report(&Inventory{Reads: []Read{{Part: PartDeployments, Err: errors.New(text)}}}) }
	fail("a")
	if strings.Contains(log.String(), "changes=") {
		t.Errorf("changes in the first line: %s", &log)
	}
	fail("b")
	now = now.Add(time.Hour)
	fail("c")
	if !strings.Contains(log.String(), "changes=2") {
		t.Errorf("no changes=2: %s", &log)
	}
}
