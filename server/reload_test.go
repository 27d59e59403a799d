package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// reload asks for a reload, which has to succeed.
func (e *exporter) reload(t testing.TB) {
	t.Helper()
	if status, _, body := e.ask(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Fatalf("status %d\n%s", status, body)
	}
}

// value returns the value of the one sample whose line begins so.
func value(t testing.TB, exposition, sample string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(sample)+` (\S+)$`).FindAllStringSubmatch(exposition, -1)
	if len(found) != 1 {
		t.Fatalf("%d samples %s", len(found), sample)
	}
	v, err := strconv.ParseFloat(found[0][1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const (
	successful = "ogg_exporter_config_last_reload_successful"
	succeeded  = "ogg_exporter_config_last_reload_success_timestamp_seconds"
)

// TestReload: what is removed is gone with its connections, what is new is there,
// and what stays keeps its counters and its connections.
func TestReload(t *testing.T) {
	t.Parallel()
	stays, staying := simulateBehind(t, "stays")
	goes, going := simulateBehind(t, "goes")
	_, coming := simulate(t, "comes", twoDeployments(false))
	e := newExporter(t, io.Discard, staying, going)
	before := e.scrape(t, "60")
	if value(t, before, successful) != 1 {
		t.Error("the first configuration is not said to be loaded")
	}
	connected := stays.connections()
	if len(goes.connections()) == 0 {
		t.Fatal("no connection that could be closed")
	}

	staying.Labels = map[string]string{"team": "dba"}
	e.configure(coming, staying)
	begin := time.Now()
	e.reload(t)
	goes.closes(t)
	after := e.scrape(t, "60")
	if left := samples(after, `service_manager="goes"`); len(left) > 0 {
		t.Errorf("%d samples of what was removed", len(left))
	}
	for _, line := range []string{`ogg_up{service_manager="comes"} 1`, `ogg_up{service_manager="stays"} 1`} {
		if !slices.Contains(samples(after), line) {
			t.Errorf("no %s", line)
		}
	}
	const requests = `ogg_api_requests_total{code="200",microservice="adminsrvr",service_manager="stays"}`
	if was, is := value(t, before, requests), value(t, after, requests); is <= was {
		t.Errorf("%v requests, which were %v: not the same client", is, was)
	}
	now := stays.connections()
	for c := range connected {
		if !now[c] {
			t.Errorf("a connection to what stays was closed: %s", c.RemoteAddr())
		}
	}
	if value(t, after, successful) != 1 || value(t, after, succeeded) < float64(begin.Unix()) {
		t.Errorf("at %s: %v, %v", begin, value(t, after, successful), value(t, after, succeeded))
	}
}

// TestReloadChanged: a Service Manager that is configured otherwise gets a new client.
func TestReloadChanged(t *testing.T) {
	t.Parallel()
	f, sm := simulateBehind(t, "gg")
	e := newExporter(t, io.Discard, sm)
	e.scrape(t, "60")
	sm.MaxConcurrentRequests++
	e.configure(sm)
	e.reload(t)
	f.closes(t)
	if len(samples(e.scrape(t, "60"), "ogg_up", "} 1")) != 1 {
		t.Error("not read again")
	}
}

// TestReloadExpect: rules of what is expected that change take effect, and the client stays, with what
// it has seen running. Rules of a file that is rejected do not.
func TestReloadExpect(t *testing.T) {
	t.Parallel()
	gg, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	const state = `ogg_deployment_unexpected_state{deployment="north",service_manager="gg"}`
	if value(t, e.scrape(t, "60"), state) != 0 {
		t.Error("a deployment that runs is unexpected")
	}
	gg.SetDeploymentStatus("north", "stopped")
	if value(t, e.scrape(t, "60"), state) != 1 {
		t.Error("a deployment that ran is not expected to run")
	}
	north, err := config.NewPattern("north")
	if err != nil {
		t.Fatal(err)
	}
	expecting := sm
	expecting.Expect = []config.Expectation{{Deployment: north, State: config.ExpectStopped}}
	broken := sm
	broken.Name, broken.HTTPClient.TLSConfig.CA = "broken", "no certificate"
	e.configure(expecting, broken)
	if status, _, _ := e.ask(t, http.MethodPost, "/-/reload"); status != http.StatusInternalServerError {
		t.Errorf("status %d", status)
	}
	if value(t, e.scrape(t, "60"), state) != 1 {
		t.Error("a rejected rule takes effect")
	}
	e.configure(expecting)
	e.reload(t)
	after := e.scrape(t, "60")
	if value(t, after, state) != 0 || value(t, after, `ogg_expectation_matches{rule="1",service_manager="gg"}`) != 1 {
		t.Error("the new rule has no effect")
	}
	e.configure(sm)
	e.reload(t)
	if value(t, e.scrape(t, "60"), state) != 1 {
		t.Error("the client has forgotten what ran")
	}
}

// TestReloadFails: with a configuration that is wrong the previous one stays in force,
// and this is said in the answer, the metric, the log and on the status page.
func TestReloadFails(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	wrong := []config.ServiceManager{sm, sm}
	wrong[0].Name, wrong[1].Name = "one", "two"
	wrong[0].HTTPClient.TLSConfig.CA, wrong[1].HTTPClient.TLSConfig.CA = "no certificate", "no certificate"
	for name, load := range map[string]func() (*config.Config, error){
		"the configuration": func() (*config.Config, error) {
			return nil, errors.Join(errors.New("config.yml: one is wrong"), errors.New("config.yml: two is wrong"))
		},
		"the clients": func() (*config.Config, error) { return &config.Config{ServiceManagers: wrong}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log locked
			e := newExporter(t, &log, sm)
			before := e.scrape(t, "60")
			e.setLoad(load)
			status, _, body := e.ask(t, http.MethodPost, "/-/reload")
			if status != http.StatusInternalServerError || !strings.Contains(body, "one") || !strings.Contains(body, "two") {
				t.Errorf("status %d\n%s", status, body)
			}
			after := e.scrape(t, "60")
			if !slices.Equal(samples(after), samples(before)) {
				t.Error("the samples are not as before")
			}
			if value(t, after, successful) != 0 || value(t, after, succeeded) != value(t, before, succeeded) {
				t.Errorf("%v, %v", value(t, after, successful), value(t, after, succeeded))
			}
			if _, page := e.get(t, "/"); !strings.Contains(page, "Reloading it failed") || !strings.Contains(page, "two") {
				t.Errorf("the page does not say so:\n%s", page)
			}
			checkLogged(t, log.String())
			e.configure(sm)
			e.reload(t)
			if value(t, e.scrape(t, "60"), successful) != 1 {
				t.Error("not whole again")
			}
		})
	}
}

// checkLogged checks that a reload that failed is in one line of the log.
func checkLogged(t *testing.T, log string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, "level=ERROR") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "one") || !strings.Contains(lines[0], "two") || strings.Contains(lines[0], `\n`) {
		t.Errorf("logged: %q", lines)
	}
}

