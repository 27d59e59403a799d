package server_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestPanic: a panic in a read costs that read. The scrape is served, with everything else, a
// counter says that there was one, the log has its stack, and nothing is left behind.
func TestPanic(t *testing.T) {
	_, sm := simulate(t, "gg", twoDeployments(false))
	log := &locked{}
	var broken atomic.Bool
	e := newExporterWith(t, log, server.Options{Client: ogg.Options{Performance: ogg.PerformanceOptions{Process: func(string) bool {
		if broken.Load() {
			panic("a bug")
		}
		return true
	}}}}, sm)
	has := func(body string, lines ...string) {
		t.Helper()
		for _, line := range lines {
			if !strings.Contains("\n"+body, "\n"+line+"\n") {
				t.Errorf("no line %s", line)
			}
		}
	}
	success := func(collector, value string) string {
		return `ogg_scrape_collector_success{collector="` + collector + `",deployment="north",service_manager="gg"} ` + value
	}
	whole := func(panics string) {
		t.Helper()
		has(e.scrape(t, "60"), "ogg_exporter_panics_total "+panics, success("performance", "1"), success("process", "1"))
	}
	whole("0")
	before := e.settled(t)
	broken.Store(true)
	for range 20 {
		has(e.scrape(t, "60"), `ogg_up{service_manager="gg"} 1`,
			success("performance", "0"), success("process", "1"), success("service", "1"), success("receiver_path", "1"),
			`ogg_deployment_up{deployment="north",service_manager="gg"} 1`)
	}
	broken.Store(false)
	whole("40") // of two deployments
	if text := log.String(); !strings.Contains(text, "A read panicked") || !strings.Contains(text, "server_test.TestPanic") {
		t.Error("the stack is not logged")
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		after := e.resources(t)
		if after.goroutines <= before.goroutines+4 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("before: %+v, after: %+v", before, after)
		}
	}
}
