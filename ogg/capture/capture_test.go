package capture

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// secretive is an installation whose answers contain hosts, users, databases and keys.
func secretive(release oggtest.Release) oggtest.Installation {
	return oggtest.Installation{
		Release: release, ReverseProxy: true, Role: oggtest.RoleAdministrator, User: "ggmonitor", Password: "S3cret-Pw",
		Clock: oggtest.NewManualClock(time.Date(2026, time.January, 15, 9, 30, 0, 0, time.UTC)),
		Deployments: []oggtest.Deployment{{
			Name: "north",
			Processes: []oggtest.Process{
				{Name: "EXT1", Lag: 2 * time.Second, Tables: 2},
				{Name: "EXT9", Status: "abended", ErrorText: "user ggadmin, password " + oggtest.Secret},
				{Name: "REP1", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/net/nas01/fin", Heartbeat: true},
			},
			Tasks:             []oggtest.Task{{Name: "nightly", Description: "ask fred, " + oggtest.Secret, Purges: []string{"ea"}}},
			DistributionPaths: []oggtest.DistributionPath{{Name: "TOSOUTH", Extract: "EXT1", Description: "to dr07 (10.20.30.40), ask ggadmin of ORCLPDB1"}},
			ReceiverPaths:     []oggtest.ReceiverPath{{Name: "INBOUND", Trail: "ra", TrailPath: "/home/fred/in"}},
			Certificates: []oggtest.Certificate{
				{Type: "server", Name: "default", PrivateKey: true},
				{Type: "truststore", Name: "RootCA"},
			},
			Connections: []oggtest.Connection{
				{Name: "OracleGoldenGate.ggadmin", Heartbeats: []oggtest.Heartbeat{
					{Path: "EXT1 ==> REP1", SourceDatabase: "SRCDB", TargetDatabase: "TGTDB", Lag: time.Second},
				}},
				{Name: "Finance.payroll"},
				{Name: "Finance.REP1"}, // an alias with the name of a process, which is kept
			},
		}},
	}
}

// secrets must not occur in a capture of it.
var secrets = []string{
	oggtest.Secret, "nightly", "EXT9",
	"north", "EXT1", "REP1", "TOSOUTH", "SALES", "ORDER",
	"prod77", "corp.acme", "ggmonitor", "S3cret-Pw", "nas01", "fred", "10.20.30.40",
	"ggadmin", "oggnet", "payroll", "finance", "SRCDB", "TGTDB", "ORCL", "target.example", "source.example", "PRIVATE KEY",
}

// readTables are the options to read everything.
var readTables = ogg.Options{HeartbeatTable: ogg.HeartbeatTableOptions{Read: true}}

// simulate starts a simulation, and returns it with the configuration that reads it.
func simulate(t testing.TB, i oggtest.Installation) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sm := s.Config("gg")
	sm.Timeout = bubble.Timeout(t, sm.Timeout)
	return s, sm
}

// deployment returns the deployment of that name.
func deployment(t testing.TB, inst *ogg.Installation, name string) *ogg.Deployment {
	t.Helper()
	for _, d := range inst.Deployments {
		if d.Name == name {
			return d
		}
	}
	t.Fatalf("no deployment %s", name)
	return nil
}

// throughProxy returns the configuration that reads the simulation as prod77, a nonexistent
// host.
func throughProxy(t testing.TB, i oggtest.Installation) (*oggtest.Server, config.ServiceManager) {
	t.Helper()
	s, sm := simulate(t, i)
	sm.Name = "prod77.corp.acme:9011"
	sm.HTTPClient.ProxyURL = promconfig.URL{URL: sm.URL}
	sm.URL = &url.URL{Scheme: "http", Host: "prod77.corp.acme:9011"}
	sm.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: i.User, Password: promconfig.Secret(i.Password)}
	return s, sm
}

// captured writes a capture, and returns its directory and the files by name.
func captured(t testing.TB, sm config.ServiceManager) (string, map[string]string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "capture")
	var stdout strings.Builder
	if err := Write(context.Background(), []config.ServiceManager{sm}, readTables, dir, &stdout); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "service-manager-1")
	files := filesOf(t, dir)
	if said := fmt.Sprintf("Recorded %d requests", len(files)-1); len(files) < 2 || !strings.Contains(stdout.String(), said) {
		t.Errorf("got %q, want %q", stdout.String(), said)
	}
	return dir, files
}

