package main

import (
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"
)

// full is an output to which nothing can be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestUnprintable: whatever only prints something fails, and says so once, if that cannot be printed.
func TestUnprintable(t *testing.T) {
	prints := regexp.MustCompile(`\bexit\b|^Show`)
	found := 0
	for _, flag := range (&flags{}).commandLine("", io.Discard, io.Discard).Model().Flags {
		if flag.Hidden || !prints.MatchString(flag.Help) || strings.HasPrefix(flag.Name, "web.") {
			continue
		}
		found++
		t.Run(flag.Name, func(t *testing.T) {
			args, want := modeOf(t, flag), 1
			if flag.Name == "status" {
				want = 2
			}
			var stderr strings.Builder
			code := run(t.Context(), args, lookup(nil), full{}, &stderr)
			said := strings.Count(stderr.String(), "ogg_exporter: error: printing failed: no space left\n")
			if code != want || said != 1 {
				t.Errorf("exit status %d, want %d: %s", code, want, stderr.String())
			}
		})
	}
	if found < 8 {
		t.Errorf("only %d flags print something", found)
	}
}

// modeOf returns the arguments that have a flag do what it does.
func modeOf(t *testing.T, flag *kingpin.FlagModel) []string {
	t.Helper()
	if flag.Name == "capture" {
		return []string{"--demo", "--capture=" + filepath.Join(t.TempDir(), "new")}
	}
	return []string{"--demo", "--" + flag.Name}
}
