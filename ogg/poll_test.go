package ogg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TestRequests checks every request of the first poll and of later ones.
func TestRequests(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	c := newClient(t, sm)
	poll(t, c)
	s.ResetRequests()
	poll(t, c)
	for service, want := range map[string][]string{
		"adminsrvr": {
			"GET /services/v2/config/health",
			"GET /services/v2/extracts/EXT1/info/status",
			"GET /services/v2/extracts?threads=none",
			"GET /services/v2/replicats/REP1/info/status",
			"GET /services/v2/replicats?threads=none",
		},
		"distsrvr": {"GET /services/v2/config/health"},
		"recvsrvr": {"GET /services/v2/config/health"},
		"pmsrvr":   {"GET /services/v2/config/health"},
	} {
		if got := asked(s, "north", service); !slices.Equal(got, want) {
			t.Errorf("%s got requests %q, want %q", service, got, want)
		}
	}
	want := []string{
		"GET /services/v2/config/health",
		"GET /services/v2/installation/deployments",
		"GET /services/v2/installation/services",
	}
	if got := asked(s, "ServiceManager", "ServiceManager"); !slices.Equal(got, want) {
		t.Errorf("the Service Manager got requests %q, want %q", got, want)
	}
	for _, r := range s.Requests() {
		if r.Accept != "application/json" || r.UserAgent != "ogg_exporter/test" || !r.Authorized {
			t.Errorf("%s %s: Accept %q, User-Agent %q, authorized %v", r.Method, r.Path, r.Accept, r.UserAgent, r.Authorized)
		}
	}
}

// TestRemembersLackingRoutes checks that a route that the release lacks is requested once per
// start of the service.
func TestRemembersLackingRoutes(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release12c))
	c := newClient(t, sm)
	poll(t, c)
	if n := count(s, "/installation/services"); n != 1 {
		t.Fatalf("the first poll asked %d times", n)
	}
	s.ResetRequests()
	poll(t, c)
	if n := count(s, "/installation/services") + count(s, "/installation/deployments"); n != 0 {
		t.Errorf("the second poll sent %d requests for missing routes", n)
	}
	s.RestartService("ServiceManager", "ServiceManager")
	poll(t, c) // notices the restart
	s.ResetRequests()
	poll(t, c)
	if n := count(s, "/installation/services"); n != 1 {
		t.Errorf("after a restart it was asked %d times, want once", n)
	}
}

// TestBuildOncePerStart checks that config/summary is requested once per start of a service.
func TestBuildOncePerStart(t *testing.T) {
	t.Parallel()
	clock := oggtest.NewManualClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	i := north(oggtest.Release23ai)
	i.Clock = clock
	s, sm := simulate(t, i)
	c := newClient(t, sm)
	for range 3 {
		if b := deployment(t, poll(t, c), "north").Build; b == nil || b.Version != "23.8.0.25.04" {
			t.Fatalf("build %+v", b)
		}
	}
	if n := count(s, "/config/summary"); n != 2 {
		t.Errorf("asked %d times, want once for each of 2 deployments", n)
	}
	clock.Advance(time.Minute)
	s.RestartService("north", "adminsrvr")
	s.ResetRequests()
	for range 3 {
		if b := deployment(t, poll(t, c), "north").Build; b == nil {
			t.Fatal("no build after a restart")
		}
	}
	if n := count(s, "/config/summary"); n != 1 {
		t.Errorf("after a restart asked %d times, want once", n)
	}
}

// TestBuildMissing checks that an answer without a build is a failure, that one without a version
// is not remembered, and that the next poll asks again.
func TestBuildMissing(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		`{}`:                           "",
		`{"build":null}`:               "",
		`{"build":{}}`:                 "",
		`{"build":{"version":null}}`:   "",
		`{"build":{"platform":"AIX"}}`: "AIX",
	} {
		s, sm := simulate(t, north(oggtest.Release23ai))
		c := newClient(t, sm)
		s.Fault(oggtest.Target{Deployment: "north", Path: "/services/v2/config/summary"}, oggtest.Fault{Body: `{"response":` + response + `}`, Times: 1})
		inst := c.Poll(context.Background())
		b := deployment(t, inst, "north").Build
		if (b == nil) != (want == "") || b != nil && b.Platform != want || (read(t, inst, "north", "deployment").Err == nil) != (want != "") {
			t.Errorf("%s: got %+v, %v", response, b, read(t, inst, "north", "deployment").Err)
		}
		if b := deployment(t, poll(t, c), "north").Build; b == nil || b.Version != "23.8.0.25.04" {
			t.Errorf("%s: then got %+v", response, b)
		}
	}
}

