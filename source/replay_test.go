package source

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplay: one capture alone can be replayed, and others get the names of their
// folders where they have none of their own. The selection is that of the capture.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	answer := `{"deployment":"ServiceManager","microservice":"ServiceManager","path":"/deployments","status":200,"body":{}}`
	for _, name := range []string{"a", "b"} {
		write(t, filepath.Join(dir, name, "capture.json"), `{"service_manager":"host-1:9011","selection":{"exclude_paths":"X.*"}}`)
		write(t, filepath.Join(dir, name, "x.json"), answer)
	}
	for given, want := range map[string]string{dir: "host-1:9011 b", filepath.Join(dir, "b"): "host-1:9011"} {
		s, err := New(Options{Replay: given, Stdout: io.Discard})
		must(t, err)
		c, err := s.Load()
		must(t, err)
		var names []string
		for _, sm := range c.ServiceManagers {
			names = append(names, sm.Name)
			if sm.WantsPath("XY") || !sm.WantsPath("AB") {
				t.Errorf("%s: the selection is not that of the capture", sm.Name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
		s.End()
	}
}

// TestReplayFails: without a capture, or with one that is wrong, the error says why.
func TestReplayFails(t *testing.T) {
	other, wrong := t.TempDir(), t.TempDir()
	write(t, filepath.Join(other, "x"), "")
	write(t, filepath.Join(wrong, "1", "capture.json"), `{"selection":{"include_paths":"("}}`)
	write(t, filepath.Join(wrong, "1", "x.json"), `{"deployment":"a","microservice":"b","path":"/c","status":200}`)
	for dir, want := range map[string]string{other: "nothing that --capture wrote", wrong: "include_paths", filepath.Join(other, "none"): "no such file"} {
		if s, err := New(Options{Replay: dir, Stdout: io.Discard}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v and %v", want, s, err)
		}
	}
}
