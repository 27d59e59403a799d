package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// notifications are what systemd is told.
type notifications struct{ *net.UnixConn }

// listenAsSystemd returns what is sent to the socket from now on, and its path.
func listenAsSystemd(t *testing.T) (notifications, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return notifications{conn}, path
}

// want waits for the states.
func (n notifications) want(t *testing.T, states ...string) {
	t.Helper()
	for _, want := range states {
		must(t, n.SetReadDeadline(time.Now().Add(time.Minute)))
		b := make([]byte, 1024)
		size, err := n.Read(b)
		if got := string(b[:size]); err != nil || got != want {
			t.Fatalf("systemd is told %q (%v), want %q", got, err, want)
		}
	}
}

// wantNothing is for when nothing can follow.
func (n notifications) wantNothing(t *testing.T) {
	t.Helper()
	must(t, n.SetReadDeadline(time.Now()))
	b := make([]byte, 1024)
	if size, err := n.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("systemd is told %q (%v)", b[:size], err)
	}
}

// TestNotify: systemd is told once that the exporter listens, and that it stops.
func TestNotify(t *testing.T) {
	systemd, path := listenAsSystemd(t)
	t.Setenv("NOTIFY_SOCKET", path)
	r := startExporter(t, nil, "--demo", "--web.listen-address=127.0.0.1:0") // and one more
	systemd.want(t, "READY=1")
	r.metrics(t)
	r.stop()
	<-r.code
	systemd.want(t, "STOPPING=1")
	systemd.wantNothing(t)
}

// TestNotifyFails: an exporter that cannot listen is never ready.
func TestNotifyFails(t *testing.T) {
	systemd, path := listenAsSystemd(t)
	t.Setenv("NOTIFY_SOCKET", path)
	var out strings.Builder
	if code := run(t.Context(), []string{"--demo", "--web.listen-address=256.0.0.1:1"}, lookup(nil), &out, &out); code != 1 {
		t.Errorf("exit status %d", code)
	}
	systemd.wantNothing(t)
}

// TestNotifyNobody: a socket that is gone is a warning.
func TestNotifyNobody(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	var out strings.Builder
	notify("READY=1", newLogger("info", "logfmt", &out))
	if !strings.Contains(out.String(), "level=warn") {
		t.Errorf("it says %q", out.String())
	}
}
