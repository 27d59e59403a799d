package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/source/sourcetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestReloadOn: each hangup reloads, and of the checks only those that find a change.
func TestReloadOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hangups, checks := make(chan os.Signal), make(chan time.Time)
	changes, reloads, ended := make(chan bool, 1), make(chan bool, 1), make(chan bool)
	go func() {
		reloadOn(ctx, hangups, checks, func() bool { return <-changes }, func() { reloads <- true })
		close(ended)
	}()
	hangups <- syscall.SIGHUP
	<-reloads
	changes <- true
	checks <- time.Now()
	<-reloads
	changes <- false
	checks <- time.Now()
	changes <- false
	checks <- time.Now() // the previous check has ended
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
	for name, replace := range sourcetest.Replacements {
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

// TestWatchWaits: stopping the watch waits for a reload that is running.
func TestWatchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, ended := make(chan bool), false
		stop := follow(t.Context(), nil, func() bool { return true }, time.Minute, func() {
			began <- true
			time.Sleep(watchGrace - time.Millisecond)
			ended = true
		})
		<-began
		stop()
		if !ended {
			t.Error("a reload is still under way")
		}
	})
}

// TestWatchHangs: stopping the watch does not wait for ever for a reload that hangs.
func TestWatchHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, release, ended := make(chan bool), make(chan bool), make(chan bool)
		stop := follow(t.Context(), nil, func() bool { return true }, time.Minute, func() {
			began <- true
			<-release
			close(ended)
		})
		<-began
		begin := time.Now()
		stop()
		if took := time.Since(begin); took != watchGrace {
			t.Errorf("it took %s", took)
		}
		close(release)
		<-ended
	})
}
