package e2e

import (
	"context"
	"encoding/pem"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/collector"
	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/capture"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/source"
)

// reported are the installations of a bug report, of an old and a new release:
// their users and hosts are secrets, and not all of them works.
func reported() []oggtest.Installation {
	installation := func(release oggtest.Release) oggtest.Installation {
		return oggtest.Installation{
			Release: release, ReverseProxy: true, PathPrefix: "/ogg", Role: oggtest.RoleAdministrator, User: "ggmonitor", Password: "S3cret-Pw",
			Clock: oggtest.NewManualClock(time.Date(2026, time.January, 15, 9, 30, 0, 0, time.UTC)),
			Deployments: []oggtest.Deployment{
				{
					Name: "north",
					Processes: []oggtest.Process{
						{Name: "EXT1", Lag: 2 * time.Second, Tables: 2, OpenTransactions: 1, Critical: true, Heartbeat: true},
						{Name: "REP1", Type: oggtest.Replicat, Trail: "ea", TrailPath: "/net/nas01/fin", Mode: oggtest.Parallel, Appliers: 2},
						{Name: "REP2", Type: oggtest.Replicat, Status: "abended", Lag: time.Minute, Stopped: time.Hour},
						{Name: "FIN", Type: oggtest.Replicat, Mode: oggtest.Coordinated, Threads: 2},
					},
					DistributionPaths: []oggtest.DistributionPath{{Name: "TOSOUTH", Extract: "EXT1"}, {Name: "to-nas01"}},
					ReceiverPaths:     []oggtest.ReceiverPath{{Name: "INBOUND", Trail: "ra", TrailPath: "/home/fred/in"}},
					Certificates:      []oggtest.Certificate{{Type: "server", Name: "default", PrivateKey: true}},
					Connections: []oggtest.Connection{{Name: "OracleGoldenGate.ggadmin", Heartbeats: []oggtest.Heartbeat{
						{Path: "EXT1 ==> REP1", SourceDatabase: "SRCDB", TargetDatabase: "TGTDB", Lag: time.Second},
					}}},
				},
				{Name: "south", Services: []oggtest.Service{{Name: "adminsrvr"}, {Name: "recvsrvr", Status: "killed"}}},
				{Name: "elba"},
			},
		}
	}
	return []oggtest.Installation{installation(oggtest.Release12c), installation(oggtest.Release26ai)}
}

// startReported starts them, and returns the configuration that reads each as
// prod77, a host that does not exist.
func startReported(t *testing.T) *config.Config {
	t.Helper()
	c := &config.Config{}
	for i, installation := range reported() {
		s, err := oggtest.Start(installation)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		s.Fault(oggtest.Target{Deployment: "south", Service: "adminsrvr"}, oggtest.Fault{Status: 500, Body: "prod77 is down"})
		s.RestartProcess("north", "EXT1") // which its log has messages of
		proxy, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		exclude, err := config.NewPattern("el.*")
		if err != nil {
			t.Fatal(err)
		}
		client := promconfig.DefaultHTTPClientConfig
		client.BasicAuth = &promconfig.BasicAuth{Username: installation.User, Password: promconfig.Secret(installation.Password)}
		client.ProxyURL = promconfig.URL{URL: proxy}
		c.ServiceManagers = append(c.ServiceManagers, config.ServiceManager{
			Name: []string{"old", "new"}[i], URL: &url.URL{Scheme: "http", Host: "prod77.corp.acme:9011", Path: "/ogg"}, ReverseProxy: true,
			APIVersion: config.DefaultAPIVersion,
			Timeout:    time.Minute, MaxConcurrentRequests: 8, HTTPClient: client, ExcludeDeployments: exclude,
		})
	}
	return c
}

// readAll has everything read.
var readAll = ogg.Options{
	HeartbeatTable: ogg.HeartbeatTableOptions{Read: true, Interval: time.Hour},
	Now:            func() time.Time { return time.Unix(1_800_000_000, 0) },
}

// clientsOf returns new clients that read everything.
func clientsOf(t *testing.T, c *config.Config) []*ogg.Client {
	t.Helper()
	var clients []*ogg.Client
	for _, sm := range c.ServiceManagers {
		client, err := ogg.NewClient(sm, readAll)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		clients = append(clients, client)
	}
	return clients
}

