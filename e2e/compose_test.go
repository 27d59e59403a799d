package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"
)

// service is one of demo/compose.yml.
type service struct {
	Image, Build   string
	Command, Ports []string
	Volumes        []string
	Environment    map[string]string
}

// mounts returns the files and directories of this repository by their path in the
// container.
func (s service) mounts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, v := range s.Volumes {
		parts := strings.Split(v, ":")
		if len(parts) != 3 || parts[2] != "ro" {
			t.Errorf("the volume %s is not read-only", v)
			continue
		}
		all[parts[1]] = filepath.Join("..", "demo", parts[0])
	}
	return all
}

// readYAML decodes a file into a type with the part that the tests need.
func readYAML(t *testing.T, file string, content any) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	if err := yaml.Unmarshal(text, content); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// composed returns the services of the demo.
func composed(t *testing.T) map[string]service {
	t.Helper()
	var content struct{ Services map[string]service }
	readYAML(t, "../demo/compose.yml", &content)
	if got := slices.Sorted(maps.Keys(content.Services)); !slices.Equal(got, []string{"alertmanager", "exporter", "grafana", "prometheus"}) {
		t.Fatalf("the services are %q", got)
	}
	return content.Services
}

// TestCompose: the containers of the demo have fixed versions, mount files that exist,
// and publish their ports on this machine only.
func TestCompose(t *testing.T) {
	port := regexp.MustCompile(`^127\.0\.0\.1:(\d+):(\d+)$`)
	for name, s := range composed(t) {
		if s.Build != ".." && !regexp.MustCompile(`^[a-z/]+:v?\d+\.\d+\.\d+$`).MatchString(s.Image) {
			t.Errorf("%s: the image %q is not of one version", name, s.Image)
		}
		for _, p := range s.Ports {
			if m := port.FindStringSubmatch(p); m == nil || m[1] != m[2] {
				t.Errorf("%s: the port %s is open to others, or another inside", name, p)
			}
		}
		for inside, outside := range s.mounts(t) {
			if _, err := os.Stat(outside); err != nil {
				t.Errorf("%s: %s: %v", name, inside, err)
			}
		}
	}
	exporter := composed(t)["exporter"]
	dockerfile, err := os.ReadFile("../Dockerfile")
	must(t, err)
	if !slices.Equal(exporter.Ports, []string{"127.0.0.1:17809:17809"}) || !strings.Contains(string(dockerfile), "\nEXPOSE 17809\n") {
		t.Errorf("the exporter's port is not the Dockerfile's: %q", exporter.Ports)
	}
}

