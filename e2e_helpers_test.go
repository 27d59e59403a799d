package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// neededProgram returns where a program is. Without it the test is left out, and
// fails in CI.
func neededProgram(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing, and in CI it may not be", name)
		}
		t.Skipf("LEFT OUT: %s is not installed (%s)", name, from)
	}
	return path
}

// buildExporter builds the exporter and returns where it is.
func buildExporter(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ogg_exporter")
	cmd := exec.CommandContext(t.Context(), neededProgram(t, "go", "the Go toolchain"), "build", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// process is a program that a test has started.
type process struct {
	cmd   *exec.Cmd
	url   string // where it listens
	log   transcript
	ended chan struct{} // closed when it has
	err   error         // how it ended, when ended is closed
}

// guarded runs a program that ends with the test's own, however that ends: when
// nobody holds the other end of file 3 any more, as after a panic or a timeout.
const guarded = `(read -r _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&-`

// startProcess starts a program and kills it when the test ends.
func startProcess(t *testing.T, program string, args ...string) *process {
	t.Helper()
	reader, writer, err := os.Pipe()
	must(t, err)
	p := &process{ended: make(chan struct{})}
	p.cmd = exec.Command("sh", append([]string{"-c", guarded, "sh", program}, args...)...)
	p.cmd.ExtraFiles = []*os.File{reader}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	err = p.cmd.Start()
	_ = reader.Close()
	if err != nil {
		_ = writer.Close()
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = writer.Close()
		<-p.ended
		http.DefaultClient.CloseIdleConnections()
		if t.Failed() {
			t.Logf("the last lines of %s:\n%s", filepath.Base(program), p.log.tail(30))
		}
	})
	return p
}

// says waits for the expression in the log and returns its group.
func (p *process) says(t *testing.T, expr string) string {
	t.Helper()
	pattern, found := regexp.MustCompile(expr), ""
	until(t, func() error {
		if m := pattern.FindStringSubmatch(p.log.String()); m != nil {
			found = m[1]
			return nil
		}
		select {
		case <-p.ended:
			t.Fatalf("it has ended (%v):\n%s", p.err, p.log.tail(30))
		default:
		}
		return fmt.Errorf("it does not say %q", expr)
	})
	return found
}

// startListening starts an exporter or a Prometheus, which have the same flag and say
// the same, and waits until it listens.
func startListening(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := startProcess(t, program, append(args, "--web.listen-address=127.0.0.1:0")...)
	p.url = "http://" + p.says(t, `msg="Listening on" address=(\S+)`)
	return p
}

// transcript is what a process writes, for the reading while it does.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *transcript) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String returns what was written until now.
func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tail returns the last n lines.
func (l *transcript) tail(n int) string {
	lines := strings.Split(strings.TrimSpace(l.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// until tries until there is no error. It fails with the last one after a time in
// which the slowest machine would be done.
func until(t *testing.T, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// fetch returns the body of an answer, which has to be 200.
func fetch(url string) (string, error) {
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	return bodyOf(answer)
}

// post is fetch with POST.
func post(url string) (string, error) {
	answer, err := http.Post(url, "", nil)
	if err != nil {
		return "", err
	}
	return bodyOf(answer)
}

// bodyOf reads an answer to its end. An error comes with what was read.
func bodyOf(answer *http.Response) (string, error) {
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		err = errors.Join(fmt.Errorf("%s: status %d: %.300s", answer.Request.URL, answer.StatusCode, body), err)
	}
	return string(body), err
}
