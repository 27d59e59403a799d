package oci_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

func pattern(t testing.TB, expr string) config.Pattern {
	t.Helper()
	p, err := config.NewPattern(expr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// two are two deployments, with one of all else.
func two() ocitest.ControlPlane {
	return ocitest.ControlPlane{
		Deployments: []ocitest.Deployment{{DisplayName: "a", Healthy: new(true), Backups: []ocitest.Backup{{End: moment}}}, {DisplayName: "b", Healthy: new(true)}},
		Connections: []ocitest.Connection{{Name: "c"}},
		Pipelines:   []ocitest.Pipeline{{Name: "p", Processes: []ocitest.Process{{Name: "EXT", Type: "EXTRACT"}}}},
	}
}

// TestFaults makes one thing fail at a time: it costs its part and no other.
func TestFaults(t *testing.T) {
	t.Parallel()
	const all = "a b"
	for _, test := range []struct {
		name   string
		at     ocitest.Target
		fault  ocitest.Fault
		failed map[string]string // what the error of the part says
		labels string
	}{
		{
			"throttled once",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Status: 429, Code: "TooManyRequests", RetryAfter: "0", Times: 1},
			nil, all,
		},
		{
			"throttled by a proxy",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Status: 429, Body: "<html>", Times: 1},
			nil, all,
		},
		{
			"throttled for longer than there is time",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Status: 429, Code: "TooManyRequests", Message: "Too many requests for the user", RetryAfter: "60"},
			map[string]string{oci.PartDeployments: `GET /deployments: 429 Too Many Requests: TooManyRequests "Too many requests for the user" (opc-request-id REQ`},
			"",
		},
		{
			"broken once",
			ocitest.Target{Path: "/deployments/*"},
			ocitest.Fault{Status: 500, Code: "InternalServerError", Times: 1},
			nil, all,
		},
		{
			"broken",
			ocitest.Target{Path: "/deploymentBackups"},
			ocitest.Fault{Status: 500, Code: "InternalServerError", Message: "Internal\nerror", RetryAfter: "60"},
			map[string]string{oci.PartBackups: `500 Internal Server Error: InternalServerError "Internal error"`},
			all,
		},
		{
			"only inspect",
			ocitest.Target{Path: "/deployments/*"},
			ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound", Message: "Authorization failed."},
			map[string]string{oci.PartDetails: `2 of 2 deployments: deployment "a": GET /deployments/{deploymentId}: 404 Not Found: NotAuthorizedOrNotFound "Authorization failed."`},
			all,
		},
		{
			"not for connections",
			ocitest.Target{Path: "/connections"},
			ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"},
			map[string]string{oci.PartConnections: "404"},
			all,
		},
		{
			"HTML",
			ocitest.Target{Path: "/pipelines"},
			ocitest.Fault{Status: 403, Body: "<html><h1>Proxy</h1></html>"},
			map[string]string{oci.PartPipelines: "GET /pipelines: 403 Forbidden (opc-request-id"},
			all,
		},
		{
			"HTML in place of a list",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Body: "<html>"},
			map[string]string{oci.PartDeployments: "GET /deployments: answer is not a list"},
			"",
		},
		{
			"a list of something else",
			ocitest.Target{Path: "/connections"},
			ocitest.Fault{Body: `{"items": [1, null, {"lifecycleState": 5}]}`},
			map[string]string{oci.PartConnections: "3 of 3 connections: not an object: 1"},
			all,
		},
		{
			"an entry that is not an object",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Entries: []any{"a", nil}},
			map[string]string{oci.PartDeployments: `2 of 4 deployments: not an object: "a"`},
			all,
		},
		{
			"details of another deployment",
			ocitest.Target{Path: "/deployments/*"},
			ocitest.Fault{Item: "b", Set: map[string]any{"id": "ocid1.goldengatedeployment.oc1..other", "displayName": "other"}},
			map[string]string{oci.PartDetails: `1 of 2 deployments: deployment "b": the answer is about another deployment`},
			all,
		},
		{
			"bodies that break off",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{BreakOff: true},
			map[string]string{oci.PartDeployments: "GET /deployments: the answer broke off: unexpected EOF"},
			"",
		},
		{
			"a wrong type in a list",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Item: "a", Set: map[string]any{"cpuCoreCount": "many", "freeformTags": 5, "isPublic": "no"}},
			map[string]string{oci.PartDeployments: `1 of 2 deployments: cpuCoreCount of a is "many"`},
			all,
		},
		{
			"a wrong type of what tells it from others",
			ocitest.Target{Path: "/deployments"},
			ocitest.Fault{Item: "a", Set: map[string]any{"id": []int{1}}},
			map[string]string{oci.PartDeployments: "1 of 2 deployments: id of a is [1]"},
			"b",
		},
		{
			"wrong types in the details",
			ocitest.Target{Path: "/deployments/*"},
			ocitest.Fault{Item: "b", Set: map[string]any{"oggData": "x", "timeOfNextMaintenance": 7}},
			map[string]string{oci.PartDetails: `1 of 2 deployments: deployment "b": timeOfNextMaintenance of b is 7; oggData of b is "x"`},
			all,
		},
		{
			"a state that nobody knows",
			ocitest.Target{Path: "/deployments*"},
			ocitest.Fault{Item: "a", Set: map[string]any{"lifecycleState": "HIBERNATING", "category": "NEW"}},
			nil, all,
		},
		{
			"no processes",
			ocitest.Target{Path: "/pipelines/*/runningProcesses"},
			ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"},
			map[string]string{oci.PartPipelines: `pipeline "p": GET /pipelines/{pipelineId}/runningProcesses: 404`},
			all,
		},
		{
			"silent",
			ocitest.Target{Path: "/deployments/*"},
			ocitest.Fault{Hang: true},
			map[string]string{oci.PartDetails: "no answer in time: context deadline exceeded"},
			all,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, c := start(t, two())
				c.Timeout = 4 * time.Second
				s.Fault(test.at, test.fault)
				client, log := newClient(t, c)
				inv := client.Refresh(context.Background())
				if got := strings.Join(labels(inv), " "); got != test.labels {
					t.Errorf("deployments %q, want %q", got, test.labels)
				}
				got := errorsOf(inv)
				for part, err := range got {
					if !strings.Contains(err, test.failed[part]) || test.failed[part] == "" {
						t.Errorf("%s: %s\nwant %q", part, err, test.failed[part])
					}
				}
				if len(got) != len(test.failed) {
					t.Errorf("failed: %v", got)
				}
				if lines := log.take(); len(test.failed) > 0 && len(lines) != len(test.failed) {
					t.Errorf("logged:\n%s", strings.Join(lines, "\n"))
				}
			})
		})
	}
}

