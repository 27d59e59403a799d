package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestLogger checks that no text makes a line of the log long, or another line of it.
func TestLogger(t *testing.T) {
	t.Parallel()
	hostile := "x\nlevel=error msg=\"FORGED LINE\"\r\n\x1b[31mANSI\x1b[0m\u202e\u2028 \x07\x00\xff" + strings.Repeat("é", 1<<20)
	for _, format := range []string{"logfmt", "json"} {
		var text strings.Builder
		log := newLogger("debug", format, &text).With("deployment", hostile).WithGroup("group").With("service", "adminsrvr")
		log.Warn("Reading failed: "+hostile, "err", errors.New(hostile), "text", hostile, slog.Group("more", "wait", time.Minute), "count", 3, "none", nil)
		got := text.String()
		if strings.Count(got, "\n") != 1 || len(got) > 3500 || !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\u202e\u2028\x07\x00\r") {
			t.Errorf("%s: %d bytes: %q", format, len(got), got)
		}
		for _, want := range []string{"[31mANSI", "u202e", "adminsrvr", "1m0s", "3"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %s in %q", format, want, got)
			}
		}
	}
}

// TestPrintable checks that an error stays on its lines.
func TestPrintable(t *testing.T) {
	t.Parallel()
	if got := printable(errors.New("a.yml:1: one\x1b[2J\na.yml:2: two\n")); got != "a.yml:1: one\\x1b[2J\na.yml:2: two" {
		t.Errorf("got %q", got)
	}
}