// TestBuildWithoutStart checks that an old build does not persist if the start time is not
// read.
func TestBuildWithoutStart(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release23ai))
	c := newClient(t, sm, "deployment")
	poll(t, c)
	s.Fault(oggtest.Target{Path: "/services/v2/config/summary"}, oggtest.Fault{Body: `{"response":{"build":{"version":"26.1"}}}`})
	if b := deployment(t, poll(t, c), "north").Build; b == nil || b.Version != "26.1" {
		t.Errorf("got %+v", b)
	}
}

// TestConcurrency checks that no service gets more concurrent requests than configured.
func TestConcurrency(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		i := north(oggtest.Release26ai)
		for n := range 40 {
			i.Deployments[0].Processes = append(i.Deployments[0].Processes, oggtest.Process{Name: "EX" + string(rune('A'+n/26)) + string(rune('A'+n%26))})
		}
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{}, oggtest.Fault{Latency: 5 * time.Millisecond})
		for _, limit := range []int{1, 3} {
			sm.MaxConcurrentRequests = limit
			s.ResetRequests()
			poll(t, newClient(t, sm))
			if got := s.MaxInFlight("north", "adminsrvr"); got != limit {
				t.Errorf("limit %d: %d requests at once", limit, got)
			}
		}
	})
}

// TestConnections checks that a poll in the steady state opens no connections, even while
// something fails.
func TestConnections(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		c := newClient(t, sm)
		// If each request takes time, concurrent ones need separate connections.
		s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1"}, oggtest.Fault{Times: 2, Latency: time.Millisecond})
		s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1"}, oggtest.Fault{Status: http.StatusServiceUnavailable, Latency: time.Millisecond})
		s.Fault(oggtest.Target{}, oggtest.Fault{Latency: time.Millisecond})
		poll(t, c) // sends one request before the others, and so needs fewer
		poll(t, c)
		var opened atomic.Int32
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
			if !got.Reused {
				opened.Add(1)
			}
		}})
		for range 3 {
			c.Poll(ctx)
		}
		if n := opened.Load(); n > 0 {
			t.Errorf("3 polls opened %d connections", n)
		}
	})
}

// TestNames checks that names that need escaping arrive as one segment of the path.
func TestNames(t *testing.T) {
	t.Parallel()
	// NGINX matches the unescaped path, so behind it a name cannot contain
	// a slash.
	for proxy, name := range map[bool]string{false: "a b/c%2f?d#é", true: "a b%c;d#é"} {
		for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release26ai} {
			_, sm := simulate(t, oggtest.Installation{
				Release: release, ReverseProxy: proxy,
				Deployments: []oggtest.Deployment{
					{Name: name, Processes: []oggtest.Process{{Name: "$EXT_1"}}},
					{Name: "other"},
				},
			})
			d := deployment(t, poll(t, newClient(t, sm)), name)
			if len(d.Processes) != 1 || d.Processes[0].Name != "$EXT_1" || d.Processes[0].Status != "running" {
				t.Errorf("%s, proxy %v: got %+v", release, proxy, d.Processes)
			}
		}
	}
}

// TestProcessNames checks that a process with a malicious name gets requests for itself and
// nothing else.
func TestProcessNames(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/extracts"}, oggtest.Fault{Times: 1, Body: `{"response":{"items":[{"name":"A/../B?x#%2f"},{"name":".."}]}}`})
	newClient(t, sm).Poll(context.Background())
	got := asked(s, "north", "adminsrvr")
	for _, name := range []string{"A%2F..%2FB%3Fx%23%252f", "%2E%2E"} {
		if want := "GET /services/v2/extracts/" + name + "/info/status"; !slices.Contains(got, want) {
			t.Errorf("asked %q, want %q among them", got, want)
		}
	}
}

