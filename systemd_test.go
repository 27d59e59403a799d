//go:build linux

package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// units are the files for systemd.
var units = []string{"ogg_exporter.service", "ogg_exporter.socket"}

// unit returns the text of such a file.
func unit(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("systemd", name))
	must(t, err)
	return string(text)
}

// TestUnitFlags: the exporter has the flags with which the unit starts and checks
// it, and those that comments give as an example.
func TestUnitFlags(t *testing.T) {
	commands := regexp.MustCompile(`(?m)^(?:Exec[A-Za-z]+=/\S+/ogg_exporter (.*)|#.*OPTIONS="(.*)".*)$`)
	found := 0
	for _, name := range units {
		for _, m := range commands.FindAllStringSubmatch(unit(t, name), -1) {
			found++
			args := strings.Fields(strings.ReplaceAll(m[1]+m[2], "$OPTIONS", ""))
			if f, _, err := parseFlags(args, io.Discard, io.Discard); err != nil {
				t.Errorf("%s: %q: %v", name, args, err)
			} else if _, err := f.options(); err != nil {
				t.Errorf("%s: %q: %v", name, args, err)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d commands, want ExecStart, ExecReload and two examples", found)
	}
}

// TestUnits has systemd look at the units.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("systemd-analyze is missing, and in CI it may not be")
		}
		t.Skip("LEFT OUT: systemd-analyze is not installed (package systemd)")
	}
	self, err := os.Executable()
	must(t, err)
	// It looks at whether the programs are there, which are those of another machine.
	programs := regexp.MustCompile(`(?m)^(Exec[A-Za-z]+=)/\S+`)
	dir := t.TempDir()
	args := []string{"verify"}
	for _, name := range units {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(programs.ReplaceAllString(unit(t, name), "${1}"+self)), 0o600))
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ogg_exporter") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUnderSystemd: the exporter as the process that systemd starts: with a socket
// that it listens on, telling how it is, reloaded and stopped by signals.
func TestUnderSystemd(t *testing.T) {
	gg := simulate(t)
	file := write(t, "ogg_exporter.yml", configFor(gg, "one"))
	systemd, notifySocket := listenAsSystemd(t)
	cmd, r := startActivated(t, []string{"NOTIFY_SOCKET=" + notifySocket}, "--config.file="+file)
	systemd.want(t, "READY=1")
	r.eventually(t, `ogg_up{service_manager="one"} 1`, reloaded)
	for _, c := range []struct{ text, up, loaded string }{
		{"colour: red\n", "one", notLoaded},
		{configFor(gg, "two"), "two", reloaded},
	} {
		must(t, os.WriteFile(file, []byte(c.text), 0o600))
		must(t, cmd.Process.Signal(syscall.SIGHUP))
		systemd.want(t, "RELOADING=1", "READY=1")
		if got := r.metrics(t); !strings.Contains(got, `ogg_up{service_manager="`+c.up+`"} 1`) || !strings.Contains(got, c.loaded) {
			t.Errorf("after READY=1: not %s or not %s", c.up, c.loaded)
		}
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	systemd.want(t, "STOPPING=1")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	systemd.wantNothing(t)
}

// startActivated starts the exporter as a process that finds its socket open, as
// systemd's socket activation has it.
func startActivated(t *testing.T, env []string, args ...string) (*exec.Cmd, *running) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	socket, err := listener.(*net.TCPListener).File()
	must(t, err)
	defer func() { _ = socket.Close() }()
	self, err := os.Executable()
	must(t, err)
	// LISTEN_PID has to be the process's own, which only it knows before it begins.
	command := append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`, self, "--web.systemd-socket"}, args...)
	cmd := exec.CommandContext(t.Context(), "sh", command...)
	cmd.Env = append(append(os.Environ(), "LISTEN_FDS=1", beExporter+"=1"), env...)
	cmd.ExtraFiles = []*os.File{socket}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // where the test has not waited for its end
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return cmd, &running{url: "http://" + listener.Addr().String()}
}
