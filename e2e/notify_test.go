package e2e

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// notifications are what systemd receives.
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
			t.Fatalf("systemd receives %q (%v), want %q", got, err, want)
		}
	}
}

// wantNothing checks that nothing was received. Call it when nothing can follow.
func (n notifications) wantNothing(t *testing.T) {
	t.Helper()
	must(t, n.SetReadDeadline(time.Now()))
	b := make([]byte, 1024)
	if size, err := n.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("systemd receives %q (%v)", b[:size], err)
	}
}

// TestNotify: the exporter notifies systemd once when it listens, and when it stops.
func TestNotify(t *testing.T) {
	systemd, path := listenAsSystemd(t)
	t.Setenv("NOTIFY_SOCKET", path)
	p := startListening(t, buildExporter(t), "--demo", "--web.listen-address=127.0.0.1:0") // and one more
	systemd.want(t, "READY=1")
	_, err := fetch(p.url + "/metrics")
	must(t, err)
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	must(t, p.err)
	systemd.want(t, "STOPPING=1")
	systemd.wantNothing(t)
}

// TestNotifyFails: an exporter that cannot listen is never ready.
func TestNotifyFails(t *testing.T) {
	systemd, path := listenAsSystemd(t)
	t.Setenv("NOTIFY_SOCKET", path)
	p := startProcess(t, buildExporter(t), "--demo", "--web.listen-address=256.0.0.1:1")
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit status %d", code)
	}
	systemd.wantNothing(t)
}
