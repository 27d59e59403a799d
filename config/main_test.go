package config_test

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // there is little to keep, and much to do
	os.Exit(m.Run())
}
