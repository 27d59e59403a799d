// Package clients scrapes the demo with the collectors that its users have, and compares what each has stored with
// what the exporter has sent it, sample by sample.
package clients

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long something may take that takes seconds on a machine with nothing else to do.
const patience = 3 * time.Minute

// programs is the directory of what the tests build.
var programs string

func TestMain(m *testing.M) {
	code := 1
	defer func() { os.Exit(code) }()
	dir, err := os.MkdirTemp("", "ogg-clients")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs = dir
	code = m.Run()
}

// build returns how to build a program once, in a directory.
func build(dir, name string, args ...string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		path := filepath.Join(programs, name)
		command := exec.Command("go", append([]string{"build", "-o", path}, args...)...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
		return path, nil
	})
}

var (
	exporterProgram = build("../..", "ogg_exporter", ".")
	// Nothing is discovered in clouds here, and their libraries would take longer to compile than all the rest.
	prometheus3Program = build("prometheus3", "prometheus", "-tags=remove_all_sd", "github.com/prometheus/prometheus/cmd/prometheus")
)

// installed returns the path of a program of Debian's. Without it, the test is skipped, and fails in CI.
func installed(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatalf("%s is missing, and in CI it may not be", name)
	}
	t.Skipf("LEFT OUT: %s is not installed (package %[1]s)", name)
	return ""
}

// process is a program that a test has started.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   transcript
	ended chan struct{}
	err   error // of its exit, once ended is closed
}

// guarded runs a program that ends when the test's own program does, even by a panic: file 3 then ends.
const guarded = `(read -r _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&-`

// start starts a program, and kills it when the test ends.
func start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	reader, writer, err := os.Pipe()
	must(t, err)
	command := exec.Command("sh", append([]string{"-c", guarded, "sh", program}, args...)...)
	p := &process{name: filepath.Base(program), cmd: command, ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.ExtraFiles = t.TempDir(), []*os.File{reader}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	must(t, p.cmd.Start())
	must(t, reader.Close())
	go func() {
		p.err = p.cmd.Wait()
		_ = writer.Close() // at once, before the system gives the process's ID to another one
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%s has logged:\n%s", p.name, p.log.String())
		}
	})
	return p
}

// says waits for a match in the log and returns its group.
func (p *process) says(t *testing.T, pattern string) (found string) {
	t.Helper()
	expr := regexp.MustCompile(pattern)
	until(t, func() error {
		if m := expr.FindStringSubmatch(p.log.String()); m != nil {
			found = m[1]
			return nil
		}
		select {
		case <-p.ended:
			t.Fatalf("%s has exited: %v", p.name, p.err)
		default:
		}
		return fmt.Errorf("%s does not say %q", p.name, pattern)
	})
	return found
}

// warnings returns the lines of the log that match, except for those that have nothing to do with a scrape.
func (p *process) warnings(pattern string, harmless ...string) []string {
	expr := regexp.MustCompile(pattern)
	var all []string
	for line := range strings.Lines(p.log.String()) {
		if expr.MatchString(line) && !containsAny(line, harmless) {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

func containsAny(s string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// transcript collects what is written, and can be read meanwhile.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// until tries again until there is no error.
func until(t *testing.T, try func() error) {
	t.Helper()
	err := errors.New("not tried")
	for end := time.Now().Add(patience); time.Now().Before(end) && err != nil; time.Sleep(50 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("in vain for %s: %v", patience, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// startDemo starts the exporter with its demo, and returns the URL of its metrics.
func startDemo(t *testing.T) string {
	t.Helper()
	program, err := exporterProgram()
	must(t, err)
	p := start(t, program, "--demo", "--web.listen-address=127.0.0.1:0")
	url := "http://" + p.says(t, `msg="Listening on" address=(\S+)`) + "/metrics"
	until(t, func() error { // the first scrape of all: those of the clients have counters that others made
		answer, err := http.Get(url)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	})
	return url
}

// freePort returns a port on which nothing listens, for a program that cannot choose one itself. It is none of those that
// the system gives to whoever asks for any, so another test does not get it meanwhile.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			must(t, l.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}