func filesOf(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

// TestCaptureShowsNoSecret checks that no secret is in any file or file name, in any release,
// and that a word has the same pseudonym everywhere.
func TestCaptureShowsNoSecret(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			_, sm := throughProxy(t, secretive(release))
			dir, files := captured(t, sm)
			for name, text := range files {
				for _, secret := range secrets {
					if strings.Contains(strings.ToLower(name+decoded(text)), strings.ToLower(secret)) {
						t.Errorf("%s is in %s:\n%s", secret, name, text)
					}
				}
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != 0o600 {
					t.Errorf("%s: %v, %v", name, info.Mode(), err)
				}
				if !regexp.MustCompile(`^[A-Za-z0-9_.-]+\.json$`).MatchString(name) {
					t.Errorf("%s is not a valid name on every file system", name)
				}
			}
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			checkConsistent(t, files)
		})
	}
}

// decoded returns a text with certificates as they are inside: base64 hides words, and now and then has a short one by chance.
func decoded(text string) string {
	return regexp.MustCompile(`-----BEGIN CERTIFICATE-----[^"]*`).ReplaceAllStringFunc(text, func(certificate string) string {
		block, _ := pem.Decode([]byte(strings.ReplaceAll(certificate, `\n`, "\n")))
		if block == nil {
			return certificate
		}
		return string(block.Bytes)
	})
}

// fileOf returns the file whose name has that end.
func fileOf(t testing.TB, files map[string]string, end string) string {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, end) {
			return files[name]
		}
	}
	t.Fatalf("no file %s", end)
	return ""
}

// checkConsistent checks that the Replicat and its connection have the same alias, and that
// the host is the same everywhere.
func checkConsistent(t testing.TB, files map[string]string) {
	t.Helper()
	process := regexp.MustCompile(`"name": "(X\w+X)"`).FindStringSubmatch(fileOf(t, files, "adminsrvr_replicats-threads-none.json"))
	if process == nil {
		t.Fatalf("no Replicat in %s", fileOf(t, files, "adminsrvr_replicats-threads-none.json"))
	}
	replicat := fileOf(t, files, "adminsrvr_replicats_"+process[1]+".json")
	alias := regexp.MustCompile(`"alias": "(x\w+x)"`).FindStringSubmatch(replicat)
	if alias == nil {
		t.Fatalf("no alias in %s", replicat)
	}
	if connections := fileOf(t, files, "adminsrvr_connections.json"); !strings.Contains(connections, `"name": "OracleGoldenGate.`+alias[1]+`"`) {
		t.Errorf("%s is not in %s", alias[1], connections)
	}
	for name, text := range files {
		if name != "capture.json" && !strings.Contains(text, "//x0x.x1x.x2x:9011/") {
			t.Errorf("the host is not in %s:\n%s", name, text)
		}
	}
	if !strings.Contains(files["capture.json"], `"service_manager": "x0x.x1x.x2x:`) {
		t.Errorf("got %s", files["capture.json"])
	}
}

// TestCaptureIsTheSame checks that two captures of one installation have the same files.
func TestCaptureIsTheSame(t *testing.T) {
	t.Parallel()
	_, sm := throughProxy(t, secretive(oggtest.Release23ai))
	_, first := captured(t, sm)
	_, second := captured(t, sm)
	delete(first, "capture.json") // contains the time
	for name, text := range first {
		if second[name] != text {
			t.Errorf("%s:\n%s\nthen\n%s", name, text, second[name])
		}
	}
}

// TestCaptureOfFailures checks that failures are captured too: an error with a body that is
// not JSON, and a request without an answer.
func TestCaptureOfFailures(t *testing.T) {
	t.Parallel()
	s, sm := throughProxy(t, secretive(oggtest.Release26ai))
	s.Fault(oggtest.Target{Service: "distsrvr"}, oggtest.Fault{Status: http.StatusBadGateway, Body: "<html><title>502 prod77</title></html>", Header: http.Header{"Content-Type": {"text/html"}}})
	s.Fault(oggtest.Target{Service: "recvsrvr"}, oggtest.Fault{Reset: true})
	_, files := captured(t, sm)
	type answer struct {
		Status      int
		ContentType string `json:"content_type"`
		Error       string
		Body        any
	}
	var a answer
	if err := json.Unmarshal([]byte(fileOf(t, files, "distsrvr_sources.json")), &a); err != nil {
		t.Fatal(err)
	}
	if a.Status != http.StatusBadGateway || a.ContentType != "text/html" || a.Body != "<html><title>502 x0x</title></html>" ||
		!strings.Contains(a.Error, `x0x.x1x.x2x:9011/services/`) {
		t.Errorf("got %+v", a)
	}
	a = answer{}
	if err := json.Unmarshal([]byte(fileOf(t, files, "recvsrvr_targets.json")), &a); err != nil {
		t.Fatal(err)
	}
	if a.Status != 0 || a.Body != nil || a.Error == "" {
		t.Errorf("got %+v", a)
	}
	if !regexp.MustCompile(`"unanswered": [1-9]`).MatchString(files["capture.json"]) {
		t.Errorf("got %s", files["capture.json"])
	}
}

