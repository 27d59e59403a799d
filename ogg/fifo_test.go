//go:build unix

package ogg_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestPasswordInPipe: a password that never comes costs its own Service Manager its time, and
// nothing else; when it is there, the next poll has it.
func TestPasswordInPipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "password")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	_, sm := simulate(t, north(oggtest.Release26ai))
	other := newClient(t, sm)
	sm.Timeout = 200 * time.Millisecond
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: oggtest.DefaultUser, PasswordFile: pipe}
	c := newClient(t, sm)
	for range 2 {
		if inst := c.Poll(t.Context()); inst.Err == nil {
			t.Error("read without a password")
		}
		poll(t, other)
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(oggtest.DefaultPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	// Without O_NONBLOCK it would wait if nobody reads.
	writer, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err == nil {
		defer func() { _ = writer.Close() }()
	}
	if err := os.Rename(file, pipe); err != nil {
		t.Fatal(err)
	}
	if writer != nil {
		if _, err := writer.WriteString(oggtest.DefaultPassword); err != nil {
			t.Fatal(err)
		}
		_ = writer.Close()
	}
	for c.Poll(t.Context()).Err != nil { // as long as the machine is too slow for the timeout
		if t.Context().Err() != nil {
			return
		}
	}
}