// TestWanted checks that excluded deployments get no requests.
func TestWanted(t *testing.T) {
	t.Parallel()
	for _, release := range []oggtest.Release{oggtest.Release12c, oggtest.Release26ai} {
		i := north(release)
		i.Deployments = append(i.Deployments, oggtest.Deployment{Name: "north_old"}, oggtest.Deployment{Name: "south"})
		s, sm := simulate(t, i)
		sm.IncludeDeployments, sm.ExcludeDeployments = pattern(t, "north.*"), pattern(t, ".*_old")
		inst := poll(t, newClient(t, sm))
		if len(inst.Deployments) != 1 || inst.Deployments[0].Name != "north" {
			t.Errorf("%s: got %d deployments", release, len(inst.Deployments))
		}
		for _, r := range s.Requests() {
			if r.Deployment == "south" || r.Deployment == "north_old" || strings.Contains(r.Path, "south") || strings.Contains(r.Path, "_old") {
				t.Errorf("%s: asked %s %s", release, r.Deployment, r.Path)
			}
		}
	}
}

func pattern(t testing.TB, expr string) config.Pattern {
	t.Helper()
	p, err := config.NewPattern(expr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCollectors checks that disabled collectors send no requests.
func TestCollectors(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	inst := poll(t, newClient(t, sm, "deployment", "service"))
	if n := count(s, "s") - count(s, "/services") - count(s, "/deployments"); n != 0 {
		t.Errorf("%d requests for processes", n)
	}
	if d := deployment(t, inst, "north"); len(d.Processes) != 0 || d.Build == nil {
		t.Errorf("got %+v", d)
	}
}

// TestListedStatusRemains checks that the status from the list counts if a process does not
// report its own.
func TestListedStatusRemains(t *testing.T) {
	t.Parallel()
	for release, want := range map[oggtest.Release]string{oggtest.Release19c: "", oggtest.Release26ai: "running"} {
		s, sm := simulate(t, north(release))
		s.Fault(oggtest.Target{Path: "/services/v2/extracts/EXT1"}, oggtest.Fault{Status: http.StatusInternalServerError})
		inst := newClient(t, sm).Poll(context.Background())
		p := deployment(t, inst, "north").Processes[0]
		if p.Status != want || p.Lag != (wire.Number{}) {
			t.Errorf("%s: got %+v, want status %q", release, p, want)
		}
		var api *ogg.APIError
		if err := read(t, inst, "north", "process").Err; !errors.As(err, &api) || api.StatusCode != http.StatusInternalServerError ||
			!strings.HasPrefix(err.Error(), "GET ") {
			t.Errorf("%s: got %v", release, err)
		}
	}
}

// TestThreadsParameterRefused checks that a release that rejects ?threads=none is asked without
// it.
func TestThreadsParameterRefused(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/extracts"}, oggtest.Fault{Status: http.StatusBadRequest, Times: 1})
	if d := deployment(t, poll(t, newClient(t, sm)), "north"); len(d.Processes) != 2 {
		t.Errorf("got %d processes", len(d.Processes))
	}
}

// TestDuplicates checks that of two objects with one name the first counts, and that the read
// reports it.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		target    oggtest.Target
		body      string
		collector string
	}{
		"deployments": {
			oggtest.Target{Path: "/services/v2/installation/deployments"},
			`{"response":{"deployments":[{"deploymentName":"north","status":"running"},{"deploymentName":"north","status":"stopped"}]}}`,
			"deployment",
		},
		"Extracts": {
			oggtest.Target{Path: "/services/v2/extracts"},
			`{"response":{"items":[{"name":"EXT1","status":"running"},{"name":"EXT1","status":"stopped"}]}}`,
			"process",
		},
	} {
		s, sm := simulate(t, north(oggtest.Release26ai))
		s.Fault(c.target, oggtest.Fault{Body: c.body, Times: 1})
		inst := newClient(t, sm).Poll(context.Background())
		d := deployment(t, inst, "north")
		var duplicate *ogg.DuplicateError
		if err := read(t, inst, "north", c.collector).Err; !errors.As(err, &duplicate) {
			t.Errorf("%s: got %v", what, err)
		}
		if d.Status != "running" || d.Processes[0].Status != "running" || len(d.Processes) != 2 {
			t.Errorf("%s: got status %s, %d processes", what, d.Status, len(d.Processes))
		}
	}
}