// TestReloadInFlight: a scrape ends on what it began with, and only then are the
// connections closed that it used.
func TestReloadInFlight(t *testing.T) {
	t.Parallel()
	f, sm := simulateBehind(t, "gg")
	_, other := simulate(t, "other", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	whole := samples(e.scrape(t, "60"))
	h, goOn := f.hold(t, "/extracts")
	scraped := make(chan string)
	go func() {
		_, body := e.get(t, "/metrics")
		scraped <- body
	}()
	h.await(t)
	e.configure(other)
	e.reload(t)
	if got := samples(e.scrape(t, "60"), "ogg_up"); !slices.Equal(got, []string{`ogg_up{service_manager="other"} 1`}) {
		t.Errorf("a scrape after the reload has %q", got)
	}
	goOn()
	if got := samples(<-scraped); !slices.Equal(got, whole) {
		t.Errorf("the scrape in flight has %d samples, want %d", len(got), len(whole))
	}
	f.closes(t)
}

// TestReloadAtOnce: reloads run one after the other, and scrapes beside them are
// answered from one configuration or the other.
func TestReloadAtOnce(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) { // in which it may take as long as it does
		f, sm := simulateBehind(t, "gg")
		_, kept := simulate(t, "kept", twoDeployments(false))
		e := newExporter(t, io.Discard, kept)
		var loads, inside atomic.Int32
		e.setLoad(func() (*config.Config, error) {
			defer inside.Add(-1)
			if inside.Add(1) > 1 {
				t.Error("two reloads at once")
			}
			for range 100 {
				runtime.Gosched()
			}
			if loads.Add(1)%2 == 0 {
				return &config.Config{ServiceManagers: []config.ServiceManager{kept}}, nil
			}
			return &config.Config{ServiceManagers: []config.ServiceManager{sm, kept}}, nil
		})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 5 {
					if err := e.server.Reload(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() {
				for range 5 {
					_, body := e.get(t, "/metrics")
					if !slices.Contains(samples(body), `ogg_up{service_manager="kept"} 1`) {
						t.Error("kept is not read")
					}
				}
			})
		}
		all.Wait()
		f.closes(t)
	})
}

// TestNew: all that is wrong with the clients is said at once, and a path at which
// metrics cannot be served.
func TestNew(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	one, two := sm, sm
	one.Name, two.Name = "one", "two"
	one.HTTPClient.TLSConfig.CA, two.HTTPClient.TLSConfig.CA = "no certificate", "no certificate"
	_, err := server.New(t.Context(), &config.Config{ServiceManagers: []config.ServiceManager{one, sm, two}}, server.Options{TelemetryPath: "/metrics"})
	if err == nil || !strings.Contains(err.Error(), "one") || !strings.Contains(err.Error(), "two") {
		t.Errorf("got %v", err)
	}
	for path, right := range map[string]bool{
		"/": true, "/m": true, "/m/": true, "/debug/pprof": true, "/-/metrics": true, "/api/status": true,
		"": false, "metrics": false, "//m": false, "/m/../n": false, "/{m}": false, "/m n": false, "/m?n": false,
		"/probe": false, "/sd": false, "/api/status.json": false, "/-/ready": false, "/debug/pprof/": false, "/debug/pprof/heap": false,
	} {
		s, err := server.New(t.Context(), &config.Config{}, server.Options{TelemetryPath: path, EnablePprof: true, Client: ogg.Options{}})
		if (err == nil) != right {
			t.Errorf("%q: %v", path, err)
		}
		if err == nil {
			s.Handler()
		}
	}
}

