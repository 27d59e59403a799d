package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

const (
	goodText  = "service_managers: [{url: 'http://gg:7809'}]\n"
	otherText = "service_managers: [{url: 'http://gg:7810'}]\n"
)

// replacements are the ways in which a file gets another text.
var replacements = map[string]func(t *testing.T, path, text string){
	"renamed over": func(t *testing.T, path, text string) {
		must(t, os.WriteFile(path+"~", []byte(text), 0o600))
		must(t, os.Rename(path+"~", path))
	},
	"written over": func(t *testing.T, path, text string) {
		must(t, os.WriteFile(path, []byte(text), 0o600))
	},
	"removed and written": func(t *testing.T, path, text string) {
		must(t, os.Remove(path))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	},
	"Kubernetes": mount,
}

// mount has the text at path in the way of Kubernetes: path is a link into ..data,
// which is a link to a directory that never changes. The first time, path may be a
// file.
func mount(t *testing.T, path, text string) {
	t.Helper()
	dir := filepath.Dir(path)
	data, err := os.MkdirTemp(dir, "..")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(data, filepath.Base(path)), []byte(text), 0o600))
	must(t, os.Symlink(data, filepath.Join(dir, "..data_tmp")))
	must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "..data") {
		return
	}
	must(t, os.Remove(path))
	must(t, os.Symlink(filepath.Join("..data", filepath.Base(path)), path))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// watched is a configuration file in a test.
type watched struct {
	*configFile
	t *testing.T
}

// newWatched returns a file that was loaded with that text.
func newWatched(t *testing.T, text string) watched {
	w := watched{&configFile{path: write(t, "ogg_exporter.yml", text)}, t}
	_, _ = w.load()
	return w
}

// text replaces the text.
func (w watched) text(text string) {
	w.t.Helper()
	must(w.t, os.WriteFile(w.path, []byte(text), 0o600))
}

// looks looks once for each of wants.
func (w watched) looks(wants ...bool) {
	w.t.Helper()
	for i, want := range wants {
		if got := w.changed(); got != want {
			w.t.Errorf("look %d: changed is %t", i+1, got)
		}
	}
}

// loads loads, which succeeds or not.
func (w watched) loads(want bool) {
	w.t.Helper()
	if _, err := w.load(); (err == nil) != want {
		w.t.Errorf("the load ends with: %v", err)
	}
}

// TestChanged: a change is told until the file is loaded, and only then not.
func TestChanged(t *testing.T) {
	for name, replace := range replacements {
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

// TestChangedBroken: a broken text is told once, and so is each that follows it.
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

// TestChangedAbsent: that a file is not there, or empty, counts from the second look
// on, and is then told once.
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

// TestChangedLater: a text that fails for what it names is told again once that is
// there.
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

// TestChangedWhileLoading: a file that is replaced while it is loaded is not passed
// over.
func TestChangedWhileLoading(t *testing.T) {
	w := newWatched(t, "service_managers: [{url: '${GG}'}]\n")
	w.options = config.Options{ExpandEnv: true, LookupEnv: func(string) (string, bool) {
		w.text(otherText) // the text before it has been read
		return "http://gg:7809", true
	}}
	w.loads(true)
	w.looks(true)
}

// TestPipe: a configuration that can be read only once is not read for its fingerprint.
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
	w := watched{&configFile{path: path}, t}
	w.loads(true)
	w.looks(false, false)
}

// TestReloadOn: each hangup reloads, of the looks only those that show a change.
func TestReloadOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hangups, looks := make(chan os.Signal), make(chan time.Time)
	changes, reloads, ended := make(chan bool, 1), make(chan bool, 1), make(chan bool)
	go func() {
		reloadOn(ctx, hangups, looks, func() bool { return <-changes }, func() { reloads <- true })
		close(ended)
	}()
	hangups <- syscall.SIGHUP
	<-reloads
	changes <- true
	looks <- time.Now()
	<-reloads
	changes <- false
	looks <- time.Now()
	changes <- false
	looks <- time.Now() // the look before has ended
	cancel()
	<-ended
	if len(reloads) > 0 {
		t.Error("it reloads where nothing has changed")
	}
}