// TestUnnamed checks that entries without a name are a failure of the read that they are lost to.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	items := `{"response":{"items":[{"name":"EXT1","status":"running"},{"status":"abended"},{"name":null},null]}}`
	for _, c := range []struct{ deployment, collector, path, body string }{
		{ogg.ServiceManager, "deployment", "installation/deployments", `{"response":{"deployments":[{"deploymentName":"north","status":"running"},{"status":"abended"},{"deploymentName":""},null]}}`},
		{ogg.ServiceManager, "service", "installation/services", `{"response":{"services":[{"serviceName":"x","deploymentName":"north"},{"serviceName":"adminsrvr","status":"abended"},{},null]}}`},
		{"north", "service", "installation/services", `{"response":{"services":[{"serviceName":"x","deploymentName":"north"},{"deploymentName":"north","status":"abended"},{"serviceName":"","deploymentName":"north"},{"serviceName":null,"deploymentName":"north"}]}}`},
		{"north", "process", "extracts", items},
		{"north", "process", "replicats", items},
		{"north", "trail", "trails", `{"response":{"items":[{"path":"/u02"},{"name":""},null]}}`},
		{"north", "distribution_path", "sources", items},
		{"north", "distribution_path", "mpoints/DISTSRVR/distsrvrPathStats", `{"response":{"statistics":[{"dataStreaming":true,"name":"S"},{"lcrsSent":1},{"name":null},null]}}`},
		{"north", "receiver_path", "targets", items},
		{"north", "data_stream", "stream", items},
		{"north", "certificate", "deployments/north/certificates", items},
		{"north", "performance", "mpoints/processes", `{"response":{"processes":[{"processType":"Extract","processState":"Abend"},{"processName":null},null]}}`},
		{"north", "heartbeat", "mpoints/EXT1/heartbeat", `{"response":{"heartbeats":[{"heartbeatName":"EXT1"},{"heartbeatLag":1},{"heartbeatName":""},null]}}`},
		{"north", "table", "mpoints/EXT1/statisticsTableExtract", `{"response":{"statisticsTableExtract":[{"tableName":"T"},{"mappedTotalInserts":1},{"tableName":""},null]}}`},
	} {
		i := north(oggtest.Release26ai)
		i.Role = oggtest.RoleAdministrator
		i.Deployments[0].DistributionPaths = []oggtest.DistributionPath{{Name: "PATH"}}
		s, sm := simulate(t, i)
		s.Fault(oggtest.Target{Path: "/services/v2/" + c.path}, oggtest.Fault{Body: c.body})
		inst := newClient(t, sm, "deployment", c.collector).Poll(context.Background())
		d, want := deployment(t, inst, c.deployment), " entries without a name"
		at := slices.IndexFunc(d.Reads, func(r ogg.Read) bool { return r.Collector == c.collector })
		if at < 0 || d.Reads[at].Err == nil || !strings.Contains(d.Reads[at].Err.Error(), "3"+want) {
			t.Errorf("%s: got %+v", c.path, d.Reads)
		}
	}
}

// TestUnnamedElsewhere checks that an entry of which not even the deployment is known is said if
// the Service Manager's own is not read.
func TestUnnamedElsewhere(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	var err error
	if sm.ExcludeDeployments, err = config.NewPattern(ogg.ServiceManager); err != nil {
		t.Fatal(err)
	}
	s.Fault(oggtest.Target{Path: "/services/v2/installation/services"},
		oggtest.Fault{Body: `{"response":{"services":[{"serviceName":"x","deploymentName":"north"},{"status":"abended"}]}}`})
	inst := newClient(t, sm, "deployment", "service").Poll(context.Background())
	if err := read(t, inst, "north", "service").Err; err == nil || err.Error() != "1 entries without a name" {
		t.Errorf("got %v", err)
	}
}