// TestBrokenConnection ends connections before and within an answer, with and without TLS: the
// request is sent again.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	for _, tls := range []bool{false, true} {
		for name, fault := range map[string]ocitest.Fault{"no answer": {Drop: true, Times: 1}, "half an answer": {BreakOff: true, Times: 1}} {
			t.Run(fmt.Sprintf("%s, TLS %t", name, tls), func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) {
					plane := two()
					plane.TLS = tls
					s, c := start(t, plane)
					s.Fault(ocitest.Target{Path: "/connections"}, fault)
					client, _ := newClient(t, c)
					if inv := client.Refresh(context.Background()); len(errorsOf(inv)) > 0 || inv.Connections["active"] != 1 {
						t.Errorf("%v, %v", errorsOf(inv), inv.Connections)
					}
				})
			})
		}
	}
}

// TestWrongTypeCostsItself looks at what is left of a deployment.
func TestWrongTypeCostsItself(t *testing.T) {
	t.Parallel()
	s, c := start(t, two())
	s.Fault(ocitest.Target{Path: "/deployments/*"}, ocitest.Fault{Item: "a", Set: map[string]any{"cpuCoreCount": []int{}, "oggData": map[string]any{"deploymentName": 1, "oggVersion": "23.9"}}})
	client, _ := newClient(t, c)
	d := client.Refresh(context.Background()).Deployments[0]
	if cores, known := d.CPUCores.Value(); d.Healthy == nil || d.Version != "23.9" || d.OGGName != "" || !known || cores != 1 || d.LastBackup.IsZero() {
		t.Errorf("%+v", d)
	}
}

