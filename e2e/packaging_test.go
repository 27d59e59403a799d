package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// TestPackagedTexts: what packages have beside the binary is what a shell or man expects.
func TestPackagedTexts(t *testing.T) {
	t.Parallel()
	exporter := buildExporter(t)
	for flag, want := range map[string]string{
		"--help-man":               ".TH ogg_exporter 1 0.",
		"--completion-script-bash": "complete -F _ogg_exporter_bash_autocomplete",
		"--completion-script-zsh":  "#compdef ogg_exporter",
		"--completion-bash":        "--config.file",
	} {
		out, err := exec.Command(exporter, flag, "--").Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: no %q: %v\n%.300s", flag, want, err, out)
		}
	}
}
