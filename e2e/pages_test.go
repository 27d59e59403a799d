package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
	"github.com/ogg-exporter/ogg_exporter/server"
	"github.com/ogg-exporter/ogg_exporter/server/page"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// pages returns the URLs of pages by what is on them.
func pages(t *testing.T) map[string]string {
	t.Helper()
	many := startReading(t, "many", oggtest.Fleet(oggtest.FleetSize{ServiceManagers: 1, Deployments: 6, Processes: 100, Paths: 2, Release: oggtest.Release26ai})[0])
	many.scrape(t, `ogg_up{service_manager="many"} 1`)
	unread := startReading(t, oddName, oggtest.Installation{})
	return map[string]string{"many": many.url, "odd": oddPage(t), "unread": unread.url, "empty": emptyPage(t)}
}

// startReading starts an exporter that reads a simulation under that name.
func startReading(t *testing.T, name string, i oggtest.Installation) *process {
	t.Helper()
	s, err := oggtest.Start(i)
	must(t, err)
	t.Cleanup(s.Close)
	file := write(t, "config.yml", asYAML(t, map[string]any{"service_managers": []any{elementOf(name, s)}}))
	return startListening(t, buildExporter(t), "--config.file="+file)
}

// scrape scrapes until there is a sample.
func (p *process) scrape(t *testing.T, sample string) {
	t.Helper()
	until(t, func() error {
		exposition, err := fetch(p.url + "/metrics")
		if err == nil && !strings.Contains(exposition, sample) {
			err = fmt.Errorf("no %s", sample)
		}
		return err
	})
}

// emptyPage serves the page of an exporter that has nothing to read, as with an entry of oci without
// deployments.
func emptyPage(t *testing.T) string {
	t.Helper()
	s, err := server.New(context.Background(), &config.Config{}, server.Options{TelemetryPath: "/metrics"})
	must(t, err)
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		h.Close()
		s.Close()
	})
	return h.URL
}

// oddName would be more than a text on a page that does not escape it.
const oddName = `<img src=x onerror=alert(1)>"'&` + "`${x}"

// oddPage serves a page on which each text is odd, and some are long; GoldenGate itself does not let
// processes and paths have such names.
func oddPage(t *testing.T) string {
	t.Helper()
	long := oddName + strings.Repeat("long", 100)
	read := time.Now()
	hop := status.Hop{Kind: oddName, ServiceManager: oddName, Deployment: long, Name: oddName, Status: long, State: status.Problem, Trail: long, Weakest: oddName}
	s := &status.Status{
		At: read, Version: oddName, Summary: status.Summary{Problems: 1},
		Pipelines: []status.Pipeline{{Pipeline: long, State: status.Problem, Why: long, Hops: []status.Hop{hop, hop, hop, hop}}},
		Rows: []status.Row{{
			ServiceManager: oddName, Deployment: long, Program: oddName, Name: long, Status: oddName, State: status.Problem, Why: oddName, LastErrorLine: long, ReadAt: read,
		}},
		ServiceManagers: []status.ServiceManager{{Name: oddName, URL: long, ReadAt: &read, State: status.Unknown, Errors: []string{long}}},
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", page.Policy())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Write(w, s, page.Exporter{Build: long, Probe: "/probe", Debug: true, Clouds: []page.Cloud{{Name: oddName, ReadAt: &read, Errors: []string{long}}}})
	}))
	t.Cleanup(h.Close)
	return h.URL
}
