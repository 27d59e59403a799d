package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestFullDisk: what the library for flags prints by itself, which TestUnprintable of the program's own package cannot
// see, is a failure, too, if it cannot be written.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer func() { _ = full.Close() }()
	program := buildExporter(t)
	for _, flag := range []string{"--help-long", "--help-man", "--completion-script-bash", "--completion-script-zsh"} {
		var stderr strings.Builder
		cmd := exec.Command(program, flag)
		cmd.Stdout, cmd.Stderr = full, &stderr
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s ends with %v", flag, err)
		}
		if said := stderr.String(); !strings.HasSuffix(said, "no space left on device\n") || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: %s", flag, said)
		}
	}
}
