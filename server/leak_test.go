package server_test

import (
	"io"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestNothingLeft: scrapes, every third with something failing, leave no goroutine and no
// file or connection behind. Each failure comes 10 times, which is more than may be left.
func TestNothingLeft(t *testing.T) {
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	scrapes := func(n int) {
		for i := range n {
			var mend func()
			switch i % 9 {
			case 2:
				mend = gg.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, oggtest.Fault{Refused: true})
			case 5:
				mend = gg.Fault(oggtest.Target{Deployment: "south", Path: "/services/v2/extracts"}, oggtest.Fault{Truncated: true})
			case 8:
				mend = gg.Fault(oggtest.Target{Service: "ServiceManager"}, oggtest.Fault{Status: http.StatusInternalServerError})
			}
			e.scrape(t, "0.2")
			if mend != nil {
				mend()
			}
		}
	}
	scrapes(18)
	before := e.settled(t)
	scrapes(90)
	// What ends a moment after its scrape gets that moment.
	var after usage
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if after = e.resources(t); after.goroutines <= before.goroutines+4 && after.files <= before.files+2 {
			return
		}
	}
	t.Errorf("before: %+v, after: %+v", before, after)
}

// settled is resources when what ends a moment after its scrape has ended.
func (e *exporter) settled(t *testing.T) usage {
	t.Helper()
	last, same := e.resources(t), 0
	for ; same < 5; time.Sleep(20 * time.Millisecond) {
		is := e.resources(t)
		if same++; is != last {
			last, same = is, 0
		}
	}
	return last
}

// usage is what a process holds.
type usage struct{ goroutines, files int }

// resources counts what is in use, without the idle connections that the clients
// keep: those are as many as requests once happened to be in flight together.
func (e *exporter) resources(t *testing.T) usage {
	t.Helper()
	e.server.Close()
	e.client.CloseIdleConnections()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Logf("LEFT OUT: open files cannot be counted here: %v", err)
	}
	return usage{runtime.NumGoroutine(), len(files)}
}