// TestKept makes a refresh fail after one that did not.
func TestKept(t *testing.T) {
	t.Parallel()
	plane := two()
	plane.Deployments[1].CompartmentID = "ocid1.compartment.oc1..other"
	plane.Compartments = []string{ocitest.Compartment, "ocid1.compartment.oc1..other"}
	s, c := start(t, plane)
	c.CompartmentIDs = plane.Compartments
	client, log := newClient(t, c)
	if client.Last() != nil {
		t.Error("something before the first refresh")
	}
	first := client.Refresh(context.Background())
	if first.Err != nil || !slices.Equal(labels(first), []string{"a", "b"}) || client.Last() != first || !first.LastSuccess.Equal(first.Begin) {
		t.Fatalf("%v, %v", first.Err, labels(first))
	}
	log.take()
	mend := s.Fault(ocitest.Target{Path: "/deployments", Compartment: ocitest.Compartment}, ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"})
	s.Change(func(p *ocitest.ControlPlane) { p.Deployments[1].Healthy = new(false) })
	for range 2 { // what goes on failing is said once
		second := client.Refresh(context.Background())
		if second.Err == nil || !slices.Equal(labels(second), []string{"a", "b"}) || !second.LastSuccess.Equal(first.Begin) {
			t.Errorf("%v, %v, %v", second.Err, labels(second), second.LastSuccess)
		}
		if a, b := second.Deployments[0], second.Deployments[1]; !*a.Healthy || *b.Healthy || a == first.Deployments[0] {
			t.Errorf("%+v, %+v", a, b)
		}
	}
	if lines := log.take(); len(lines) != 1 || !strings.Contains(lines[0], "1 of 2 compartments: compartment …citest: GET /deployments: 404") || !strings.Contains(lines[0], "opc-request-id REQ") {
		t.Errorf("logged:\n%s", strings.Join(lines, "\n"))
	}
	mend()
	s.Change(func(p *ocitest.ControlPlane) { p.Deployments[0].Status = "DELETED" })
	third := client.Refresh(context.Background())
	if third.Err != nil || !slices.Equal(labels(third), []string{"b"}) || third.LastSuccess.Equal(first.Begin) {
		t.Errorf("%v, %v", third.Err, labels(third))
	}
	if lines := log.take(); len(lines) != 1 || !strings.Contains(lines[0], "works again") {
		t.Errorf("logged:\n%s", strings.Join(lines, "\n"))
	}
	s.Change(func(p *ocitest.ControlPlane) { p.Deployments = nil })
	if fourth := client.Refresh(context.Background()); len(fourth.Deployments) != 0 {
		t.Errorf("still there: %v", labels(fourth))
	}
}

// TestNameIsKept lets the details fail once they were read: the target stays what it was.
func TestNameIsKept(t *testing.T) {
	t.Parallel()
	s, c := start(t, ocitest.ControlPlane{Deployments: []ocitest.Deployment{{DisplayName: "a", OGGName: "ALPHA", URL: "https://a.example", Healthy: new(true)}}})
	c.Scrape, c.ScrapeHosts = login(), pattern(t, ".*")
	client, _ := newClient(t, c)
	before := client.Refresh(context.Background()).Targets()[0]
	s.Fault(ocitest.Target{Path: "/deployments/*"}, ocitest.Fault{Status: 404, Code: "NotAuthorizedOrNotFound"})
	inv := client.Refresh(context.Background())
	if after := inv.Targets()[0]; !before.SameClient(after.ServiceManager) || after.Managed != "ALPHA" || inv.Deployments[0].Healthy != nil {
		t.Errorf("managed %q, %+v", after.Managed, inv.Deployments[0])
	}
}

// TestKeptWithoutCredentials takes the key away, and puts another in its place.
func TestKeptWithoutCredentials(t *testing.T) {
	t.Parallel()
	s, c := start(t, two())
	client, log := newClient(t, c)
	client.Refresh(context.Background())
	key := filepath.Join(filepath.Dir(c.ConfigFile), "api_key.pem")
	if err := os.WriteFile(key, []byte("hunter2-nokey"), 0o600); err != nil {
		t.Fatal(err)
	}
	inv := client.Refresh(context.Background())
	if inv.Err == nil || !strings.Contains(inv.Err.Error(), "reading the credentials: profile: key file contains no PEM private key") || len(inv.Deployments) != 2 {
		t.Errorf("%v, %v", inv.Err, labels(inv))
	}
	if err := os.WriteFile(key, s.Key(), 0o600); err != nil {
		t.Fatal(err)
	}
	if inv = client.Refresh(context.Background()); inv.Err != nil {
		t.Error(inv.Err)
	}
	if lines := log.take(); len(lines) != 2 {
		t.Errorf("logged:\n%s", strings.Join(lines, "\n"))
	}
}

// TestClockSkew sets the clock of OCI wrong.
func TestClockSkew(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		time.Sleep(time.Second / 4) // into a second, to which the header Date is cut
		for _, test := range []struct {
			skew time.Duration
			want string // the error
		}{
			{0, ""},
			{4 * time.Minute, ""},
			{-4 * time.Minute, ""},
			{12 * time.Minute, "clock skew: this machine's clock is 12m0s behind OCI's, which rejects requests that are off by more than 5m0s: GET /deployments: 401 Unauthorized: NotAuthenticated"},
			{-time.Hour, "clock skew: this machine's clock is 1h0m0s ahead of OCI's"},
		} {
			plane := two()
			plane.Skew = test.skew
			inv := refresh(t, plane)
			skewed := (*oci.SkewError)(nil)
			switch {
			case inv.ClockSkew == nil || *inv.ClockSkew != test.skew:
				t.Errorf("%v: measured %v", test.skew, inv.ClockSkew)
			case test.want == "" && inv.Err != nil:
				t.Errorf("%v: %v", test.skew, inv.Err)
			case test.want == "":
			case !errors.As(inv.Err, &skewed) || skewed.Skew != test.skew:
				t.Errorf("%v: %v", test.skew, inv.Err)
			case !strings.Contains(inv.Err.Error(), test.want):
				t.Errorf("%v: %v", test.skew, inv.Err)
			}
		}
	})
}

