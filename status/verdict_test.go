package status_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/status"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var errRead = errors.New("no answer")

// now is when the polls of these tests began.
var now = time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)

// stateOf returns the state of the row of a program in a deployment north, and why.
func stateOf(t *testing.T, d ogg.Deployment, program string) (status.State, string) {
	t.Helper()
	d.Name = "north"
	s := status.New([]status.Source{{Name: "gg", Latest: &ogg.Installation{Begin: now, Deployments: []*ogg.Deployment{&d}}}}, nil, now, "")
	for _, r := range s.Rows {
		if r.Program == program {
			return r.State, r.Why
		}
	}
	t.Fatalf("no %s in %+v", program, s.Rows)
	return "", ""
}

// TestProcessVerdicts checks what the alerts make of a process in cases that the simulation does not reach.
func TestProcessVerdicts(t *testing.T) {
	ago := func(d time.Duration) wire.Timestamp { return wire.TimestampOf(now.Add(-d)) }
	critical := []*ogg.Service{{Name: "adminsrvr", Status: "running", CriticalResources: []ogg.CriticalResource{
		{Name: "EXT1", Type: "ER", Healthy: new(bool), Deployment: "north"},
	}}}
	unmanaged := []*ogg.Service{{Name: "adminsrvr", Status: "running", Enabled: new(bool), CriticalResources: critical[0].CriticalResources}}
	load := []*ogg.Definition{{Process: "EXT1", Type: ogg.Extract, Kind: "initial_load"}}
	for name, c := range map[string]struct {
		process     ogg.Process
		services    []*ogg.Service
		definitions []*ogg.Definition
		state       status.State
		why         string
	}{
		"no state":                  {ogg.Process{}, nil, nil, status.Unknown, "its state could not be read"},
		"critical":                  {ogg.Process{Status: "stopped", Started: ago(time.Hour)}, critical, nil, status.Problem, "is stopped, although it is critical"},
		"critical, out of service":  {ogg.Process{Status: "stopped", Started: ago(48 * time.Hour)}, critical, nil, status.Off, "is stopped; nothing is expected of it"},
		"critical, checkpoint":      {ogg.Process{Status: "stopped", Started: ago(48 * time.Hour), Lag: wire.NumberOf(1), LagAge: wire.NumberOf(59)}, critical, nil, status.Problem, "is stopped, although it is critical; 00:01:00 behind"},
		"critical, not managed":     {ogg.Process{Status: "stopped", Started: ago(time.Hour)}, unmanaged, nil, status.Off, "is stopped; nothing is expected of it"},
		"critical, an initial load": {ogg.Process{Status: "stopped", Started: ago(time.Hour)}, critical, load, status.Off, "is an initial load, which ends"},
		"critical, as expected":     {ogg.Process{Status: "stopped", Started: ago(time.Hour), Unexpected: new(bool)}, critical, nil, status.Off, "is stopped, as expected"},
		"killed":                    {ogg.Process{Status: "killed", Started: ago(time.Hour)}, nil, nil, status.Warning, "was killed"},
		"killed long ago":           {ogg.Process{Status: "killed", Started: ago(48 * time.Hour)}, nil, nil, status.Off, "was killed; nothing is expected of it"},
		"abended, never started":    {ogg.Process{Status: "abended", Lag: wire.NumberOf(1), LagAge: wire.NumberOf(9)}, nil, nil, status.Problem, "has abended"},
		"abended, as expected":      {ogg.Process{Status: "abended", Unexpected: new(bool)}, nil, nil, status.Problem, "has abended"},
		"no lag":                    {ogg.Process{Status: "running"}, nil, nil, status.OK, ""},
		"at the threshold":          {ogg.Process{Status: "running", Lag: wire.NumberOf(300), LagAge: wire.NumberOf(60)}, nil, nil, status.OK, ""},
		"lag and age":               {ogg.Process{Status: "running", Lag: wire.NumberOf(240), LagAge: wire.NumberOf(61)}, nil, nil, status.Warning, "lags by 00:05:01"},
		"stuck":                     {ogg.Process{Status: "running", LagAge: wire.NumberOf(301)}, nil, nil, status.Warning, "is stuck: no checkpoint for 00:05:01"},
		"stuck, and lags more":      {ogg.Process{Status: "running", Lag: wire.NumberOf(1600), LagAge: wire.NumberOf(301)}, nil, nil, status.Problem, "lags by 00:31:41"},
	} {
		c.process.Name, c.process.Type = "EXT1", ogg.Extract
		d := ogg.Deployment{Status: "running", Processes: []*ogg.Process{&c.process}, Services: c.services, Definitions: c.definitions}
		if state, why := stateOf(t, d, "extract"); state != c.state || why != c.why {
			t.Errorf("%s: %s, %q, want %s, %q", name, state, why, c.state, c.why)
		}
	}
}

