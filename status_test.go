package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// asking is an exporter that is asked for the status.
type asking struct {
	code           int
	stdout, stderr string
}

// ask runs the exporter with a password in the environment.
func ask(t *testing.T, args ...string) asking {
	t.Helper()
	var stdout, stderr strings.Builder
	code := run(t.Context(), args, lookup(map[string]string{"OGG_PASSWORD": oggtest.DefaultPassword}), &stdout, &stderr)
	return asking{code, stdout.String(), stderr.String()}
}

// simulated starts a simulation with these processes, and returns the flags that name it.
func simulated(t *testing.T, processes ...oggtest.Process) (*oggtest.Server, []string) {
	t.Helper()
	s, err := oggtest.Start(oggtest.Installation{Deployments: []oggtest.Deployment{{Name: "north", Processes: processes}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, []string{"--ogg.url=" + s.URL(), "--ogg.username=" + oggtest.DefaultUser}
}

// TestStatusExit checks the exit status: that of what could not be read wins.
func TestStatusExit(t *testing.T) {
	abended := oggtest.Process{Name: "EXT1", Status: "abended", ErrorCode: "OGG-00446"}
	for name, c := range map[string]struct {
		process oggtest.Process
		fault   oggtest.Target
		user    string
		code    int
		want    []string
	}{
		"as expected":       {process: oggtest.Process{Name: "EXT1"}, code: 0, want: []string{"0 problems, 0 warnings", "north", "EXT1"}},
		"abended":           {process: abended, code: 1, want: []string{"1 problem, 0 warnings", "has abended: OGG-00446"}},
		"abended, and more": {process: abended, fault: oggtest.Target{Deployment: "north", Path: "/services/v2/replicats"}, code: 2, want: []string{"has abended", "north, adminsrvr: process", "500"}},
		"rejected":          {process: oggtest.Process{Name: "EXT1"}, user: "nobody", code: 2, want: []string{"the user nobody was rejected: 401"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, args := simulated(t, c.process)
			if c.fault.Path != "" {
				s.Fault(c.fault, oggtest.Fault{Status: 500})
			}
			if c.user != "" {
				args = append(args[:1], "--ogg.username="+c.user)
			}
			got := ask(t, append(args, "--status")...)
			if got.code != c.code {
				t.Errorf("exit status %d, want %d", got.code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("no %q in:\n%s", want, got.stdout)
				}
			}
			if strings.Contains(got.stdout+got.stderr, oggtest.DefaultPassword) {
				t.Error("it shows the password")
			}
			if strings.Contains(got.stdout, "level=") || strings.Contains(got.stdout, "\x1b") || strings.Contains(got.stderr, "level=info") {
				t.Errorf("stdout has what does not belong there:\n%s%s", got.stdout, got.stderr)
			}
		})
	}
}

// TestStatusForms checks that the form is optional, and that JSON is nothing but that.
func TestStatusForms(t *testing.T) {
	_, args := simulated(t, oggtest.Process{Name: "EXT1"})
	for _, form := range []string{"--status", "--status=text"} {
		if got := ask(t, append(args, form)...); got.code != 0 || !strings.Contains(got.stdout, "STATE") {
			t.Errorf("%s: exit status %d:\n%s%s", form, got.code, got.stdout, got.stderr)
		}
	}
	got := ask(t, append(args, "--status=json")...)
	var s status.Status
	if err := json.Unmarshal([]byte(got.stdout), &s); err != nil || got.code != 0 || len(s.Rows) == 0 {
		t.Errorf("exit status %d, %v:\n%s", got.code, err, got.stdout)
	}
}

// TestStatusDemo checks that nothing but JSON is written for the demo, with what is found in Oracle Cloud.
func TestStatusDemo(t *testing.T) {
	got := ask(t, "--demo", "--status=json")
	var s status.Status
	if err := json.Unmarshal([]byte(got.stdout), &s); err != nil || got.code != 1 {
		t.Fatalf("exit status %d, %v:\n%s%s", got.code, err, got.stdout, got.stderr)
	}
	var names []string
	for _, sm := range s.ServiceManagers {
		names = append(names, sm.Name)
	}
	if all := strings.Join(names, ", "); all != "apac, cloud/sales, emea" {
		t.Errorf("it read %s", all)
	}
	var wrong []string
	for _, r := range s.Rows {
		if r.State != status.OK && r.State != status.Off {
			wrong = append(wrong, string(r.State)+" "+r.Deployment+" "+r.Name)
		}
	}
	// What alerts fire on, too, see firingAtRest in package e2e.
	if want := []string{
		"problem tokyo REPHR", "problem frankfurt REPBILL", "problem london archive", "problem madrid madrid",
		"warning sydney distsrvr", "warning frankfurt billing", "warning london EXTBILL", "warning london billing",
	}; !slices.Equal(wrong, want) {
		t.Errorf("not ok are %q, want %q", wrong, want)
	}
	known := func(p status.Pipeline) bool {
		return p.Pipeline == "emea/london/EXTORD>apac/sydney/REPORDS" && p.Complete && len(p.Hops) == 4 && p.State == status.OK
	}
	if !slices.ContainsFunc(s.Pipelines, known) {
		t.Errorf("no pipeline leads from one Service Manager to the other: %+v", s.Pipelines)
	}
}

// TestStatusMistakes checks that a mistake on the command line or in a file is no 1, which says that
// something in GoldenGate is not as it should be.
func TestStatusMistakes(t *testing.T) {
	bad := write(t, "bad.yml", "service_managers:\n- colour: red\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no such form":    {[]string{"--demo", "--status=xml"}, "text,json"},
		"a form apart":    {[]string{"--demo", "--status", "json"}, `unexpected argument "json" after --status`},
		"no such flag":    {[]string{"--status", "--colour"}, "--colour"},
		"nothing to read": {[]string{"--status"}, "nothing to read"},
		"two things":      {[]string{"--demo", "--status", "--capture=/tmp/x"}, "give only one of --status, --capture"},
		"a check":         {[]string{"--demo", "--status", "--config.check"}, "give only one of --status, --capture"},
		"a bad file":      {[]string{"--config.file=" + bad, "--status"}, "colour"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, c.args...); got.code != 2 || !strings.Contains(got.stderr+got.stdout, c.want) {
				t.Errorf("exit status %d:\n%s%s", got.code, got.stdout, got.stderr)
			}
		})
	}
}

// TestStatusUnusable checks that what cannot even be asked is said, and costs nothing else.
func TestStatusUnusable(t *testing.T) {
	s, _ := simulated(t, oggtest.Process{Name: "EXT1"})
	torn := s.Config("torn")
	torn.HTTPClient.TLSConfig.CA = "no certificate"
	c := &config.Config{
		ServiceManagers: []config.ServiceManager{torn, s.Config("good")},
		OCI: []config.OCI{{
			Name: "cloud", Auth: config.OCIAuthConfigFile, ConfigFile: "/no/such/file", Profile: config.DefaultOCIProfile,
			Timeout: time.Second, CompartmentIDs: []string{"ocid1.compartment.oc1..a"},
		}},
	}
	o := ogg.Options{Collectors: statusCollectors}
	var out strings.Builder
	code, err := showStatus(t.Context(), c, o, statusText, &out, false)
	if code != 2 || err != nil {
		t.Errorf("exit status %d, %v", code, err)
	}
	for _, want := range []string{"EXT1", "Could not be read of torn:", "Could not be read of cloud:", "deployments: reading the credentials"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

// TestStatusAtOnce checks that what the exporter learns in the course of several scrapes is read at once.
func TestStatusAtOnce(t *testing.T) {
	var loads []oggtest.Process
	for n := range 60 {
		loads = append(loads, oggtest.Process{
			Name: "INI" + string(rune('A'+n/10)) + string(rune('0'+n%10)), ExtractType: oggtest.ExtractInitialLoad, Status: "stopped",
		})
	}
	_, args := simulated(t, loads...)
	got := ask(t, append(args, "--status")...)
	if n := strings.Count(got.stdout, "is an initial load, which ends"); got.code != 0 || n != len(loads) {
		t.Errorf("exit status %d, %d of %d initial loads are known:\n%s", got.code, n, len(loads), got.stdout)
	}
}

// TestStatusInterrupted checks that a signal ends it, with nothing written that looks like a status.
func TestStatusInterrupted(t *testing.T) {
	s, args := simulated(t, oggtest.Process{Name: "EXT1"})
	s.Fault(oggtest.Target{Path: "/services/v2/extracts"}, oggtest.Fault{Hang: true})
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		for !asked(s, "/services/v2/extracts") {
			time.Sleep(time.Millisecond)
		}
		interrupt()
	}()
	var stdout, stderr strings.Builder
	code := run(ctx, append(args, "--status"), lookup(map[string]string{"OGG_PASSWORD": oggtest.DefaultPassword}), &stdout, &stderr)
	if code != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "canceled") {
		t.Errorf("exit status %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
	}
}

// TestColor checks that colors are for terminals only.
func TestColor(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a device, as a terminal is one
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = device.Close() }()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for name, c := range map[string]struct {
		stdout io.Writer
		env    map[string]string
		want   bool
	}{
		"a terminal":      {device, map[string]string{"TERM": "xterm"}, true},
		"not wanted":      {device, map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		"NO_COLOR, empty": {device, map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		"a dumb one":      {device, map[string]string{"TERM": "dumb"}, false},
		"none":            {device, nil, false},
		"a file":          {file, map[string]string{"TERM": "xterm"}, false},
		"a pipe":          {io.Discard, map[string]string{"TERM": "xterm"}, false},
	} {
		if got := usesColor(c.stdout, lookup(c.env)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
