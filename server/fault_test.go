package server_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
)

// faults are all the ways in which a service can fail.
var faults = map[string]oggtest.Fault{
	"refused":            {Refused: true},
	"reset":              {Reset: true},
	"hangs":              {Hang: true},
	"endless body":       {EndlessBody: true},
	"slow body":          {SlowBody: time.Second},
	"truncated":          {Truncated: true},
	"wrong types":        {WrongTypes: true},
	"HTML":               {HTML: true},
	"echoes":             {Echo: true},
	"not gzip":           {Header: http.Header{"Content-Encoding": {"gzip"}}},
	"empty":              {Status: http.StatusNoContent},
	"redirect elsewhere": {Redirect: "http://127.0.0.2:1/services/v2/extracts"},
	"401":                {Unauthorized401: true},
	"403":                {Forbidden403: true},
	"404":                {Status: http.StatusNotFound},
	"429":                {Status: http.StatusTooManyRequests, RetryAfter: "3600"},
	"500":                {Status: http.StatusInternalServerError},
	"502":                {Status: http.StatusBadGateway, HTML: true},
	"503":                {Status: http.StatusServiceUnavailable, RetryAfter: "1"},
	"latency":            {Latency: 10 * time.Second},
	"no response":        {Body: `{"messages":[]}`},
	"an array":           {Body: `[1]`},
	"not JSON":           {Body: `status: running`},
	"nested deeply":      {Body: nested(100_000)},
}

// nested is JSON that is n arrays deep.
func nested(n int) string {
	deep := make([]byte, 0, 2*n+16)
	deep = append(deep, `{"response":`...)
	for range n {
		deep = append(deep, '[')
	}
	for range n {
		deep = append(deep, ']')
	}
	return string(append(deep, '}'))
}

// TestFaults: whatever one service does, a scrape is answered in time, all else
// is complete, the failure is told, and the next scrape after it is whole again.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		for where, proxy := range map[string]bool{"direct": false, "behind NGINX": true} {
			t.Run(name+" "+where, func(t *testing.T) {
				bubble.Run(t, func(t *bubble.T) {
					gg, sm := simulate(t, "gg", twoDeployments(proxy))
					sm.Timeout = configured
					e := newExporter(t, io.Discard, sm)
					whole := samples(e.scrape(t, "60"))

					mend := gg.Fault(oggtest.Target{Deployment: "north", Service: "adminsrvr"}, fault)
					if name == "401" { // once, its answer may count for all services of the deployment
						e.scrape(t, "60")
						time.Sleep(2 * time.Minute)
					}
					begin := time.Now()
					got := e.scrape(t, patience(fault))
					checkInTime(t, begin, fault)
					checkHarm(t, whole, got)
					mend()
					if isRefusal(name) {
						time.Sleep(time.Hour)
					}
					again := samples(e.scrape(t, "60"))
					if name == "404" {
						whole, again = withoutTrails(whole), withoutTrails(again)
					}
					if !slices.Equal(again, whole) {
						t.Errorf("not whole again: got %d samples, want %d", len(again), len(whole))
					}
				})
			})
		}
	}
}

// withoutTrails leaves out the trails: they came with 21.3, and a service that lacks them
// is not asked for them again at once.
func withoutTrails(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return strings.HasPrefix(line, "ogg_trail_") || strings.Contains(line, `collector="trail"`)
	})
}

// isRefusal reports whether the fault says that the user is refused, who is then not
// tried again at once.
func isRefusal(name string) bool { return name == "401" || name == "403" }

// lingers reports whether only the scrape's deadline ends what the fault does.
func lingers(fault oggtest.Fault) bool {
	return fault.Hang || fault.SlowBody > 0 || fault.Latency > 0
}

// patience is Prometheus's timeout for a scrape with the fault, in seconds: a
// short one where it is the deadline that is tested.
func patience(fault oggtest.Fault) string {
	if lingers(fault) {
		return "6"
	}
	return "60"
}

// configured is the timeout in the configuration, far longer than the patience
// with a fault that lingers.
const configured = time.Minute

