//go:build linux

package e2e

import (
	"io"
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

// container is a root directory with the files of the image, in which its user runs the exporter and can
// write nothing.
type container struct {
	root       string
	credential syscall.Credential
}

// newContainer makes the root that the last stage of the Dockerfile describes.
func newContainer(t *testing.T) container {
	t.Helper()
	neededProgram(t, "go", "the Go toolchain")
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("only root can run the exporter in another root, and in CI it has to be run there")
		}
		t.Skip("LEFT OUT: only root can run the exporter in another root")
	}
	text, err := os.ReadFile("../Dockerfile")
	must(t, err)
	_, last, _ := strings.Cut(string(text), "\nFROM scratch\n")
	root := t.TempDir()
	must(t, os.Chmod(filepath.Dir(root), 0o755))
	copies := regexp.MustCompile(`(?m)^COPY --from=build (.+) (\S+)$`).FindAllStringSubmatch(last, -1)
	if len(copies) < 3 || !strings.Contains(last, "\nUSER 65532:65532\n") || !strings.Contains(last, "\nENTRYPOINT [\"/ogg_exporter\"]") {
		t.Fatalf("the image has become another one than this test knows:\n%s", last)
	}
	for _, m := range copies {
		for source := range strings.FieldsSeq(m[1]) {
			to := filepath.Join(root, m[2])
			if strings.HasSuffix(m[2], "/") {
				to = filepath.Join(to, filepath.Base(source))
			}
			must(t, os.MkdirAll(filepath.Dir(to), 0o755))
			putInImage(t, source, to)
		}
	}
	must(t, os.Chmod(root, 0o555))
	return container{root, syscall.Credential{Uid: 65532, Gid: 65532}}
}

// putInImage copies what the build stage has under that path, of which it has built the exporter.
func putInImage(t *testing.T, source, to string) {
	t.Helper()
	if source == "/src/ogg_exporter" {
		c := exec.Command("go", "build", "-trimpath", "-o", to, "..")
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if name, is := strings.CutPrefix(source, "/src/"); is {
		source = filepath.Join("..", name)
	}
	content, err := os.ReadFile(source)
	if os.IsNotExist(err) && strings.HasPrefix(source, "/etc/ssl/") {
		content, err = nil, nil // the machine has no CAs, and the demo needs none
	}
	must(t, err)
	must(t, os.WriteFile(to, content, 0o444))
}

// start runs the exporter until the test ends.
func (c container) start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{ended: make(chan struct{})}
	p.cmd = exec.Command("/ogg_exporter", append(args, "--web.listen-address=127.0.0.1:0")...)
	p.cmd.Dir, p.cmd.Env = "/", []string{"OGG_PASSWORD=" + oggtest.DefaultPassword}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root, Credential: &c.credential, Pdeathsig: syscall.SIGKILL}
	must(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// listening is start, and waits until the exporter listens.
func (c container) listening(t *testing.T, args ...string) *process {
	t.Helper()
	p := c.start(t, args...)
	p.url = "http://" + p.says(t, `msg="Listening on" address=(\S+)`)
	return p
}

// mount makes a directory in the root that belongs to the exporter's user, as a volume does.
func (c container) mount(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(c.root, name)
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.Chown(dir, int(c.credential.Uid), int(c.credential.Gid)))
	return dir
}

// TestContainer: in the image's root, which it cannot write to, the exporter shows the demo, reads what a
// configuration says, and writes a capture to a directory that is mounted.
func TestContainer(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	t.Run("demo", func(t *testing.T) {
		p := c.listening(t, "--demo")
		p.scrape(t, `ogg_oci_up{oci="cloud"} 1`) // which is read in the background
		p.scrape(t, `ogg_up{service_manager="emea"} 1`)
	})
	gg, err := oggtest.Start(oggtest.Demo()[1])
	must(t, err)
	t.Cleanup(gg.Close)
	config := filepath.Join(c.mount(t, "config"), "ogg_exporter.yml")
	must(t, os.WriteFile(config, []byte(asYAML(t, map[string]any{"service_managers": []any{elementOf("apac", gg)}})), 0o444))
	t.Run("configuration", func(t *testing.T) {
		p := c.listening(t, "--config.file=/config/ogg_exporter.yml")
		answer, err := http.Get(p.url + "/metrics")
		must(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		must(t, err)
		if !strings.Contains(string(text), `ogg_up{service_manager="apac"} 1`) {
			t.Errorf("it reads nothing:\n%.3000s", text)
		}
	})
	t.Run("capture", func(t *testing.T) {
		dir := c.mount(t, "captures")
		p := c.start(t, "--config.file=/config/ogg_exporter.yml", "--capture=/captures/apac")
		<-p.ended
		must(t, p.err)
		if found, err := os.ReadDir(filepath.Join(dir, "apac")); err != nil || len(found) == 0 {
			t.Errorf("it wrote %d files: %v", len(found), err)
		}
	})
}