// configFor is a configuration that reads the simulation under that name.
func configFor(s *oggtest.Server, name string) string {
	return "service_managers: [{name: " + name + ", url: '" + s.URL() + "', " +
		"basic_auth: {username: " + oggtest.DefaultUser + ", password: " + oggtest.DefaultPassword + "}}]\n"
}

// eventually scrapes until all of the lines are there.
func (r *running) eventually(t *testing.T, lines ...string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		got, missing := r.metrics(t), ""
		for _, line := range lines {
			if !strings.Contains(got, "\n"+line+"\n") {
				missing = line
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %s", missing)
		}
	}
}

const (
	reloaded  = "ogg_exporter_config_last_reload_successful 1"
	notLoaded = "ogg_exporter_config_last_reload_successful 0"
)

// TestAutoReload: the exporter follows its file, however that is replaced, and over
// a broken one.
func TestAutoReload(t *testing.T) {
	gg := simulate(t)
	for name, replace := range replacements {
		t.Run(name, func(t *testing.T) {
			file := write(t, "ogg_exporter.yml", configFor(gg, "one"))
			r := startExporter(t, nil, "--config.file="+file, "--config.enable-auto-reload", "--config.auto-reload-interval=20ms")
			r.eventually(t, `ogg_up{service_manager="one"} 1`, reloaded)
			replace(t, file, configFor(gg, "two"))
			r.eventually(t, `ogg_up{service_manager="two"} 1`, reloaded)
			replace(t, file, "service_managers: [{url: ftp://gg}]\n")
			r.eventually(t, `ogg_up{service_manager="two"} 1`, notLoaded)
			replace(t, file, configFor(gg, "three"))
			r.eventually(t, `ogg_up{service_manager="three"} 1`, reloaded)
		})
	}
}

// TestHangup: SIGHUP reloads, also without the watch on the file, and ends nothing.
func TestHangup(t *testing.T) {
	guard := make(chan os.Signal, 1)
	signal.Notify(guard, syscall.SIGHUP) // nothing here may end by it, the test neither
	defer signal.Stop(guard)
	self, err := os.FindProcess(os.Getpid())
	must(t, err)
	hangUp := func() {
		t.Helper()
		must(t, self.Signal(syscall.SIGHUP))
		<-guard // it was delivered
	}
	gg := simulate(t)
	file := write(t, "ogg_exporter.yml", configFor(gg, "one"))
	r := startExporter(t, nil, "--config.file="+file)
	r.eventually(t, `ogg_up{service_manager="one"} 1`, reloaded)
	must(t, os.WriteFile(file, []byte("colour: red\n"), 0o600))
	hangUp()
	r.eventually(t, `ogg_up{service_manager="one"} 1`, notLoaded)
	must(t, os.WriteFile(file, []byte(configFor(gg, "two")), 0o600))
	hangUp()
	r.eventually(t, `ogg_up{service_manager="two"} 1`, reloaded)
	r.stop()
	if code := <-r.code; code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// TestReloadOfDemo: no load starts the simulation anew.
func TestReloadOfDemo(t *testing.T) {
	f, _, err := parseFlags([]string{"--demo"}, io.Discard, io.Discard)
	must(t, err)
	s, err := f.source(lookup(nil), io.Discard)
	must(t, err)
	defer s.end()
	first, err := s.load()
	must(t, err)
	if second, err := s.load(); second != first || err != nil {
		t.Errorf("a second load is another demo: %v", err)
	}
}

// TestWatchWaits: who ends the watch goes on when no reload is under way any more.
func TestWatchWaits(t *testing.T) {
	changing := &source{changed: func() bool { return true }}
	began, release := make(chan bool), make(chan bool)
	var begin sync.Once
	var ended atomic.Bool
	stop := watch(t.Context(), changing, time.Millisecond, func() {
		begin.Do(func() { close(began) })
		<-release
		ended.Store(true)
	})
	<-began
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	stop()
	if !ended.Load() {
		t.Error("a reload is still under way")
	}
}