// TestRefused signs with a key that OCI does not know.
func TestRefused(t *testing.T) {
	t.Parallel()
	s, c := start(t, two())
	client, _ := newClient(t, c)
	s.Revoke()
	inv := client.Refresh(context.Background())
	refused := (*oci.APIError)(nil)
	if !errors.As(inv.Err, &refused) || refused.StatusCode != http.StatusUnauthorized || refused.Code != "NotAuthenticated" || refused.RequestID == "" {
		t.Errorf("got %v", inv.Err)
	}
	if skewed := (*oci.SkewError)(nil); errors.As(inv.Err, &skewed) {
		t.Errorf("a clock skew: %v", inv.Err)
	}
}

// TestDown reads a control plane that is not there.
func TestDown(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, c := start(t, two())
		client, _ := newClient(t, c)
		s.Close()
		inv := client.Refresh(context.Background())
		if inv.Err == nil || inv.ClockSkew != nil || inv.Requests["error"] == 0 || !inv.LastSuccess.IsZero() {
			t.Errorf("%v, %v, %v", inv.Err, inv.ClockSkew, inv.Requests)
		}
	})
}

// TestWithoutItems checks that a list without items is a failure, and not an empty list.
func TestWithoutItems(t *testing.T) {
	t.Parallel()
	s, c := start(t, two())
	client, _ := newClient(t, c)
	client.Refresh(context.Background())
	for path, part := range map[string]string{
		"/deployments": oci.PartDeployments, "/deploymentBackups": oci.PartBackups, "/connections": oci.PartConnections,
		"/pipelines": oci.PartPipelines, "/pipelines/*/runningProcesses": oci.PartPipelines,
	} {
		for _, body := range []string{`{}`, `{"items": null}`, `{"items": {}}`, `{"items": "x"}`, `{"other": []}`, `null`, `[]`, `"x"`} {
			mend := s.Fault(ocitest.Target{Path: path}, ocitest.Fault{Body: body})
			inv := client.Refresh(context.Background())
			if failed := errorsOf(inv); len(failed) != 1 || !strings.Contains(failed[part], "GET "+strings.Replace(path, "*", "{pipelineId}", 1)+": answer ") {
				t.Errorf("%s is %s: %v", path, body, failed)
			}
			if got := labels(inv); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("%s is %s: deployments %v", path, body, got)
			}
			mend()
		}
	}
}

