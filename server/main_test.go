package server_test

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the tests when a goroutine is left at their end.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // there is little to keep, and much to do
	goleak.VerifyTestMain(m)
}
