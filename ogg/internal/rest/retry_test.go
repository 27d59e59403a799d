package rest

import (
	"math"
	"testing"
	"time"
)

// TestUntilRetryAfter checks each form of Retry-After, and what is none.
func TestUntilRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"2":                               2 * time.Second,
		" 2 ":                             2 * time.Second,
		"0":                               0,
		"0.25":                            250 * time.Millisecond,
		"1.":                              time.Second,
		"Sun, 01 Mar 2026 12:00:03 GMT":   3 * time.Second,
		"Sunday, 01-Mar-26 12:00:03 GMT":  3 * time.Second,
		"Sun Mar  1 12:00:03 2026":        3 * time.Second,
		"Sun, 01 Mar 2026 11:59:57 GMT":   0,
		"":                                0,
		"-5":                              0,
		"soon":                            0,
		"NaN":                             0,
		"Inf":                             0,
		".":                               0,
		"1.2.3":                           0,
		"0x10":                            0,
		"99999999999":                     math.MaxInt32 * time.Second,
		"999999999999999999999999999.999": math.MaxInt32 * time.Second,
	} {
		if got := untilRetryAfter(header, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}
