package ogg_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// allReaders are the collectors of these tests.
var allReaders = []string{
	"deployment", "service", "process", "trail", "heartbeat", "performance", "table",
	"distribution_path", "receiver_path",
}

// TestPanic: wherever a panic happens, it costs the collector that reads there, is logged with
// its stack and is counted; the rest is read, and the next poll is whole.
func TestPanic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path  string // of the request whose answer panics
		fails string // collectors of north, or of nothing where the Service Manager fails
	}{
		{"/config/health", "service"},
		{"/config/summary", "deployment"},
		{"/extracts?threads=none", "process"},
		{"/extracts/EXT1/info/status", "process"},
		{"/trails?details=true", "trail"},
		{"/mpoints/processes", "performance table"},
		{"/mpoints/EXT1/statisticsExtract", "performance"},
		{"/mpoints/EXT1/statisticsTableExtract", "table"},
		{"/sources", "distribution_path"},
		{"/sources/KEPT/info", "distribution_path"},
		{"/mpoints/DISTSRVR/distsrvrPathStats", "distribution_path"},
		{"/targets", "receiver_path"},
		{"/installation/deployments", "deployment"},
		{"/installation/services", ""},
	} {
		t.Run(c.path, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				_, sm := simulate(t, everyKind())
				var log bytes.Buffer
				panics := wire.NewPanics(slog.New(slog.NewTextHandler(&log, nil)))
				client, err := ogg.NewClient(sm, ogg.Options{Collectors: allReaders, Dial: bubble.Dialer(t), Panics: panics})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(client.Close)
				inst := client.Poll(ogg.WithTrace(t.Context(), func(x ogg.Exchange) {
					ofNorth := x.Deployment == "north" && (x.Microservice == "adminsrvr" || c.path != "/config/health")
					if x.Path == c.path && (ofNorth || strings.HasPrefix(x.Path, "/installation/")) {
						panic("a bug at " + x.Path)
					}
				}))
				if panics.Count() != 1 || strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "(*Endpoint).Read") {
					t.Errorf("%d panics; logged:\n%s", panics.Count(), &log)
				}
				checkPanicked(t, inst, c.fails)
				if c.fails == "process" && len(deployment(t, inst, "north").Processes) == 0 {
					t.Error("the Replicat is missing")
				}
				poll(t, client)
			})
		})
	}
}

// checkPanicked checks that these collectors of north failed, and no others.
func checkPanicked(t testing.TB, inst *ogg.Installation, fails string) {
	t.Helper()
	if fails == "" {
		if _, is := errors.AsType[*wire.PanicError](inst.Err); !is {
			t.Errorf("got %v", inst.Err)
		}
		return
	}
	if inst.Err != nil {
		t.Errorf("the Service Manager failed: %v", inst.Err)
	}
	for _, name := range allReaders {
		err := readOf(inst, "north", name)
		_, panicked := errors.AsType[*wire.PanicError](err)
		if panicked != strings.Contains(" "+fails+" ", " "+name+" ") || err != nil && !panicked {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// readOf returns how the read of a collector's part of a deployment went; nil also if there
// was nothing to read.
func readOf(inst *ogg.Installation, name, collector string) error {
	for _, d := range inst.Deployments {
		for _, r := range d.Reads {
			if d.Name == name && r.Collector == collector {
				return r.Err
			}
		}
	}
	return nil
}

// TestPanicSingly is the same of a release without the lists of an installation.
func TestPanicSingly(t *testing.T) {
	t.Parallel()
	for path, fails := range map[string]string{
		"/deployments/north":                    "deployment",
		"/deployments/north/services/adminsrvr": "service",
		"/deployments":                          "all",
	} {
		_, sm := simulate(t, north(oggtest.Release12c))
		client := newClient(t, sm)
		inst := client.Poll(ogg.WithTrace(t.Context(), func(x ogg.Exchange) {
			if x.Path == path {
				panic("a bug")
			}
		}))
		if (inst.Err != nil) != (fails == "all") {
			t.Errorf("%s: got %v", path, inst.Err)
		}
		if inst.Err == nil {
			if _, is := errors.AsType[*wire.PanicError](read(t, inst, "north", fails).Err); !is {
				t.Errorf("%s: got %v", path, read(t, inst, "north", fails).Err)
			}
			if deployment(t, inst, ogg.ServiceManager).Services[0].Healthy == nil {
				t.Errorf("%s: the Service Manager is not read", path)
			}
		}
		poll(t, client)
	}
}

// TestPanicOfFilter: a function of the caller that panics costs no flight.
func TestPanicOfFilter(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, sm := simulate(t, everyKind())
		broken := true
		filter := func(string) bool {
			if broken {
				panic("a bug of the filter")
			}
			return true
		}
		c, err := ogg.NewClient(sm, ogg.Options{
			Collectors: allReaders, Dial: bubble.Dialer(t),
			Performance: ogg.PerformanceOptions{Process: filter},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		first, second := polling(context.Background(), c), polling(context.Background(), c)
		if inst := first(); inst != second() && failure(inst) == nil {
			t.Error("no failure")
		}
		for name, want := range map[string]bool{"performance": true, "table": true, "process": false, "service": false} {
			err := read(t, c.Last(), "north", name).Err
			if _, is := errors.AsType[*wire.PanicError](err); is != want {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if n := ogg.Waiting(c); n != 0 {
			t.Errorf("%d scrapes wait", n)
		}
		broken = false
		poll(t, c)
	})
}