// TestOtherVerdicts checks the same for deployments, services, paths and data streams.
func TestOtherVerdicts(t *testing.T) {
	yes, no := true, false
	service := func(s ogg.Service) ogg.Deployment {
		s.Name = "adminsrvr"
		return ogg.Deployment{Status: "running", Services: []*ogg.Service{&s}, Reads: []ogg.Read{{Collector: "service", Err: errRead}}}
	}
	barred := service(ogg.Service{LoginBlocked: &yes})
	barred.Reads = []ogg.Read{{Collector: "service", Err: &ogg.APIError{StatusCode: 407, Proxy: "proxy:3128", URL: "http://gg"}}}
	path := func(p ogg.Path) ogg.Deployment {
		p.Name = "a"
		return ogg.Deployment{Status: "running", DistributionPaths: []*ogg.DistributionPath{{Path: p}}}
	}
	stream := func(state string) ogg.Deployment {
		return ogg.Deployment{Status: "running", DataStreams: []*ogg.DataStream{{Name: "a", Status: state}}}
	}
	for name, c := range map[string]struct {
		deployment ogg.Deployment
		program    string
		state      status.State
		why        string
	}{
		"a deployment that runs on":   {ogg.Deployment{Status: "running", Unexpected: &yes}, "deployment", status.Problem, "runs, but is expected to be stopped"},
		"a deployment that does not":  {ogg.Deployment{Status: "stopped", Unexpected: &yes, Enabled: &no}, "deployment", status.Problem, "is stopped, but is expected to run"},
		"a deployment that restarts":  {ogg.Deployment{Status: "restart"}, "deployment", status.Problem, "is restarting"},
		"a strange deployment":        {ogg.Deployment{Status: "pondering"}, "deployment", status.Warning, "GoldenGate reports a state that is not known"},
		"a deployment of the cloud":   {ogg.Deployment{Status: "unknown"}, "deployment", status.Unknown, "its state could not be read"},
		"a service without an answer": {service(ogg.Service{Status: "running", LoginBlocked: &no}), "adminsrvr", status.Unknown, "its health could not be read"},
		"a service that denies":       {service(ogg.Service{Status: "running", Healthy: &yes, LoginBlocked: &yes}), "adminsrvr", status.Warning, "rejects some requests of the user"},
		"a service that rejects":      {service(ogg.Service{LoginBlocked: &yes}), "adminsrvr", status.Warning, "rejects the user"},
		"a service behind a proxy":    {barred, "adminsrvr", status.Warning, "is not asked: the forward proxy rejects its user"},
		"a service that starts":       {service(ogg.Service{Status: "starting"}), "adminsrvr", status.Warning, "is starting"},
		"a path that stops":           {path(ogg.Path{Status: "stopping", Unexpected: &yes}), "distribution_path", status.Warning, "is stopping"},
		"a path that runs on":         {path(ogg.Path{Status: "running", Unexpected: &yes}), "distribution_path", status.Problem, "runs, but is expected to be stopped"},
		"a path without a state":      {path(ogg.Path{}), "distribution_path", status.Unknown, "its state could not be read"},
		"a path that is idle":         {path(ogg.Path{Status: "running", Lag: wire.NumberOf(1), LagAge: wire.NumberOf(9000)}), "distribution_path", status.OK, ""},
		"a stream without a state":    {stream(""), "data_stream", status.Unknown, "GoldenGate does not report its state"},
		"a stream that abended":       {stream("abended"), "data_stream", status.Problem, "has abended"},
		"a stream that is stopped":    {stream("stopped"), "data_stream", status.Off, "is stopped"},
	} {
		if state, why := stateOf(t, c.deployment, c.program); state != c.state || why != c.why {
			t.Errorf("%s: %s, %q, want %s, %q", name, state, why, c.state, c.why)
		}
	}
}

// TestKept checks that what an earlier poll read has its time, and is not judged when that is too old.
func TestKept(t *testing.T) {
	early := now.Add(-4 * time.Minute)
	source := status.Source{Name: "gg", Oldest: now.Add(-3 * time.Minute), Latest: &ogg.Installation{Begin: now, Deployments: []*ogg.Deployment{{
		Name: "north", Status: "running", Kept: ogg.Kept{Processes: early, DataStreams: early},
		Processes:         []*ogg.Process{{Name: "EXT1", Type: ogg.Extract, Status: "running"}},
		DistributionPaths: []*ogg.DistributionPath{{Path: ogg.Path{Name: "a", Status: "running"}}},
		DataStreams:       []*ogg.DataStream{{Name: "b", Status: "running"}},
	}}}}
	for _, r := range status.New([]status.Source{source}, nil, now, "").Rows {
		state, read := status.OK, now
		if r.Program == "extract" || r.Program == "data_stream" {
			state, read = status.Unknown, early
		}
		if r.State != state || !r.ReadAt.Equal(read) {
			t.Errorf("%s is %s (%s), read at %s; want %s, %s", r.Name, r.State, r.Why, r.ReadAt, state, read)
		}
	}
}

