//go:build linux

package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// TestStopsUnderAttack: scrapes are answered beside clients that do what they can to hold
// the exporter, and SIGTERM ends it in time: else its exit status would be 1, see exitIfStuck.
func TestStopsUnderAttack(t *testing.T) {
	gg, err := oggtest.Start(oggtest.Installation{Deployments: []oggtest.Deployment{{Name: "north"}}})
	must(t, err)
	t.Cleanup(gg.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // in the place of a control plane or GoldenGate
	must(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	mute := map[string]any{"name": "mute", "url": "http://" + silent.Addr().String(), "timeout": "60s"}
	file := write(t, "ogg_exporter.yml", asYAML(t, map[string]any{"service_managers": []any{elementOf("one", gg), mute}}))
	p := startListening(t, buildExporter(t), "--config.file="+file, "--scrape.max-requests=20", "--web.max-connections=64")
	stalls := bubble.WatchStalls(t)
	const line = " HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n"
	for _, text := range []string{
		"", "GET /metr",
		"GET /metrics" + line + "Content-Length: 5\r\n\r\n",
		"GET /metrics" + line + "Transfer-Encoding: chunked\r\n\r\n",
		"GET /probe?target=one" + line + "\r\n",
		strings.Repeat("GET /probe?target=one"+line+"\r\n", 100),
		"GET /nothing" + line + "\r\n",
	} {
		for range 50 {
			c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			must(t, err)
			t.Cleanup(func() { _ = c.Close() })
			_, _ = io.WriteString(c, text) // the exporter may have closed it for another
		}
		for before := time.Duration(-1); before != stalls.Lost(); { // again if the machine was busy with something else
			before = stalls.Lost()
			if _, err = fetch(p.url + "/probe?target=one"); err == nil {
				break
			}
		}
		if err != nil {
			t.Errorf("beside %.40q: %v", text, err)
		}
	}
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, "GET /metrics"+line+"\r\n") // which waits for the silent one
	must(t, err)
	begin, before := time.Now(), stalls.Lost()
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	if lost := stalls.Lost() - before; p.err != nil && lost < stopMargin {
		t.Errorf("it took %s, with stalls of %s: %v", time.Since(begin), lost, p.err)
	}
}

// stopMargin is the time from when the exporter is to have ended until it ends whatever it waits for.
const stopMargin = time.Second

// TestStopsWithLogStuck: SIGTERM ends the exporter although nobody reads its log, for which it
// waits. When, is the business of TestExitIfStuck.
func TestStopsWithLogStuck(t *testing.T) {
	reader, writer, err := os.Pipe()
	must(t, err)
	defer func() { _ = reader.Close() }()
	fd := int(writer.Fd())
	must(t, syscall.SetNonblock(fd, true))
	for block := make([]byte, 4096); len(block) > 0; {
		if _, err := syscall.Write(fd, block); err != nil {
			block = block[:len(block)/2]
		}
	}
	must(t, syscall.SetNonblock(fd, false))
	limited, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // enough for the slowest machine
	defer cancel()
	cmd := exec.CommandContext(limited, buildExporter(t), "--demo", "--web.listen-address=127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = writer, writer
	must(t, cmd.Start())
	_ = writer.Close()
	// The signal is caught before anything is written.
	until(t, func() error { return waitsForLog(cmd.Process.Pid) })
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ends with: %v", err)
	}
}

// waitsForLog returns nil once a thread of the process waits to write into a pipe.
func waitsForLog(pid int) error {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/wchan", pid))
	if err != nil {
		return err
	}
	for _, task := range tasks {
		if where, err := os.ReadFile(task); err == nil && strings.Contains(string(where), "pipe_write") {
			return nil
		}
	}
	return errors.New("no thread waits for the log")
}