// TestUnknownBackup checks that an earlier backup does not pass for the latest where that cannot be
// told.
func TestUnknownBackup(t *testing.T) {
	t.Parallel()
	plane := two()
	later := moment.Add(time.Hour)
	plane.Deployments[0].Backups = []ocitest.Backup{{Begin: moment, End: moment}, {ID: "latest", Begin: later, End: later.Add(time.Minute)}}
	plane.Deployments[1].Backups = plane.Deployments[0].Backups[:1]
	for _, test := range []struct {
		name  string
		set   map[string]any
		wrong string
		want  time.Time
	}{
		{"", nil, "", later.Add(time.Minute)},
		{"no end", map[string]any{"timeBackupFinished": nil}, "", later},
		{"no begin", map[string]any{"timeOfBackup": nil}, "", later.Add(time.Minute)},
		{"an odd begin", map[string]any{"timeOfBackup": 5}, "timeOfBackup of a_backup is 5", later.Add(time.Minute)},
		{"an odd end", map[string]any{"timeBackupFinished": "soon"}, `timeBackupFinished of a_backup is "soon"`, time.Time{}},
		{"no time", map[string]any{"timeOfBackup": nil, "timeBackupFinished": nil}, "", time.Time{}},
		{"an odd state", map[string]any{"lifecycleState": true}, "lifecycleState of a_backup is true", time.Time{}},
		{"no state", map[string]any{"lifecycleState": nil}, "lifecycleState of a_backup is missing", time.Time{}},
		{"another state", map[string]any{"lifecycleState": "FAILED"}, "", moment},
		{"no deployment", map[string]any{"deploymentId": nil}, "deploymentId of a_backup is missing", moment},
	} {
		s, c := start(t, plane)
		s.Fault(ocitest.Target{Path: "/deploymentBackups"}, ocitest.Fault{Item: "latest", Set: test.set})
		client, _ := newClient(t, c)
		inv := client.Refresh(context.Background())
		if got := errorsOf(inv)[oci.PartBackups]; !strings.Contains(got, test.wrong) || (got == "") != (test.wrong == "") {
			t.Errorf("%s: %q", test.name, got)
		}
		if a, b := inv.Deployments[0].LastBackup, inv.Deployments[1].LastBackup; !a.Equal(test.want) || !b.Equal(moment) {
			t.Errorf("%s: got %v and %v", test.name, a, b)
		}
	}
}

// TestRetryAfter waits as OCI asks to.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		after func(now time.Time) string
		skew  time.Duration
		want  time.Duration // until the next request, 0 if there is none in time
	}{
		{func(time.Time) string { return "7" }, 0, 7 * time.Second},
		{func(time.Time) string { return "2.5" }, 0, 2500 * time.Millisecond},
		{func(time.Time) string { return " 3 " }, 0, 3 * time.Second},
		{func(now time.Time) string { return now.Add(8 * time.Second).UTC().Format(http.TimeFormat) }, 0, 8 * time.Second},
		{func(now time.Time) string { return now.Add(68 * time.Second).UTC().Format(http.TimeFormat) }, time.Minute, 8 * time.Second},
		{func(now time.Time) string { return now.Add(time.Hour).UTC().Format(http.TimeFormat) }, 0, 0},
		{func(time.Time) string { return "1e300" }, 0, 0},
		{func(time.Time) string { return "Inf" }, 0, 0},
	} {
		t.Run(test.after(moment), func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				plane := two()
				plane.Skew = test.skew
				s, c := start(t, plane)
				c.Timeout = 30 * time.Second
				s.Fault(ocitest.Target{Path: "/deployments"}, ocitest.Fault{
					Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", RetryAfter: test.after(time.Now()), Times: 1,
				})
				client, _ := newClient(t, c)
				inv := client.Refresh(context.Background())
				if (inv.Err != nil) != (test.want == 0) || inv.Took != test.want {
					t.Errorf("took %v, %v", inv.Took, inv.Err)
				}
			})
		})
	}
}
