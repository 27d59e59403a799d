package server

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/common/version"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
	"github.com/ogg-exporter/ogg_exporter/server/page"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// page answers with the status page. It polls nothing.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) error {
	var body bytes.Buffer
	if err := page.Write(&body, s.current().status(time.Now()), s.exporter()); err != nil {
		return err
	}
	if w.Header().Get("Content-Security-Policy") == contentSecurityPolicy {
		w.Header().Set("Content-Security-Policy", page.Policy())
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = body.WriteTo(w) // nobody is left to report a failure to
	return nil
}

// statusJSON answers with the same as JSON.
func (s *Server) statusJSON(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	return status.WriteJSON(w, s.current().status(time.Now()))
}

// maxAge is how old a poll may be to say how things do now.
const maxAge = 3 * time.Minute

// status returns how everything did when it was last read.
func (st *state) status(now time.Time) *status.Status {
	sources, joined := make([]status.Source, len(st.targets)), make([]pipeline.Source, len(st.targets))
	for i, t := range st.targets {
		last := t.client.Last()
		isFresh := last != nil && now.Sub(last.Begin) <= maxAge
		sources[i] = status.Source{Name: t.client.Name(), URL: t.client.URL(), Latest: last, User: t.client.User, Stale: last != nil && !isFresh}
		joined[i] = pipeline.Source{Latest: last, Fresh: isFresh, Oldest: now.Add(-maxAge), Hosts: t.Hosts()}
	}
	return status.New(sources, pipeline.New(joined, -1), now, version.Version)
}

// exporter returns the state of the exporter itself.
func (s *Server) exporter() page.Exporter {
	last := s.loaded.Load()
	about := page.Exporter{
		Build: version.Info(), Since: last.succeeded,
		Pages: []page.Page{
			{Path: s.options.TelemetryPath, Name: "Metrics", About: "of all Service Managers and of the exporter"},
			{Path: statusPath, Name: "Status as JSON", About: "what this page shows"},
			{Path: sdPath, Name: "Service discovery", About: "the Service Managers as targets, for Prometheus's http_sd_configs"},
			{Path: healthyPath, Name: "Healthy", About: "whether the exporter runs"},
			{Path: readyPath, Name: "Ready", About: "whether it takes scrapes"},
		},
		Metrics: s.options.TelemetryPath, Probe: probePath, Debug: s.options.EnableDebug, JSON: statusPath,
	}
	if last.err != nil {
		about.Failed = &page.Failure{At: last.at, Lines: strings.Split(strings.TrimSpace(last.err.Error()), "\n")}
	}
	if s.options.EnablePprof {
		about.Profiles = pprofPath
	}
	for _, c := range s.current().clouds {
		about.Clouds = append(about.Clouds, pageCloud(c.client))
	}
	return about
}

// pageCloud returns the latest refresh of an entry.
func pageCloud(client *oci.Client) page.Cloud {
	about := page.Cloud{Name: client.Name()}
	last := client.Last()
	if last == nil {
		return about
	}
	about.ReadAt, about.Took, about.Deployments = &last.Begin, last.Took, len(last.Deployments)
	for _, read := range last.Reads {
		if read.Err != nil {
			about.Errors = append(about.Errors, read.Part+": "+read.Err.Error())
		}
	}
	return about
}