// TestCaptureOfNothing: a Service Manager that answers no request is an error, and in the files.
func TestCaptureOfNothing(t *testing.T) {
	t.Parallel()
	s, sm := throughProxy(t, secretive(oggtest.Release26ai))
	s.Close()
	dir := filepath.Join(t.TempDir(), "capture")
	var stdout strings.Builder
	err := Write(context.Background(), []config.ServiceManager{sm}, readTables, dir, &stdout)
	if err == nil || !strings.Contains(err.Error(), "--capture: service manager "+sm.Name+" has not answered") {
		t.Errorf("got %v", err)
	}
	if files := filesOf(t, filepath.Join(dir, "service-manager-1")); len(files) < 2 || !strings.Contains(stdout.String(), masking) {
		t.Errorf("it wrote %d files, and says %q", len(files), stdout.String())
	}
}

// TestCaptureRefuses checks a directory that is not empty, and a poll that is cancelled.
func TestCaptureRefuses(t *testing.T) {
	t.Parallel()
	_, sm := throughProxy(t, secretive(oggtest.Release26ai))
	sms := []config.ServiceManager{sm}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Write(ctx, sms, ogg.Options{}, filepath.Join(dir, "new"), io.Discard); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("cancelled: %v", err)
	}
	if files := filesOf(t, filepath.Join(dir, "new")); len(files) != 0 {
		t.Errorf("cancelled: it wrote %v", files)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), sms, ogg.Options{}, full, io.Discard); err == nil || !strings.HasSuffix(err.Error(), "is not empty") {
		t.Errorf("not empty: %v", err)
	}
	if files := filesOf(t, full); len(files) != 1 {
		t.Errorf("it wrote %v", files)
	}
}

// TestCaptureReplays checks that a client reads the same from the replay as from the
// simulation.
func TestCaptureReplays(t *testing.T) {
	t.Parallel()
	for _, release := range oggtest.Releases {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			_, sm := throughProxy(t, secretive(release))
			dir, _ := captured(t, sm)
			r, err := oggtest.Replay(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Close)
			want, got := pollOf(t, sm), pollOf(t, r.Config())
			if len(want.Deployments) != 2 || len(got.Deployments) != 2 {
				t.Fatalf("%d deployments simulated, %d replayed", len(want.Deployments), len(got.Deployments))
			}
			w := deployment(t, want, "north")
			g := got.Deployments[slices.IndexFunc(got.Deployments, func(d *ogg.Deployment) bool { return d.Name != "ServiceManager" })]
			if len(g.Processes) != 3 || len(g.DistributionPaths) != 1 || len(g.Monitored) != len(w.Monitored) ||
				len(g.Trails) != len(w.Trails) || len(g.TableHeartbeats) != len(w.TableHeartbeats) {
				t.Errorf("got  %+v\nwant %+v", g, w)
			}
			if len(g.Tasks) != 1 || g.Tasks[0].Schedule != w.Tasks[0].Schedule || g.Tasks[0].Command != "purge trails" || g.Messages == nil {
				t.Errorf("got tasks %+v, messages %v", g.Tasks, g.Messages)
			}
			if !slices.EqualFunc(g.Certificates, w.Certificates, func(a, b *ogg.Certificate) bool { return a.Type == b.Type && a.NotAfter == b.NotAfter }) {
				t.Errorf("got %v, want %v", g.Certificates, w.Certificates)
			}
		})
	}
}

// pollOf polls with a new client that reads everything.
func pollOf(t testing.TB, sm config.ServiceManager) *ogg.Installation {
	t.Helper()
	c, err := ogg.NewClient(sm, readTables)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	inst := c.Poll(context.Background())
	if inst.Err != nil {
		t.Fatal(inst.Err)
	}
	return inst
}
