package source

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write writes a file, and makes its directory.
func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

// TestNothing: without any source, the error names all of them.
func TestNothing(t *testing.T) {
	_, err := New(Options{})
	for _, flag := range []string{"--config.file", "--ogg.url", "--demo", "--replay"} {
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s is not in: %v", flag, err)
		}
	}
}

// TestReloadOfDemo: no load restarts the simulation.
func TestReloadOfDemo(t *testing.T) {
	s, err := New(Options{Demo: true, Stdout: io.Discard})
	must(t, err)
	defer s.End()
	first, err := s.Load()
	must(t, err)
	if second, err := s.Load(); second != first || err != nil {
		t.Errorf("a second load is another demo: %v", err)
	}
	if s.Changed() {
		t.Error("it says that it has changed")
	}
}