// checkInTime checks that Prometheus's timeout, less the offset, ended the scrape with a
// fault that lingers, and not the far longer one that is configured.
func checkInTime(t testing.TB, begin time.Time, fault oggtest.Fault) {
	t.Helper()
	if took := time.Since(begin); lingers(fault) && took != 5500*time.Millisecond {
		t.Errorf("the scrape took %s", took)
	}
}

// checkHarm checks an exposition while the Administration Service of north fails.
func checkHarm(t testing.TB, whole []string, got string) {
	t.Helper()
	for _, line := range []string{
		`ogg_up{service_manager="gg"} 1`,
		`ogg_deployment_up{deployment="north",service_manager="gg"} 1`,
		`ogg_scrape_collector_success{collector="process",deployment="north",service_manager="gg"} 0`,
		`ogg_scrape_collector_success{collector="process",deployment="south",service_manager="gg"} 1`,
		`ogg_service_healthy{deployment="north",microservice="distsrvr",service_manager="gg"} 1`,
	} {
		if !slices.Contains(samples(got), line) {
			t.Errorf("no %s", line)
		}
	}
	if left := samples(got, `deployment="north"`, "ogg_process_lag_seconds"); len(left) > 0 {
		t.Errorf("lag that cannot have been read: %q", left)
	}
	for _, other := range []string{"south", "ServiceManager"} {
		want := slices.DeleteFunc(slices.Clone(whole), func(line string) bool { return len(samples(line, `deployment="`+other+`"`)) == 0 })
		if is := samples(got, `deployment="`+other+`"`); !slices.Equal(is, want) {
			t.Errorf("%s is not as before:\n%q\n%q", other, is, want)
		}
	}
}

// TestServiceManagerFaults: when the Service Manager itself fails, that is what
// the scrape says, in time; and the next one is whole again.
func TestServiceManagerFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		if name == "404" {
			continue // is what a release without the route answers
		}
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *bubble.T) {
				gg, sm := simulate(t, "gg", twoDeployments(false))
				_, other := simulate(t, "other", twoDeployments(false))
				sm.Timeout = configured
				e := newExporter(t, io.Discard, sm, other)
				whole := samples(e.scrape(t, "60"))

				mend := gg.Fault(oggtest.Target{Service: "ServiceManager"}, fault)
				begin := time.Now()
				got := e.scrape(t, patience(fault))
				checkInTime(t, begin, fault)
				for _, line := range []string{
					`ogg_up{service_manager="gg"} 0`,
					`ogg_scrape_collector_success{collector="deployment",deployment="ServiceManager",service_manager="gg"} 0`,
					`ogg_up{service_manager="other"} 1`,
				} {
					if !slices.Contains(samples(got), line) {
						t.Errorf("no %s", line)
					}
				}
				if left := samples(got, `service_manager="gg"`, "ogg_process_"); len(left) > 0 {
					t.Errorf("processes that cannot have been read: %q", left)
				}
				mend()
				if isRefusal(name) {
					time.Sleep(time.Hour)
				}
				if again := samples(e.scrape(t, "60")); !slices.Equal(again, whole) {
					t.Errorf("not whole again: got %d samples, want %d", len(again), len(whole))
				}
			})
		})
	}
}

// TestStopped: a deployment that is stopped has its state, and nothing stale.
func TestStopped(t *testing.T) {
	t.Parallel()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	whole := samples(e.scrape(t, ""))
	gg.SetDeploymentStatus("north", "stopped")
	got := e.scrape(t, "")
	if !slices.Contains(samples(got), `ogg_deployment_status{deployment="north",service_manager="gg",status="stopped"} 1`) {
		t.Error("north is not stopped")
	}
	for _, family := range []string{"ogg_process_", "ogg_service_healthy", `collector="process"`, "ogg_deployment_info"} {
		if left := samples(got, `deployment="north"`, family); len(left) > 0 {
			t.Errorf("stale: %q", left)
		}
	}
	if failed := samples(got, "ogg_scrape_collector_success", "} 0"); len(failed) > 0 {
		t.Errorf("a stopped deployment is no failure: %q", failed)
	}
	gg.SetDeploymentStatus("north", "running")
	if again := samples(e.scrape(t, "")); len(again) != len(whole) {
		t.Errorf("not whole again: got %d samples, want %d", len(again), len(whole))
	}
}