// TestDeploymentsUnlisted checks that services are read even if the status of the deployments
// cannot be.
func TestDeploymentsUnlisted(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/installation/deployments"}, oggtest.Fault{Status: http.StatusInternalServerError})
	inst := newClient(t, sm).Poll(context.Background())
	d := deployment(t, inst, "north")
	if inst.Err != nil || d.Status != "" || d.Enabled != nil || len(d.Processes) != 2 || d.Service("adminsrvr").Healthy == nil {
		t.Errorf("got %v, %+v", inst.Err, d)
	}
	if read(t, inst, "north", "deployment").Err == nil {
		t.Error("the failure is not reported")
	}
}

// TestAnotherService: where url is that of another service, the failure says which one it is.
func TestAnotherService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		release oggtest.Release
		service string
		want    string
	}{
		{oggtest.Release26ai, "adminsrvr", "this is adminsrvr of deployment north, not the Service Manager: GET "},
		{oggtest.Release19c, "pmsrvr", "this is pmsrvr of deployment north, not the Service Manager: GET "},
		{oggtest.Release12c, "adminsrvr", "GET "}, // does not say who it is
	} {
		s, sm := simulate(t, north(c.release))
		sm.URL.Host = strings.TrimSuffix(strings.TrimPrefix(s.ServiceURL("north", c.service), "http://"), "/services/v2")
		inst := newClient(t, sm).Poll(t.Context())
		if inst.Err == nil || !strings.HasPrefix(inst.Err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.release, inst.Err, c.want)
		}
		if n := count(s, "/config/health/check"); n != 1 {
			t.Errorf("%s: asked %d times", c.release, n)
		}
	}
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Service: ogg.ServiceManager, Path: "/services/v2/deployments"}, oggtest.Fault{Status: http.StatusNotFound})
	s.Fault(oggtest.Target{Service: ogg.ServiceManager, Path: "/services/v2/installation"}, oggtest.Fault{Status: http.StatusNotFound})
	if inst := newClient(t, sm).Poll(t.Context()); inst.Err == nil || strings.Contains(inst.Err.Error(), "this is") {
		t.Errorf("the Service Manager itself: got %v", inst.Err)
	}
}

// TestServicesUnlisted checks that what is known about the deployments remains if their
// services cannot be listed.
func TestServicesUnlisted(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/installation/services"}, oggtest.Fault{Status: http.StatusInternalServerError})
	inst := newClient(t, sm).Poll(context.Background())
	if inst.Err == nil || deployment(t, inst, "north").Status != "running" {
		t.Errorf("got %v, %+v", inst.Err, inst.Deployments)
	}
	if read(t, inst, ogg.ServiceManager, "deployment").Err == nil {
		t.Error("the failure is not reported")
	}
}

// TestNoPort checks that a running service without a listed port is a failure.
func TestNoPort(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	s.Fault(oggtest.Target{Path: "/services/v2/installation/services"}, oggtest.Fault{
		Body: `{"response":{"services":[{"serviceName":"adminsrvr","deploymentName":"north","status":"running","isSsl":false,"listeners":[]}]}}`,
	})
	inst := newClient(t, sm).Poll(context.Background())
	if err := read(t, inst, "north", "service").Err; err == nil || !strings.Contains(err.Error(), "no listening port") {
		t.Errorf("got %v", err)
	}
}

