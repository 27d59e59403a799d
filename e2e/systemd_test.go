//go:build linux

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// units are the files for systemd.
var units = []string{"ogg_exporter.service", "ogg_exporter.socket"}

// unit returns the text of a unit.
func unit(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "systemd", name))
	must(t, err)
	return string(text)
}

// TestUnits: systemd-analyze finds no fault in the units.
func TestUnits(t *testing.T) {
	analyze := neededProgram(t, "systemd-analyze", "package systemd")
	self, err := os.Executable()
	must(t, err)
	// It checks that the programs exist, which those of another machine do not.
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

// The exporter's own metric of its latest reload.
const (
	reloaded  = "\nogg_exporter_config_last_reload_successful 1\n"
	notLoaded = "\nogg_exporter_config_last_reload_successful 0\n"
)

// TestUnderSystemd: the exporter as a process that systemd starts, with an open socket
// to listen on. It notifies systemd of its state, and signals reload and stop it.
func TestUnderSystemd(t *testing.T) {
	gg, err := oggtest.Start(oggtest.Installation{Deployments: []oggtest.Deployment{{Name: "north"}}})
	must(t, err)
	t.Cleanup(gg.Close)
	configFor := func(name string) string {
		return asYAML(t, map[string]any{"service_managers": []any{elementOf(name, gg)}})
	}
	file := write(t, "ogg_exporter.yml", configFor("one"))
	systemd, notifySocket := listenAsSystemd(t)
	cmd, url := startActivated(t, []string{"NOTIFY_SOCKET=" + notifySocket}, "--config.file="+file)
	systemd.want(t, "READY=1")
	until(t, func() error { return expectUp(url, "one", reloaded) })
	for _, c := range []struct{ text, up, loaded string }{
		{"colour: red\n", "one", notLoaded},
		{configFor("two"), "two", reloaded},
	} {
		must(t, os.WriteFile(file, []byte(c.text), 0o600))
		must(t, cmd.Process.Signal(syscall.SIGHUP))
		systemd.want(t, "RELOADING=1", "READY=1")
		if err := expectUp(url, c.up, c.loaded); err != nil {
			t.Errorf("after READY=1: %v", err)
		}
	}
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	systemd.want(t, "STOPPING=1")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	systemd.wantNothing(t)
}

// expectUp checks that this Service Manager is read, and how the latest reload went.
func expectUp(url, name, loaded string) error {
	got, err := fetch(url + "/metrics")
	if err == nil && (!strings.Contains(got, "\nogg_up{service_manager=\""+name+"\"} 1\n") || !strings.Contains(got, loaded)) {
		err = fmt.Errorf("not %s or not %s in:\n%s", name, loaded, got)
	}
	return err
}

// startActivated starts the exporter with a socket that is already open, as systemd's
// socket activation does, and returns its URL.
func startActivated(t *testing.T, env []string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	socket, err := listener.(*net.TCPListener).File()
	must(t, err)
	defer func() { _ = socket.Close() }()
	// LISTEN_PID has to be the ID of the process itself.
	command := append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`, buildExporter(t), "--web.systemd-socket"}, args...)
	cmd := exec.CommandContext(t.Context(), "sh", command...)
	cmd.Env = append(append(os.Environ(), "LISTEN_FDS=1"), env...)
	cmd.ExtraFiles = []*os.File{socket}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // where the test has not waited for its end
		_ = cmd.Wait()
		http.DefaultClient.CloseIdleConnections()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return cmd, "http://" + listener.Addr().String()
}
