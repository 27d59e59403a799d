package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// neededProgram returns the path of a program. Without the program, the test is
// skipped, and fails in CI.
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

// buildExporter returns the path of the exporter, which the first call builds.
func buildExporter(t *testing.T) string {
	t.Helper()
	neededProgram(t, "go", "the Go toolchain")
	path, err := exporter()
	must(t, err)
	return path
}

// exporter builds the exporter, with the race detector if the tests have it.
var exporter = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "ogg_exporter")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "..")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, lookAtSources()
})

// lookAtSources lists all directories of the repository, which go test sees: no result
// of another exporter is then taken from its cache.
func lookAtSources() error {
	return filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if name := filepath.Base(path); err == nil && entry.IsDir() && path != ".." && (name[0] == '.' || name == "dist") {
			return filepath.SkipDir
		}
		return err
	})
}

// process is a program that a test has started.
type process struct {
	cmd   *exec.Cmd
	url   string // where it listens
	log   transcript
	ended chan struct{} // closed when the program has exited
	err   error         // of the exit, once ended is closed
}

// guarded runs a program that ends when the test's own program does, even by a panic or
// a timeout: nobody then holds the other end of file 3 any more.
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
		_ = writer.Close() // at once, before the system gives the process's ID to another one
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		http.DefaultClient.CloseIdleConnections()
		if strings.Contains(p.log.String(), "DATA RACE") {
			t.Errorf("%s has a data race:\n%s", filepath.Base(program), p.log.from("DATA RACE", 100))
		}
		if t.Failed() {
			t.Logf("the last lines of %s:\n%s", filepath.Base(program), p.log.tail(50))
		}
	})
	return p
}

// says waits for a match in the log and returns its group.
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
			t.Fatalf("it exited (%v):\n%s", p.err, p.log.tail(30))
		default:
		}
		return fmt.Errorf("it does not say %q", expr)
	})
	return found
}

// startListening starts an exporter or a Prometheus, which have the same flag and log
// the same line, and waits until it listens.
func startListening(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := startProcess(t, program, append(args, "--web.listen-address=127.0.0.1:0")...)
	p.url = "http://" + p.says(t, `msg="Listening on" address=(\S+)`)
	return p
}

// transcript collects what a process writes, and can be read meanwhile.
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
	return shortened(lines[max(0, len(lines)-n):])
}

// about returns the last n lines that have the text.
func (l *transcript) about(text string, n int) string {
	lines := slices.DeleteFunc(strings.Split(l.String(), "\n"), func(line string) bool { return !strings.Contains(line, text) })
	return shortened(lines[max(0, len(lines)-n):])
}

// from returns n lines from the first that has the text.
func (l *transcript) from(text string, n int) string {
	_, after, _ := strings.Cut(l.String(), text)
	lines := strings.Split(text+after, "\n")
	return shortened(lines[:min(len(lines), n)])
}

// shortened joins lines, of which none may be so long that nobody finds the others.
func shortened(lines []string) string {
	var text strings.Builder
	for _, line := range lines {
		_, _ = fmt.Fprintf(&text, "%.1000s\n", line)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// until tries until there is no error. It fails with the last error after a time that
// is enough for the slowest machine.
func until(t *testing.T, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// fetch returns the body of an answer, whose status has to be 200.
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write writes a file of this name in a directory of its own.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// asYAML returns a value on one line.
func asYAML(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value) // which YAML includes
	must(t, err)
	return string(text)
}

// elementOf returns the element of service_managers that reads a simulation.
func elementOf(name string, s *oggtest.Server) map[string]any {
	keys := loginOf(s)
	keys["name"], keys["url"], keys["timeout"] = name, s.URL(), "2m" // for the slowest machine
	return keys
}

// loginOf returns the keys with which a configuration file says how to connect to a
// simulation.
func loginOf(s *oggtest.Server) map[string]any {
	keys := map[string]any{
		"basic_auth": map[string]string{"username": oggtest.DefaultUser, "password": oggtest.DefaultPassword},
	}
	if ca := s.CACertificate(); ca != nil {
		keys["tls_config"] = map[string]string{"ca": string(ca)}
	}
	return keys
}
