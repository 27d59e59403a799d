package oci_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
)

var moment = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// TestDeployment compares all that is read of a deployment.
func TestDeployment(t *testing.T) {
	t.Parallel()
	inv := refresh(t, ocitest.ControlPlane{Deployments: []ocitest.Deployment{{
		ID: "ocid1.goldengatedeployment.oc1.eu-frankfurt-1.abcdefghij", DisplayName: "Sales", OGGName: "SALES",
		URL: "https://sales.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com/", Status: "UPDATING", SubStatus: "BACKUP_IN_PROGRESS",
		Version: "23.9.0", Healthy: new(true), CPUCores: 2, AutoScaling: true, Storage: 1 << 40, StorageExceeded: true, Outdated: true,
		Role: "PRIMARY", SupportedUntil: moment, NextMaintenance: moment.Add(time.Hour), NextBackup: moment.Add(2 * time.Hour),
		Backups: []ocitest.Backup{
			{Begin: moment.Add(-4 * time.Hour), End: moment.Add(-3 * time.Hour)},
			{Begin: moment.Add(-2 * time.Hour), End: moment.Add(-time.Hour)},
			{Begin: moment.Add(-time.Minute), Status: "FAILED"},
			{Begin: moment.Add(-time.Minute), Status: "CREATING"},
		},
	}}})
	if inv.Err != nil || len(errorsOf(inv)) > 0 || len(inv.Deployments) != 1 {
		t.Fatalf("%v, %v, %v", inv.Err, errorsOf(inv), inv.Deployments)
	}
	d := inv.Deployments[0]
	got := fmt.Sprintln(d.Label, d.ID, d.CompartmentID, d.DisplayName, d.OGGName, d.URL, d.Category, d.Type, d.LicenseModel,
		d.Environment, d.Role, d.Version, d.Status, d.SubStatus, *d.Healthy, *d.AutoScaling, *d.StorageExceeded, *d.LatestVersion, d.Maintenance)
	want := "Sales ocid1.goldengatedeployment.oc1.eu-frankfurt-1.abcdefghij ocid1.compartment.oc1..aaaaaaaaocitest Sales SALES" +
		" https://sales.deployment.goldengate.eu-frankfurt-1.oci.oraclecloud.com data_replication database_oracle license_included" +
		" production primary 23.9.0 updating backup_in_progress true true true false upgrade\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	for name, test := range map[string]struct{ got, want time.Time }{
		"SupportedUntil":  {d.SupportedUntil.Time, moment},
		"NextMaintenance": {d.NextMaintenance.Time, moment.Add(time.Hour)},
		"NextBackup":      {d.NextBackup.Time, moment.Add(2 * time.Hour)},
		"LastBackup":      {d.LastBackup.Time, moment.Add(-time.Hour)},
	} {
		if !test.got.Equal(test.want) {
			t.Errorf("%s: got %v, want %v", name, test.got, test.want)
		}
	}
	if cores, _ := d.CPUCores.Value(); cores != 2 {
		t.Errorf("%v cores", cores)
	}
	if bytes, _ := d.StorageBytes.Value(); bytes != 1<<40 {
		t.Errorf("%v bytes", bytes)
	}
}

// TestNotTold reads a deployment of which OCI tells little: what is missing stays so.
func TestNotTold(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{})
	s.Fault(ocitest.Target{Path: "/deployments/*"}, ocitest.Fault{Body: `{"id": "x", "isHealthy": null, "cpuCoreCount": null}`})
	s.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{Body: `{"items": [{"id": "x", "unheardOf": {"a": []}}]}`})
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	if inv.Err != nil || len(errorsOf(inv)) > 0 || len(inv.Deployments) != 1 {
		t.Fatalf("%v, %v, %v", inv.Err, errorsOf(inv), inv.Deployments)
	}
	d := inv.Deployments[0]
	_, cores := d.CPUCores.Value()
	_, bytes := d.StorageBytes.Value()
	if d.Healthy != nil || d.AutoScaling != nil || d.LatestVersion != nil || d.URL != nil || cores || bytes ||
		d.Status != "" || !d.LastBackup.IsZero() || !d.NextMaintenance.IsZero() {
		t.Errorf("something is made up: %+v", d)
	}
	if d.Label != "unnamed" {
		t.Errorf("label %q", d.Label)
	}
}