// TestExitCode checks that a data stream whose release does not report its state is no failure.
func TestExitCode(t *testing.T) {
	for want, s := range map[int]status.Status{
		0: {Rows: []status.Row{{Program: "data_stream", State: status.Unknown}, {State: status.OK}, {State: status.Off}}},
		1: {Pipelines: []status.Pipeline{{State: status.Warning}, {State: status.Unknown}}},
		2: {Rows: []status.Row{{State: status.Problem}, {Program: "extract", State: status.Unknown}}},
	} {
		if got := s.ExitCode(); got != want {
			t.Errorf("%+v: exit status %d, want %d", s, got, want)
		}
	}
}

// TestProxyRejection checks that GoldenGate's user is not blamed for that of a forward proxy, and that a
// role that is too low is told with what it may not read.
func TestProxyRejection(t *testing.T) {
	reads := func(statusCode int, proxy string) []ogg.Read {
		return []ogg.Read{{Collector: "process", Err: &ogg.APIError{StatusCode: statusCode, Proxy: proxy, URL: "http://gg/extracts"}}}
	}
	source := status.Source{
		Name: "gg", User: func(deployment string) string { return "of-" + deployment },
		Latest: &ogg.Installation{Begin: now, Deployments: []*ogg.Deployment{{Name: "north", Reads: reads(407, "proxy:3128")}, {Name: "south", Reads: reads(403, "")}}},
	}
	want := []string{
		"north: the login failed: proxy proxy:3128 rejected its user: 407 Proxy Authentication Required",
		"south: the user of-south was rejected: GET http://gg/extracts: 403 Forbidden",
	}
	if got := status.New([]status.Source{source}, nil, now, "").ServiceManagers[0].Errors; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestManyFailures checks that what is said is bounded, however much fails.
func TestManyFailures(t *testing.T) {
	inst := &ogg.Installation{Begin: now}
	for n := range 200 {
		inst.Deployments = append(inst.Deployments, &ogg.Deployment{Name: fmt.Sprint("d", n), Reads: []ogg.Read{{Collector: "process", Err: errRead}}})
	}
	got := status.New([]status.Source{{Name: "gg", Latest: inst}}, nil, now, "").ServiceManagers[0].Errors
	if len(got) != 51 || got[50] != "and 150 more" {
		t.Errorf("%d errors, at last %q", len(got), got[len(got)-1])
	}
}

// TestExpectedLag: a pipeline lags if nothing that is on its way is expected to stand; if something is, that
// is no problem, however long it stands.
func TestExpectedLag(t *testing.T) {
	started := wire.TimestampOf(now.Add(-100 * time.Hour))
	at := ogg.TrailPosition{Trail: "ea"}
	for unexpected, want := range map[bool]struct {
		state status.State
		code  int
	}{false: {status.Off, 0}, true: {status.Problem, 1}} {
		latest := &ogg.Installation{ServiceManager: "gg", Begin: now, Listed: true, Deployments: []*ogg.Deployment{{
			Name: "north", Status: "running", ExtractTrails: []*ogg.ExtractTrail{{Extract: "EXT1", TrailPosition: at}},
			Processes: []*ogg.Process{
				{Name: "EXT1", Type: ogg.Extract, Status: "running", Lag: wire.NumberOf(1), Started: started},
				{Name: "REP1", Type: ogg.Replicat, Status: "stopped", Lag: wire.NumberOf(1), LagAge: wire.NumberOf(9000), Position: &at, Started: started, Unexpected: &unexpected},
			},
		}}}
		graph := pipeline.New([]pipeline.Source{{Latest: latest, Fresh: true}}, -1)
		s := status.New([]status.Source{{Name: "gg", Latest: latest}}, graph, now, "")
		if len(s.Pipelines) != 1 || s.Pipelines[0].State != want.state || *s.Pipelines[0].LagSeconds != 9001 || s.ExitCode() != want.code {
			t.Errorf("unexpected %t: got %+v, exit status %d", unexpected, s.Pipelines, s.ExitCode())
		}
	}
}