// TestComposeAddresses: the addresses in the configurations of the demo exist.
func TestComposeAddresses(t *testing.T) {
	services := composed(t)
	address := regexp.MustCompile(`\b([a-z]+):(\d{4,5})\b`)
	for file, want := range map[string][]string{
		"prometheus.yml":          {"alertmanager", "exporter"},
		"grafana/datasources.yml": {"prometheus"},
	} {
		text, err := os.ReadFile(filepath.Join("..", "demo", file))
		must(t, err)
		var got []string
		for _, m := range address.FindAllStringSubmatch(string(text), -1) {
			got = append(got, m[1])
			if !slices.Contains(services[m[1]].Ports, "127.0.0.1:"+m[2]+":"+m[2]) {
				t.Errorf("%s: %s is not there", file, m[0])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s connects to %q, want %q", file, got, want)
		}
	}
}

// TestComposeGrafana: Grafana has Prometheus as the default data source, which the
// dashboards use, and the dashboards, which everybody can view and nobody can change.
func TestComposeGrafana(t *testing.T) {
	grafana := composed(t)["grafana"]
	var sources struct {
		Datasources []struct {
			Type      string
			IsDefault bool `yaml:"isDefault"`
		}
	}
	var dashboards struct {
		Providers []struct{ Options struct{ Path string } }
	}
	mounts := grafana.mounts(t)
	readYAML(t, mounts["/etc/grafana/provisioning/datasources/demo.yml"], &sources)
	readYAML(t, mounts["/etc/grafana/provisioning/dashboards/demo.yml"], &dashboards)
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || !sources.Datasources[0].IsDefault {
		t.Errorf("the data sources are %+v", sources.Datasources)
	}
	if len(dashboards.Providers) != 1 {
		t.Fatalf("the dashboards are %+v", dashboards.Providers)
	}
	files, err := filepath.Glob("../dashboards/*.json")
	must(t, err)
	for _, file := range files {
		if at := dashboards.Providers[0].Options.Path + "/" + filepath.Base(file); mounts[at] != file {
			t.Errorf("%s is %q", at, mounts[at])
		}
	}
	if home := grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]; mounts[home] != "../dashboards/overview.json" {
		t.Errorf("the first page is %q", home)
	}
	for name, want := range map[string]string{"GF_AUTH_ANONYMOUS_ENABLED": "true", "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer"} {
		if got := grafana.Environment[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestComposeAlertmanager: Alertmanager of the demo is the example without its webhooks.
func TestComposeAlertmanager(t *testing.T) {
	var demo, example map[string]any
	readYAML(t, "../demo/alertmanager.yml", &demo)
	readYAML(t, "../dashboards/alertmanager.example.yml", &example)
	for _, r := range example["receivers"].([]any) {
		delete(r.(map[string]any), "webhook_configs")
	}
	if !reflect.DeepEqual(demo, example) {
		t.Errorf("demo/alertmanager.yml is not the example without its webhooks:\n%v\n%v", demo, example)
	}
}

// TestComposeConfigs has promtool and amtool check the configurations of the demo,
// with all files where the containers have them.
func TestComposeConfigs(t *testing.T) {
	for name, check := range map[string][]string{
		"prometheus":   {"promtool", "check", "config", "/etc/prometheus/prometheus.yml"},
		"alertmanager": {"amtool", "check-config", "/etc/alertmanager/alertmanager.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			from := map[string]string{"promtool": "package prometheus", "amtool": "package prometheus-alertmanager"}
			program, root := neededProgram(t, check[0], from[check[0]]), t.TempDir()
			for inside, outside := range composed(t)[name].mounts(t) {
				path, err := filepath.Abs(outside)
				must(t, err)
				must(t, os.MkdirAll(filepath.Dir(root+inside), 0o700))
				must(t, os.Symlink(path, root+inside))
			}
			args := slices.Clone(check[1:])
			args[len(args)-1] = root + args[len(args)-1]
			if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			} else if name == "prometheus" && strings.Count(string(out), "rules found") != 2 {
				t.Errorf("it has not found the rules:\n%s", out)
			}
		})
	}
}

// TestDemoRun: demo/run starts the same without containers, and stops all of it.
func TestDemoRun(t *testing.T) {
	t.Parallel()
	neededProgram(t, "prometheus", "package prometheus")
	must(t, lookAtSources())
	exporter, prometheus, alertmanager := freePort(t), freePort(t), freePort(t)
	p := startProcess(t, "env", "EXPORTER_PORT="+exporter, "PROMETHEUS_PORT="+prometheus, "ALERTMANAGER_PORT="+alertmanager, "../demo/run")
	t.Cleanup(func() { // before it is killed, which its programs would survive
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.ended
	})
	p.says(t, "(Press Ctrl-C)") // when it has built the exporter
	s := scraping{&process{url: "http://127.0.0.1:" + prometheus}}
	until(t, func() error {
		select {
		case <-p.ended:
			t.Fatal("it has ended")
		default:
		}
		managers, err := s.count("query", panelQuery{expr: `ogg_up{job="ogg"} == 1`}.parameters())
		if err == nil && managers != len(demoNames)+1 { // and a deployment of Oracle Cloud
			err = fmt.Errorf("%d Service Managers are read", managers)
		}
		alerts, failed := s.alerts()
		if failed == nil && len(alerts) == 0 {
			failed = errors.New("no alert is pending")
		}
		return errors.Join(err, failed)
	})
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	if p.err != nil {
		t.Error(p.err)
	}
	for _, port := range []string{exporter, prometheus, alertmanager} {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = c.Close()
			t.Errorf("something still listens on %s", port)
		}
	}
}

// ports counts the ports that were tried.
var ports atomic.Int64

// freePort returns a port on which nothing listens, for a program that cannot choose one itself. It is none of those that
// the system gives to whoever asks for any, and none that it has returned before, so another test does not get it meanwhile.
// Another run on the machine begins elsewhere.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.FormatInt(20_000+(int64(os.Getpid())*100+ports.Add(1))%12_000, 10)
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			must(t, l.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}
