package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/files/filestest"
	"github.com/ogg-exporter/ogg_exporter/source/sourcetest"
)

const (
	goodText  = "service_managers: [{url: 'http://gg:7809'}]\n"
	otherText = "service_managers: [{url: 'http://gg:7810'}]\n"
)

// watched is a configuration file in a test.
type watched struct {
	*file
	t *testing.T
}

// newWatched returns a file that has been loaded with this text.
func newWatched(t *testing.T, text string) watched {
	w := watched{&file{path: filepath.Join(t.TempDir(), "ogg_exporter.yml")}, t}
	w.text(text)
	_, _ = w.load()
	return w
}

// text replaces the text.
func (w watched) text(text string) {
	w.t.Helper()
	must(w.t, os.WriteFile(w.path, []byte(text), 0o600))
}

// looks checks once for each of wants.
func (w watched) looks(wants ...bool) {
	w.t.Helper()
	for i, want := range wants {
		if got := w.changed(); got != want {
			w.t.Errorf("check %d: changed is %t", i+1, got)
		}
	}
}

// loads loads, and expects that to succeed or not.
func (w watched) loads(want bool) {
	w.t.Helper()
	if _, err := w.load(); (err == nil) != want {
		w.t.Errorf("the load ends with: %v", err)
	}
}

// TestChanged: a change is reported until the file is loaded, and not after that.
func TestChanged(t *testing.T) {
	for name, replace := range sourcetest.Replacements {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t, goodText)
			w.looks(false, false)
			for _, text := range []string{otherText, goodText} {
				replace(t, w.path, text)
				w.looks(true, true)
				w.loads(true)
				w.looks(false, false)
			}
		})
	}
}

// TestChangedBroken: an invalid text is reported once, and so is each that follows it.
func TestChangedBroken(t *testing.T) {
	w := newWatched(t, goodText)
	for _, text := range []string{"colour: red\n", "colour: blue\n"} {
		w.text(text)
		w.looks(true)
		w.loads(false)
		w.looks(false, false)
	}
	w.text(goodText)
	w.looks(true)
	w.loads(true)
	w.looks(false, false)
}

// TestChangedAbsent: that a file is missing or empty counts from the second check on,
// and is then reported once.
func TestChangedAbsent(t *testing.T) {
	for name, vanish := range map[string]func(path string) error{
		"removed": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t, goodText)
			must(t, vanish(w.path))
			w.looks(false)
			w.text(goodText)
			w.looks(false)
			must(t, vanish(w.path))
			w.looks(false, true)
			w.loads(false)
			w.looks(false, false)
			w.text(goodText)
			w.looks(true)
			w.loads(true)
			w.looks(false)
		})
	}
}

// TestChangedLater: a text that failed because of a missing file is reported again once
// the file exists.
func TestChangedLater(t *testing.T) {
	w := newWatched(t, goodText)
	w.text("service_managers: [{url: 'http://gg:7809', basic_auth: {username: u, password_file: late}}]\n")
	w.looks(true)
	w.loads(false)
	w.looks(false, false)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(w.path), "late"), []byte("hunter2"), 0o600))
	w.looks(true)
	w.loads(true)
	w.looks(false)
}

// TestChangedWhileLoading: a file that is replaced while it is loaded is not missed.
func TestChangedWhileLoading(t *testing.T) {
	w := newWatched(t, "service_managers: [{url: '${GG}'}]\n")
	w.options = config.Options{ExpandEnv: true, LookupEnv: func(string) (string, bool) {
		w.text(otherText) // the text before it has been read
		return "http://gg:7809", true
	}}
	w.loads(true)
	w.looks(true)
}

// TestPipe: a configuration that can be read only once is an error, once.
func TestPipe(t *testing.T) {
	reader, writer, err := os.Pipe()
	must(t, err)
	defer func() { _ = reader.Close() }()
	_, err = writer.WriteString(goodText)
	must(t, err)
	must(t, writer.Close())
	path := filepath.Join("/dev/fd", fmt.Sprint(reader.Fd()))
	if _, err := os.Stat(path); err != nil {
		t.Skip("LEFT OUT: there is no /dev/fd here")
	}
	w := watched{&file{path: path}, t}
	w.loads(false)
	w.looks(false, false)
}

// TestChangedHostile: whatever takes the file's place is one error at once, and once only.
func TestChangedHostile(t *testing.T) {
	for name, hostile := range filestest.Hostile(t) {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t, goodText)
			must(t, os.Remove(w.path))
			must(t, os.Symlink(hostile.Name, w.path))
			w.looks(false, true)
			if _, err := w.load(); err == nil || !strings.Contains(err.Error(), w.path+": cannot be read: "+hostile.Problem) {
				t.Errorf("the load ends with: %v", err)
			}
			w.looks(false, false)
			must(t, os.Remove(w.path))
			w.text(otherText)
			w.looks(true)
			w.loads(true)
		})
	}
}