// TestHealthCheckInstead checks that config/health/check replaces a missing or forbidden
// config/health, and that the failure is reported too.
func TestHealthCheckInstead(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
		s, sm := simulate(t, north(oggtest.Release26ai))
		s.Fault(oggtest.Target{Deployment: "north", Service: "distsrvr", Path: "/services/v2/config/healt?"}, oggtest.Fault{Status: status})
		inst := newClient(t, sm).Poll(context.Background())
		if h := deployment(t, inst, "north").Service("distsrvr").Healthy; h == nil || !*h {
			t.Errorf("%d: healthy is %v", status, h)
		}
		var api *ogg.APIError
		if err := read(t, inst, "north", "service").Err; !errors.As(err, &api) || api.StatusCode != status {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

// TestComesAndGoes checks that what is removed is gone at the next poll, and what is added is
// there.
func TestComesAndGoes(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	c := newClient(t, sm)
	poll(t, c)
	s.RemoveProcess("north", "EXT1")
	if err := s.AddDeployment(oggtest.Deployment{Name: "south"}); err != nil {
		t.Fatal(err)
	}
	inst := poll(t, c)
	if d := deployment(t, inst, "north"); len(d.Processes) != 1 || d.Processes[0].Name != "REP1" {
		t.Errorf("got %d processes", len(d.Processes))
	}
	deployment(t, inst, "south")
	s.RemoveDeployment("south")
	if inst = poll(t, c); len(inst.Deployments) != 2 {
		t.Errorf("got %d deployments", len(inst.Deployments))
	}
}

// TestLog checks that a failure is logged when it begins and when it ends.
func TestLog(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, north(oggtest.Release26ai))
	var text bytes.Buffer
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"process"}, Logger: slog.New(slog.NewTextHandler(&text, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	step := func(want string) {
		t.Helper()
		text.Reset()
		c.Poll(context.Background())
		if got := text.String(); want == "" && got != "" || want != "" && (strings.Count(got, "\n") != 1 || !strings.Contains(got, want)) {
			t.Errorf("logged %q, want one line with %q", got, want)
		}
	}
	step("")
	mend := s.Fault(oggtest.Target{Path: "/services/v2/extracts"}, oggtest.Fault{Status: http.StatusInternalServerError})
	step(`msg="Reading GoldenGate failed" service_manager=gg deployment=north collector=process`)
	step("")
	mend()
	step(`msg="Reading GoldenGate works again" service_manager=gg deployment=north collector=process`)
	step("")
}

// TestLogOfAnother checks that a failure is logged when it begins while another one persists, 10
// minutes after that was logged, of which package rest logs a rejection, and what is odd by its member
// and not by its value.
func TestLogOfAnother(t *testing.T) {
	t.Parallel()
	target := func(service string) oggtest.Target {
		return oggtest.Target{Deployment: "north", Service: service, Path: "/services/v2/config/*"}
	}
	odd := func(value string) oggtest.Fault { return oggtest.Fault{Body: `{"response":{"healthy":` + value + `}}`} }
	for name, c := range map[string]struct {
		first, then     oggtest.Fault
		firstOf, thenOf string
		mends           bool // the first
		want            int  // lines
	}{
		"rejection, then odd": {oggtest.Fault{Forbidden403: true}, odd(`"maybe"`), "adminsrvr", "pmsrvr", false, 1},
		"odd, then rejection": {odd(`"maybe"`), oggtest.Fault{Forbidden403: true}, "adminsrvr", "pmsrvr", false, 0},
		"dead, then odd":      {oggtest.Fault{Refused: true}, odd(`"maybe"`), "adminsrvr", "pmsrvr", false, 1},
		"odd elsewhere":       {odd(`"maybe"`), odd(`"maybe"`), "adminsrvr", "pmsrvr", true, 1},
		"an error elsewhere":  {oggtest.Fault{Status: http.StatusInternalServerError}, oggtest.Fault{Status: http.StatusInternalServerError}, "adminsrvr", "pmsrvr", true, 1},
		"another value":       {odd(`"a1"`), odd(`"b2"`), "adminsrvr", "adminsrvr", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				s, sm := simulate(t, north(oggtest.Release26ai))
				var text bytes.Buffer
				clock := oggtest.NewManualClock(time.Now())
				client, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"service"}, Now: clock.Now, Dial: bubble.Dialer(t), Logger: slog.New(slog.NewTextHandler(&text, nil))})
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				mend := s.Fault(target(c.firstOf), c.first)
				for range 3 {
					client.Poll(context.Background())
				}
				if c.mends {
					mend()
				}
				s.Fault(target(c.thenOf), c.then)
				clock.Advance(10 * time.Minute)
				text.Reset()
				for range 3 {
					client.Poll(context.Background())
				}
				if n := strings.Count(text.String(), "Reading GoldenGate failed"); n != c.want || c.then.Body != "" && n > 0 && !strings.Contains(text.String(), "healthy is") {
					t.Errorf("logged %s", text.String())
				}
			})
		})
	}
}