// blockedLoad returns a load that takes until release is closed, and then finds nothing to read.
func blockedLoad(release <-chan struct{}) func() (*config.Config, error) {
	return func() (*config.Config, error) {
		<-release
		return &config.Config{}, nil
	}
}

// TestReloadHangs: a reload that hangs is answered in time and said to have failed. Scrapes and
// the end go on beside it, and it takes effect once it is done.
func TestReloadHangs(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		cloud := simulateCompartment(t)
		_, sm := simulate(t, "gg", twoDeployments(false))
		log := &locked{}
		e := newExporterWithClouds(t, log, []config.OCI{cloud.entry}, sm)
		release := make(chan struct{})
		e.setLoad(blockedLoad(release))
		begin := time.Now()
		answers := make(chan string)
		for range 2 {
			go func() {
				status, _, body := e.ask(t, http.MethodPost, "/-/reload")
				answers <- strconv.Itoa(status) + " " + body
			}()
		}
		time.Sleep(20 * time.Second)
		during := e.eventually(t, "/metrics", []string{`ogg_up{service_manager="gg"} 1`, "ogg_oci_deployment_info"}, nil)
		if value(t, during, successful) != 1 {
			t.Error("it has failed before its time")
		}
		got := []string{<-answers, <-answers}
		slices.Sort(got)
		if took := time.Since(begin); took != 30*time.Second || !strings.HasPrefix(got[0], "503 The previous configuration stays in force: another reload") ||
			!strings.HasPrefix(got[1], "503 The previous configuration stays in force: reading") {
			t.Errorf("after %s: %q", took, got)
		}
		if after := e.scrape(t, "5"); value(t, after, successful) != 0 || len(samples(after, `ogg_up{service_manager="gg"} 1`)) != 1 {
			t.Error("after 30 s it has not failed, or something else has")
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%d errors logged:\n%s", n, log.String())
		}
		close(release)
		synctest.Wait()
		if after := e.scrape(t, "5"); value(t, after, successful) != 1 || len(samples(after, `ogg_up`)) != 0 {
			t.Error("it has not taken effect once it was done")
		}
	})
}

// TestCloseBesideReload: a reload that hangs keeps nothing from ending, and changes nothing
// afterwards.
func TestCloseBesideReload(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		cloud := simulateCompartment(t)
		e := newExporterWithClouds(t, io.Discard, []config.OCI{cloud.entry})
		release := make(chan struct{})
		e.setLoad(blockedLoad(release))
		ctx, cancel := context.WithCancel(t.Context())
		reloaded := make(chan error)
		go func() { reloaded <- e.server.Reload(ctx) }()
		synctest.Wait()
		begin := time.Now()
		cancel()
		if err := <-reloaded; err == nil {
			t.Error("it was reloaded")
		}
		e.server.Close()
		if took := time.Since(begin); took > 0 {
			t.Errorf("the end took %s", took)
		}
		close(release)
		synctest.Wait()
		if got := e.scrape(t, "5"); value(t, got, successful) != 1 || !strings.Contains(got, "ogg_oci_") {
			t.Error("the reload has changed something after the end")
		}
	})
}

// TestReloadPanics: a bug in a reload is an error like others.
func TestReloadPanics(t *testing.T) {
	t.Parallel()
	e := newExporter(t, io.Discard)
	e.setLoad(func() (*config.Config, error) { panic("a bug") })
	for range 2 {
		if status, _, body := e.ask(t, http.MethodPost, "/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "a bug") {
			t.Errorf("status %d\n%s", status, body)
		}
	}
	if got := e.scrape(t, "5"); value(t, got, "ogg_exporter_panics_total") != 2 || value(t, got, successful) != 0 {
		t.Error("it is not counted, or has not failed")
	}
}

// TestLifecycle: requests to reload can be switched off.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	e := newExporterWith(t, io.Discard, server.Options{DisableLifecycle: true})
	e.setLoad(func() (*config.Config, error) {
		t.Error("it reloads")
		return nil, errors.New("reloaded")
	})
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		if status, _, body := e.ask(t, method, "/-/reload"); status != http.StatusForbidden || !strings.Contains(body, "--no-web.enable-lifecycle") {
			t.Errorf("%s: status %d\n%s", method, status, body)
		}
	}
}
