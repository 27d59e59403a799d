package server_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest/bubble"
	"github.com/ogg-exporter/ogg_exporter/server"
)

// simulateDemo starts the Service Managers of the demo, and returns them with the configurations that
// read them.
func simulateDemo(t testing.TB) (servers []*oggtest.Server, managers []config.ServiceManager) {
	t.Helper()
	for n, i := range oggtest.Demo() {
		i.RequestLog = 0
		s, sm := simulate(t, []string{"emea", "apac"}[n], i)
		servers, managers = append(servers, s), append(managers, sm)
	}
	return servers, managers
}

// pipelineSamples returns the samples of pipelines in an exposition.
func pipelineSamples(exposition string) []string {
	return regexp.MustCompile(`(?m)^ogg_pipeline_.*$`).FindAllString(exposition, -1)
}

const probePipelines = "/probe?target=_pipelines"

// TestPipelines: the pipelines of all Service Managers are on /metrics, and a target of their own, for
// which only those Service Managers are polled that were not for a while.
func TestPipelines(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		servers, managers := simulateDemo(t)
		e := newExporter(t, io.Discard, managers...)
		requests := func() (counts []int) {
			for _, s := range servers {
				counts = append(counts, len(s.Requests()))
				s.ResetRequests()
			}
			return counts
		}
		first := e.scrapeAt(t, probePipelines, "60")
		if n := requests(); slices.Contains(n, 0) {
			t.Errorf("the first scrape sends %v requests", n)
		}
		whole := e.scrape(t, "60")
		for _, want := range []string{
			`ogg_pipeline_up{pipeline="emea/london/EXTORD>apac/sydney/REPORDS"} 1`,
			`ogg_pipeline_up{pipeline="emea/london/EXTBILL>emea/frankfurt/REPBILL"} 0`,
			"ogg_pipeline_dropped 0",
		} {
			if !slices.Contains(pipelineSamples(whole), want) || !slices.Contains(pipelineSamples(first), want) {
				t.Errorf("%s is not on both pages:\n%s", want, strings.Join(pipelineSamples(whole), "\n"))
			}
		}
		requests()
		time.Sleep(80 * time.Second)
		again := e.scrapeAt(t, probePipelines, "60")
		if n := requests(); !slices.Equal(n, []int{0, 0}) || !slices.Equal(pipelineSamples(again), pipelineSamples(whole)) {
			t.Errorf("%v requests for what was read 80 s ago, and the samples are\n%s", n, again)
		}
		if strings.Count(again, "\n# HELP ") != strings.Count(again, "\n# HELP ogg_pipeline_") {
			t.Errorf("there is more than pipelines:\n%s", again)
		}
		e.scrapeAt(t, "/probe?target=apac", "60")
		requests()
		time.Sleep(20 * time.Second)
		e.scrapeAt(t, probePipelines, "60")
		if n := requests(); n[0] == 0 || n[1] != 0 {
			t.Errorf("%v requests, where only emea was read 100 s ago", n)
		}
	})
}

// TestPipelinesSelected: collect[] selects the pipelines like any collector, and everything else
// without them.
func TestPipelinesSelected(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		servers, managers := simulateDemo(t)
		e := newExporter(t, io.Discard, managers...)
		e.scrape(t, "60")
		for _, path := range []string{"/metrics?collect[]=process", "/probe?target=_pipelines&collect[]=process", "/probe?target=emea"} {
			if got := pipelineSamples(e.scrapeAt(t, path, "60")); got != nil {
				t.Errorf("%s has pipelines:\n%s", path, strings.Join(got, "\n"))
			}
		}
		// What processes and paths do is then as the latest poll that read them says.
		servers[0].ResetRequests()
		got := pipelineSamples(e.scrapeAt(t, "/metrics?collect[]=pipeline", "60"))
		if !slices.Contains(got, `ogg_pipeline_up{pipeline="emea/london/EXTORD>apac/sydney/REPORDS"} 1`) {
			t.Errorf("collect[]=pipeline has only\n%s", strings.Join(got, "\n"))
		}
		for _, r := range servers[0].Requests() {
			if strings.Contains(r.Path, "/extracts/") || strings.Contains(r.Path, "/sources/") {
				t.Errorf("collect[]=pipeline reads %s", r.Path)
			}
		}
		if status, _, body := e.ask(t, http.MethodGet, probePipelines+"&debug=1"); status != 403 {
			t.Errorf("debug: status %d\n%s", status, body)
		}
	})
}

// TestPipelinesTarget: the pipelines are in /sd, without labels of the configuration, unless their
// collector is off.
func TestPipelinesTarget(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, managers := simulateDemo(t)
		managers[0].Labels = map[string]string{"site": "london"}
		e := newExporter(t, io.Discard, managers...)
		if _, sd := e.get(t, "/sd"); !strings.Contains(sd, `"labels":{"__metrics_path__":"/probe","__param_target":"_pipelines","instance":"_pipelines"}`) {
			t.Errorf("the pipelines are not a target: %s", sd)
		}
		o := server.Options{TelemetryPath: "/metrics"}
		o.Client.Collectors, o.Client.Dial = []string{"process"}, bubble.Dialer(t)
		without, err := server.New(context.Background(), &config.Config{ServiceManagers: managers}, o)
		if err != nil {
			t.Fatal(err)
		}
		defer without.Close()
		get := func(path string) (int, string) {
			w := httptest.NewRecorder()
			without.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			return w.Code, w.Body.String()
		}
		if _, sd := get("/sd"); strings.Contains(sd, "_pipelines") {
			t.Errorf("a target although the collector is off: %s", sd)
		}
		if status, body := get(probePipelines); status != 404 || !strings.Contains(body, "the collector pipeline is off") {
			t.Errorf("status %d: %s", status, body)
		}
		if _, body := get("/metrics"); pipelineSamples(body) != nil {
			t.Errorf("pipelines although the collector is off")
		}
	})
}

// TestPipelinesLeftOut: above the limit, pipelines are counted, and the log says so once.
func TestPipelinesLeftOut(t *testing.T) {
	bubble.Run(t, func(t *bubble.T) {
		_, managers := simulateDemo(t)
		var log bytes.Buffer
		e := newExporterWith(t, &log, server.Options{MaxPipelines: 2}, managers...)
		for range 3 {
			got := e.scrape(t, "60")
			if n := strings.Count(got, "\nogg_pipeline_info{"); n != 2 || !strings.Contains(got, "\nogg_pipeline_dropped 6\n") {
				t.Errorf("%d pipelines:\n%s", n, strings.Join(pipelineSamples(got), "\n"))
			}
		}
		if n := strings.Count(log.String(), "There are more pipelines than --collector.pipeline.max"); n != 1 {
			t.Errorf("the log says so %d times", n)
		}
	})
}