// exposition is what a scrape of every collector gives, but for what depends on
// the machine, on the way to GoldenGate and on the parameters of processes, which are masked.
func exposition(t *testing.T, c *config.Config) string {
	t.Helper()
	var names []string
	for _, each := range collector.Collectors {
		names = append(names, each.Name)
	}
	registry := prometheus.NewPedanticRegistry()
	asCaptured := ogg.WithTrace(context.Background(), func(ogg.Exchange) {}) // leaves no request out, as --status and --once
	registry.MustRegister(collector.NewScrape(asCaptured, clientsOf(t, c), collector.Options{Enabled: names}))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, family := range families { // a capture has neither parameters nor reports
		if regexp.MustCompile(`^ogg_(api|tls)_|duration|config_info|last_error`).MatchString(family.GetName()) {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// TestCaptureAndReplay: a replay of a capture exposes what GoldenGate made the
// exporter expose, except for the names, which are masked. Of these there is none in
// the capture.
func TestCaptureAndReplay(t *testing.T) {
	c := startReported(t)
	dir := filepath.Join(t.TempDir(), "report")
	var stdout strings.Builder
	if err := capture.Write(context.Background(), c.ServiceManagers, readAll, dir, &stdout); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"requests to Service Manager old in " + filepath.Join(dir, "service-manager-1"), "requests to Service Manager new in ", "Review the files"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in %s", want, stdout.String())
		}
	}
	checkMasked(t, dir, "north", "south", "elba", "EXT1", "REP1", "TOSOUTH", "INBOUND", "SALES", "prod77", "corp.acme", "ggmonitor", "S3cret-Pw", "nas01", "fred", "ggadmin", "oggnet", "SRCDB", "TGTDB", "ORCL", "PRIVATE KEY")

	want := exposition(t, c)
	replay := replayOf(t, dir, &stdout)
	if !strings.HasSuffix(stdout.String(), "Reading 2 captured Service Manager(s) of "+dir+"\n") {
		t.Errorf("got %s", stdout.String())
	}
	got := exposition(t, replay)
	compareLines(t, got, renamed(t, want, got))
	if strings.Count(want, "\n") < 500 || !strings.Contains(want, "to-nas01") || !strings.Contains(want, "ogg_certificate_not_after") || !strings.Contains(want, "ogg_messages_total{") {
		t.Errorf("there is not much to compare: %s", want)
	}
}

var labelPattern = regexp.MustCompile(`(\w+)="([^"]*)"`)

// roles returns the values of labels by what they are in: the samples, without the values that the
// other exposition does not have.
func roles(exposition, other string) map[string][]string {
	lines := map[string][]string{} // by value
	for line := range strings.Lines(exposition) {
		for _, at := range labelPattern.FindAllStringSubmatchIndex(line, -1) {
			value := line[at[4]:at[5]]
			role := labelPattern.ReplaceAllStringFunc(line[:at[4]]+"\x00"+line[at[5]:], func(label string) string {
				if _, quoted, _ := strings.Cut(label, "="); strings.Contains(label, "\x00") || strings.Contains(other, "="+quoted) {
					return label
				}
				return "?"
			})
			lines[value] = append(lines[value], role)
		}
	}
	values := map[string][]string{}
	for value, in := range lines {
		slices.Sort(in)
		values[strings.Join(in, "")] = append(values[strings.Join(in, "")], value)
	}
	return values
}

// renamed returns an exposition with the names of a masked one, which it finds by what is said
// about each.
func renamed(t *testing.T, exposition, masked string) string {
	t.Helper()
	names, found := map[string]string{}, roles(masked, exposition)
	for role, originals := range roles(exposition, masked) {
		slices.Sort(originals)
		slices.Sort(found[role])
		if len(originals) != len(found[role]) {
			t.Errorf("%q became %q", originals, found[role])
			continue
		}
		for i, name := range originals {
			names[name] = found[role][i]
		}
	}
	return labelPattern.ReplaceAllStringFunc(exposition, func(label string) string {
		name, value, _ := strings.Cut(label, "=")
		return name + `="` + names[strings.Trim(value, `"`)] + `"`
	})
}

// replayOf returns the configuration that reads a replay of the directory.
func replayOf(t *testing.T, dir string, stdout io.Writer) *config.Config {
	t.Helper()
	from, err := source.New(source.Options{Replay: dir, Stdout: stdout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(from.End)
	c, err := from.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// compareLines compares two expositions, whose samples may be in another order.
func compareLines(t *testing.T, got, want string) {
	t.Helper()
	count := map[string]int{}
	for line := range strings.Lines(got) {
		count[line]++
	}
	for line := range strings.Lines(want) {
		count[line]--
	}
	for line, n := range count {
		if n != 0 {
			t.Errorf("%+d times in the replay: %s", n, line)
		}
	}
}

// checkMasked checks that no file of a directory, nor its name, has one of the
// secrets.
func checkMasked(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		for _, secret := range secrets {
			if strings.Contains(strings.ToLower(filepath.Base(path)+decoded(string(text))), strings.ToLower(secret)) {
				t.Errorf("%s is in %s:\n%s", secret, path, text)
			}
		}
		return err
	})
	if err != nil || files < 50 {
		t.Errorf("%d files, %v", files, err)
	}
}

// decoded returns the text with what is in its certificates, whose base64 may have any short word by chance.
func decoded(text string) string {
	return regexp.MustCompile(`-----BEGIN CERTIFICATE-----[^"]*`).ReplaceAllStringFunc(text, func(certificate string) string {
		block, _ := pem.Decode([]byte(strings.ReplaceAll(certificate, `\n`, "\n")))
		if block == nil {
			return certificate
		}
		return string(block.Bytes)
	})
}

// TestCaptureRefuses: a directory with something in it.
func TestCaptureRefuses(t *testing.T) {
	full := t.TempDir()
	must(t, os.WriteFile(filepath.Join(full, "x"), nil, 0o600))
	if err := capture.Write(context.Background(), nil, readAll, full, io.Discard); err == nil || !strings.HasSuffix(err.Error(), "is not empty") {
		t.Errorf("got %v", err)
	}
}

// TestCaptureOfNothing: deployments that would have to be found first are not captured,
// and that is said.
func TestCaptureOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "capture")
	err := capture.Write(t.Context(), nil, readAll, dir, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "Oracle Cloud is not captured") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was written")
	}
}
