package status_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/status"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a text with a golden file, or writes it.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if that is right, run the test with -update. Got:\n%s", file, got)
	}
}

// start starts a simulation in the network of the test.
func start(t testing.TB, i oggtest.Installation) *oggtest.Server {
	t.Helper()
	i.Network = bubble.Network(t)
	s, err := oggtest.Start(i)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// read polls a Service Manager once, as --status does.
func read(t testing.TB, sm config.ServiceManager) status.Source {
	t.Helper()
	client, err := ogg.NewClient(sm, ogg.Options{Dial: bubble.Dialer(t), Mask: func(string) string { return "masked" }, Collectors: []string{
		"deployment", "service", "process", "definition", "message", "distribution_path", "receiver_path", "data_stream", "trail",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	inst := client.Poll(ogg.WithTrace(t.Context(), func(ogg.Exchange) {}))
	inst.Took = 120 * time.Millisecond
	return status.Source{Name: client.Name(), URL: client.URL(), Latest: inst, User: client.User}
}

// expect adds a rule of what is expected.
func expect(t testing.TB, sm *config.ServiceManager, process, path, deployment string, state string, required bool) {
	t.Helper()
	pattern := func(text string) config.Pattern {
		p, err := config.NewPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	sm.Expect = append(sm.Expect, config.Expectation{
		Process: pattern(process), Path: pattern(path), Deployment: pattern(deployment), State: state, Required: required,
	})
}

// everything is an installation in which everything is in another state.
func everything() oggtest.Installation {
	north := oggtest.Deployment{Name: "north"}
	north.Processes = []oggtest.Process{
		{Name: "ABEND", Status: "abended", Stopped: 25 * time.Minute, Lag: 3 * time.Second, ErrorCode: "OGG-00446"},
		{Name: "CRIT", Status: "stopped", Critical: true, Stopped: time.Hour},
		{Name: "FINE", Lag: 2 * time.Second},
		{Name: "INITIAL", ExtractType: oggtest.ExtractInitialLoad, Status: "stopped", Stopped: 100 * time.Hour},
		{Name: "KILLED", Status: "killed", Stopped: time.Hour},
		{Name: "LAGGING", Lag: 6 * time.Minute},
		{Name: "LATE", Lag: 31 * time.Minute},
		{Name: "NEVER", NeverStarted: true},
		{Name: "PLANNED", Status: "stopped", Stopped: time.Hour},
		{Name: "RUNS"},
		{Name: "STARTS", Status: "starting"},
		{Name: "STRANGE", Status: "pondering"},
		{Name: "STUCK", Type: oggtest.Replicat, Stuck: true, Trail: "ea", Lag: time.Second},
	}
	north.DistributionPaths = []oggtest.DistributionPath{
		{Name: "behind", Extract: "FINE", Lag: 40 * time.Minute},
		{Name: "fine", Extract: "FINE"},
		{Name: "killed", Extract: "FINE", Status: "killed"},
		{Name: "never", Extract: "FINE", NeverStarted: true},
		{Name: "planned", Extract: "FINE", Status: "stopped"},
	}
	north.ReceiverPaths = []oggtest.ReceiverPath{{Name: "in", Status: "stopped", Critical: true}}
	north.DataStreams = []oggtest.DataStream{{Name: "orders", Extract: "FINE", Lag: 3 * time.Second}}
	return oggtest.Installation{Deployments: []oggtest.Deployment{
		north,
		{Name: "abended", Status: "abended"},
		{Name: "disabled", Status: "stopped", Disabled: true},
		{Name: "south", Services: []oggtest.Service{
			{Name: "adminsrvr", Unhealthy: true},
			{Name: "distsrvr", Status: "stopped"},
			{Name: "pmsrvr", Status: "stopped", NonCritical: true},
			{Name: "recvsrvr", Status: "stopped", Disabled: true},
		}},
		{Name: "stopped", Status: "stopped"},
		{Name: "planned", Status: "stopped"},
	}}
}