// TestPages lists in pages of each size, with and without empty ones between.
func TestPages(t *testing.T) {
	t.Parallel()
	plane := ocitest.ControlPlane{}
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("d%d", i)
		plane.Deployments = append(plane.Deployments, ocitest.Deployment{DisplayName: name})
		plane.Connections = append(plane.Connections, ocitest.Connection{Name: name})
		want = append(want, name)
	}
	for _, size := range []int{1, 2, 3, 6, 7, 8} {
		for _, empty := range []bool{false, true} {
			plane.PageSize, plane.EmptyPages = size, empty
			inv := refresh(t, plane)
			if got := labels(inv); !slices.Equal(got, want) || inv.Connections["active"] != len(want) || len(errorsOf(inv)) > 0 {
				t.Errorf("%d a page, empty pages %t: %v, %v, %v", size, empty, got, inv.Connections, errorsOf(inv))
			}
		}
	}
}

// TestCircle lists pages that never end.
func TestCircle(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{Deployments: []ocitest.Deployment{{DisplayName: "a"}}})
	s.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{SamePage: true})
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	if inv.Err == nil || !strings.Contains(inv.Err.Error(), "loop") {
		t.Errorf("got %v", inv.Err)
	}
}

// TestShiftingPages lists the first page a second time, as happens when something is created while
// the pages are being read.
func TestShiftingPages(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{
		PageSize:    2,
		Deployments: []ocitest.Deployment{{DisplayName: "a"}, {DisplayName: "b"}, {DisplayName: "c"}},
		Connections: []ocitest.Connection{{Name: "a"}, {Name: "b"}, {Name: "c", Status: "FAILED"}},
		Pipelines:   []ocitest.Pipeline{{Name: "a", Processes: []ocitest.Process{{Name: "A"}, {Name: "B"}, {Name: "C"}}}, {Name: "b"}, {Name: "c"}},
	})
	for _, list := range []string{"/deployments", "/connections", "/pipelines", "/pipelines/*/runningProcesses"} {
		s.Fault(ocitest.Target{Path: list}, ocitest.Fault{Times: 1, SamePage: true})
	}
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	if want := map[string]int{"active": 2, "failed": 1}; !maps.Equal(inv.Connections, want) {
		t.Errorf("connections %v, want %v", inv.Connections, want)
	}
	if len(inv.Deployments) != 3 || len(inv.Pipelines) != 3 || len(inv.Pipelines[0].Processes) != 3 || len(errorsOf(inv)) > 0 {
		t.Errorf("deployments %v, pipelines %+v, %v", labels(inv), inv.Pipelines, errorsOf(inv))
	}
}

// TestRequests counts what a refresh sends, and looks at each: only GET.
func TestRequests(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{
		Deployments: []ocitest.Deployment{{DisplayName: "a"}, {DisplayName: "b"}, {DisplayName: "gone", Status: "DELETED"}},
		Pipelines:   []ocitest.Pipeline{{Name: "p"}, {Name: "q", Status: "INACTIVE"}},
	})
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	count := map[string]int{}
	for _, r := range s.Requests() {
		count[r.Path]++
		if r.Method != http.MethodGet || r.UserAgent != userAgent || r.Status != http.StatusOK {
			t.Errorf("%+v", r)
		}
	}
	// For each compartment one a list, for each deployment and each pipeline that runs one.
	if len(s.Requests()) != 4+2+1 || count["/deployments"] != 1 || count["/deploymentBackups"] != 1 {
		t.Errorf("%v", count)
	}
	if !maps.Equal(inv.Requests, map[string]uint64{"200": 7}) {
		t.Errorf("counted %v", inv.Requests)
	}
}