// TestOrder checks that each service gets the most important requests first.
func TestOrder(t *testing.T) {
	t.Parallel()
	i := north(oggtest.Release26ai)
	for n := range 20 {
		i.Deployments[0].Processes = append(i.Deployments[0].Processes, oggtest.Process{Name: fmt.Sprintf("EXT%d", n+2)})
	}
	i.RequestLog = 10_000
	s, sm := simulate(t, i)
	poll(t, newClient(t, sm, "deployment", "service", "process", "trail", "heartbeat", "performance", "table"))
	for _, row := range [][]string{
		{"/info/status", "/trails"},
		{"/heartbeat", "/statisticsExtract", "/statisticsTableExtract"},
	} {
		last := -1
		for _, part := range row {
			first, end := span(s, part)
			if first < 0 || first < last {
				t.Errorf("%s is asked at %d, before %d", part, first, last)
			}
			last = end
		}
	}
}

// span returns the positions of the first and the last request whose path contains part.
func span(s *oggtest.Server, part string) (first, last int) {
	first, last = -1, -1
	for i, r := range s.Requests() {
		if !strings.Contains(r.Path, part) {
			continue
		}
		if last = i; first < 0 {
			first = i
		}
	}
	return first, last
}

// TestSelection checks that excluded processes and paths get no requests and are not reported.
func TestSelection(t *testing.T) {
	t.Parallel()
	i := everyKind()
	s, sm := simulate(t, i)
	sm.ExcludeProcesses, sm.IncludePaths = pattern(t, "EXT.*"), pattern(t, "KEPT")
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"process", "distribution_path", "receiver_path", "performance", "table", "heartbeat"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	d := deployment(t, poll(t, c), "north")
	if len(d.Processes) != 1 || d.Processes[0].Name != "REP1" || len(d.DistributionPaths) != 1 || len(d.ReceiverPaths) != 1 {
		t.Errorf("got %d processes, %d and %d paths", len(d.Processes), len(d.DistributionPaths), len(d.ReceiverPaths))
	}
	for _, m := range d.Monitored {
		if m.Name == "EXT1" {
			t.Error("EXT1 is monitored")
		}
	}
	for _, h := range d.Heartbeats {
		if h.Name == "LEFT" {
			t.Error("LEFT has heartbeats")
		}
	}
	for _, r := range s.Requests() {
		if strings.Contains(r.Path, "EXT1") || strings.Contains(r.Path, "LEFT") {
			t.Errorf("%s was requested", r.Path)
		}
	}
}

// everyKind has a process of each kind, and distribution and receiver paths.
func everyKind() oggtest.Installation {
	i := north(oggtest.Release26ai)
	d := &i.Deployments[0]
	for _, name := range []string{"KEPT", "LEFT"} {
		d.DistributionPaths = append(d.DistributionPaths, oggtest.DistributionPath{Name: name, Extract: "EXT1"})
		d.ReceiverPaths = append(d.ReceiverPaths, oggtest.ReceiverPath{Name: name})
	}
	return i
}

// TestExpensive checks that what runs out of time affects nothing else.
func TestExpensive(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		s, sm := simulate(t, north(oggtest.Release26ai))
		sm.Timeout = 4 * time.Second
		c := newClient(t, sm, "deployment", "service", "process", "trail", "performance", "table")
		poll(t, c)
		s.Fault(oggtest.Target{Service: "pmsrvr", Path: "/services/v2/mpoints/*/statisticsTable*"}, oggtest.Fault{Hang: true})
		s.Fault(oggtest.Target{Path: "/services/v2/trails"}, oggtest.Fault{Hang: true})
		began := time.Now()
		inst := c.Poll(t.Context())
		if took := time.Since(began); took != sm.Timeout {
			t.Errorf("took %s", took)
		}
		d := deployment(t, inst, "north")
		for _, r := range d.Reads {
			if late := r.Collector == "table" || r.Collector == "trail"; late != errors.Is(r.Err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", r.Collector, r.Err)
			}
		}
		if len(d.Reads) != 6 || len(d.Processes) != 2 || d.Processes[0].Lag == (wire.Number{}) {
			t.Errorf("got %+v", d)
		}
		for _, m := range d.Monitored {
			if m.Type == "extract" && m.Statistics == nil {
				t.Errorf("%s has no statistics", m.Name)
			}
		}
	})
}
