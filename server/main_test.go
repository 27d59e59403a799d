package server_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the tests when a goroutine is left at their end.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