// TestWanted reads the deployments that the expressions choose, and asks for no other.
func TestWanted(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{Deployments: []ocitest.Deployment{{DisplayName: "prod_a"}, {DisplayName: "prod_b"}, {DisplayName: "test"}}})
	c.IncludeDeployments, c.ExcludeDeployments = pattern(t, "prod_.*"), pattern(t, ".*_b")
	client, _ := newClient(t, c)
	if got := labels(client.Refresh(context.Background())); !slices.Equal(got, []string{"prod_a"}) {
		t.Errorf("got %v", got)
	}
	if n := len(s.Requests()); n != 5 {
		t.Errorf("%d requests", n)
	}
}

// TestLabels gives each deployment a label of its own.
func TestLabels(t *testing.T) {
	t.Parallel()
	id := func(end string) string { return "ocid1.goldengatedeployment.oc1.x." + end }
	for _, test := range []struct {
		name string
		ids  map[string]string // display name by the end of the OCID
		want []string
	}{
		{"alone", map[string]string{"aaaaaa111111": "sales"}, []string{"sales"}},
		{"two of a name", map[string]string{"aaaaaa111111": "sales", "aaaaaa222222": "sales", "aaaaaa333333": "hr"}, []string{"hr", "sales-111111", "sales-222222"}},
		{"the same end", map[string]string{"aaaaaa111111": "sales", "bbbbbb111111": "sales"}, []string{"sales-111111-aaaaaa111111", "sales-111111-bbbbbb111111"}},
		{"a name like a label", map[string]string{"aaaaaa111111": "sales", "aaaaaa222222": "sales", "aaaaaa333333": "sales-111111"}, []string{"sales-111111-aaaaaa111111", "sales-111111-aaaaaa333333", "sales-222222"}},
	} {
		var plane ocitest.ControlPlane
		for end, name := range test.ids {
			plane.Deployments = append(plane.Deployments, ocitest.Deployment{ID: id(end), DisplayName: name})
		}
		if got := labels(refresh(t, plane)); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// TestTargets lists the deployments that can be read over GoldenGate's own API.
func TestTargets(t *testing.T) {
	t.Parallel()
	_, c := start(t, ocitest.ControlPlane{Deployments: []ocitest.Deployment{
		{DisplayName: "Sales", OGGName: "SALES", URL: "https://sales.example/?x=1"},
		{DisplayName: "bare"},
		{DisplayName: "odd", URL: "sales.example"},
		{DisplayName: "stream", URL: "https://stream.example", Category: "STREAM_ANALYTICS", Type: "GGSA"},
		{DisplayName: "gone", URL: "https://gone.example", Status: "DELETED"},
	}})
	client, _ := newClient(t, c)
	if targets := client.Refresh(context.Background()).Targets(); targets != nil {
		t.Errorf("targets without a way to log in: %v", targets)
	}
	c.Scrape, c.ScrapeHosts = login(), pattern(t, ".*")
	client, _ = newClient(t, c)
	inv := client.Refresh(context.Background())
	targets := inv.Targets()
	if len(targets) != 1 {
		t.Fatalf("%d targets", len(targets))
	}
	got := targets[0]
	if got.Name != "emea/Sales" || got.URL.String() != "https://sales.example" || !got.ReverseProxy || got.Managed != "SALES" ||
		got.HTTPClient.BasicAuth.Username != "oggadmin" || got.Labels["site"] != "cloud" {
		t.Errorf("got %v, managed %q", got, got.Managed)
	}
	if wrong := errorsOf(inv)[oci.PartDetails]; !strings.Contains(wrong, `deployment "odd": deploymentUrl: not a URL`) {
		t.Errorf("got %q", wrong)
	}
	if (*oci.Inventory)(nil).Targets() != nil {
		t.Error("targets of nothing")
	}
}

// TestTargetsInPlainText leaves out a deployment whose URL would show the password to the
// network, which OCI has no reason to tell.
func TestTargetsInPlainText(t *testing.T) {
	t.Parallel()
	_, c := start(t, ocitest.ControlPlane{TLS: true, Deployments: []ocitest.Deployment{
		{DisplayName: "a", URL: "http://a.example"}, {DisplayName: "b", URL: "https://b.example"},
	}})
	c.Scrape, c.ScrapeHosts = login(), pattern(t, ".*")
	client, _ := newClient(t, c)
	inv := client.Refresh(context.Background())
	if targets := inv.Targets(); len(targets) != 1 || targets[0].Name != "emea/b" {
		t.Errorf("got %v", targets)
	}
	if got := errorsOf(inv)[oci.PartScrape]; got != `1 of 2 deployments: deployment "a" is not read: its URL is not https` {
		t.Errorf("failed: %q", got)
	}
}

// TestTargetStatus says in GoldenGate's words what the control plane knows for sure.
func TestTargetStatus(t *testing.T) {
	t.Parallel()
	words := map[string]string{
		"ACTIVE": "running", "INACTIVE": "stopped", "FAILED": "unknown", "CREATING": "unknown", "DELETING": "unknown",
		"UPDATING": "", "NEEDS_ATTENTION": "", "HIBERNATING": "",
	}
	plane := ocitest.ControlPlane{}
	for state := range words {
		plane.Deployments = append(plane.Deployments, ocitest.Deployment{DisplayName: state, URL: "https://gg.example", Status: state})
	}
	s, c := start(t, plane)
	c.Scrape, c.ScrapeHosts = login(), pattern(t, ".*")
	client, _ := newClient(t, c)
	check := func(want func(state string) string) {
		t.Helper()
		targets := client.Refresh(context.Background()).Targets()
		if len(targets) != len(words) {
			t.Errorf("%d targets", len(targets))
		}
		for _, target := range targets {
			state := strings.TrimPrefix(target.Name, "emea/")
			if target.Status != want(state) {
				t.Errorf("%s: got %q, want %q", state, target.Status, want(state))
			}
		}
	}
	check(func(state string) string { return words[state] })
	s.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"})
	check(func(string) string { return "" })
}

// TestPipelines reads pipelines and connections of known and unknown types.
func TestPipelines(t *testing.T) {
	t.Parallel()
	inv := refresh(t, ocitest.ControlPlane{
		Connections: []ocitest.Connection{{Name: "a"}, {Name: "b", Type: "TIME_MACHINE"}, {Name: "c", Status: "FAILED"}, {Name: "d", Status: "DELETED"}, {Name: "e", Status: "RESTING"}},
		Pipelines: []ocitest.Pipeline{
			{Name: "orders", SubStatus: "RUNNING", Processes: []ocitest.Process{
				{Name: "REP", Type: "REPLICAT", Lag: 2500 * time.Millisecond, LastProcessed: moment}, {Name: "EXT", Type: "EXTRACT", Status: "ERROR"},
			}},
			{Name: "later", Recipe: "MAGIC", SubStatus: "STOPPED"},
			{Name: "gone", Status: "DELETED"},
		},
	})
	if len(errorsOf(inv)) > 0 {
		t.Fatal(errorsOf(inv))
	}
	if want := map[string]int{"active": 2, "failed": 1, "resting": 1}; !maps.Equal(inv.Connections, want) {
		t.Errorf("connections %v", inv.Connections)
	}
	if len(inv.Pipelines) != 2 || inv.Pipelines[0].Label != "later" || inv.Pipelines[1].SubStatus != "running" {
		t.Fatalf("%+v", inv.Pipelines)
	}
	got := fmt.Sprintf("%+v", inv.Pipelines[1].Processes)
	want := "[{Name:EXT Type:extract Status:error Lag:{value:0 known:true} LastProcessed:0001-01-01 00:00:00 +0000 UTC} {Name:REP Type:replicat Status:running Lag:{value:2.5 known:true} LastProcessed:2026-03-01 12:00:00 +0000 UTC}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
