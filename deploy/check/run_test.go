package check

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// testRuns runs the exporter as the container of the base does, but without GoldenGate: it answers the probes and lists
// the targets that a ScrapeConfig asks for, takes up a changed ConfigMap, nobody can make it reload, and it ends in order.
func (e *exporter) testRuns(base []byte) func(*testing.T) {
	return func(t *testing.T) {
		m, err := parse(base)
		must(t, err)
		root, pod := t.TempDir(), m.deployments[0].Spec.Template.Spec
		command, err := e.command(m, pod, root)
		must(t, err)
		command.Args = append(command.Args, "--web.listen-address=127.0.0.1:0", "--config.auto-reload-interval=100ms")
		log, err := os.Create(filepath.Join(root, "log"))
		must(t, err)
		command.Stderr = log
		must(t, command.Start())
		t.Cleanup(func() { _ = command.Process.Kill() })

		address := "http://" + says(t, log.Name(), `msg="Listening on" address=(\S+)\s`)
		c := pod.Containers[0]
		for path, want := range map[string]int{
			c.LivenessProbe.HTTPGet.Path: 200, c.ReadinessProbe.HTTPGet.Path: 200, "/-/reload": 403,
		} {
			if got, _ := answer(t, address+path); got != want {
				t.Errorf("%s: %d instead of %d", path, got, want)
			}
		}
		if got := targets(t, address); got != "prod _pipelines" {
			t.Errorf("the targets are %s", got)
		}
		must(t, mount(root, c.VolumeMounts[0].MountPath, map[string]string{"ogg_exporter.yml": "service_managers: [{name: new, url: 'https://a:1'}]"}))
		says(t, log.Name(), `msg="(Reloaded the configuration)"`)
		if got := targets(t, address); got != "new _pipelines" {
			t.Errorf("after a change of the ConfigMap, the targets are %s", got)
		}
		must(t, command.Process.Signal(syscall.SIGTERM))
		if err := command.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	}
}

// says waits until the log has a line that matches, and returns the part in brackets.
func says(t *testing.T, file, pattern string) string {
	t.Helper()
	for range 1200 { // enough for the slowest machine
		if match := regexp.MustCompile(pattern).FindStringSubmatch(string(read(t, file))); match != nil {
			return match[1]
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the log does not say %s:\n%s", pattern, read(t, file))
	return ""
}

// targets returns the names of the targets at /sd.
func targets(t *testing.T, address string) string {
	t.Helper()
	var names []string
	var all []struct{ Labels map[string]string }
	_, text := answer(t, address+"/sd")
	must(t, json.Unmarshal(text, &all))
	for _, target := range all {
		names = append(names, target.Labels["__param_target"])
	}
	return strings.Join(names, " ")
}

// answer sends a request, a POST to what changes something.
func answer(t *testing.T, url string) (int, []byte) {
	t.Helper()
	method := http.MethodGet
	if filepath.Base(url) == "reload" {
		method = http.MethodPost
	}
	request, err := http.NewRequest(method, url, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, text
}
