package server

import (
	"bytes"
	"net/http"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/server/page"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// view shows how everything did when it was last read. It polls nothing.
type view struct {
	status   func() *status.Status
	exporter func() page.Exporter
}

// page answers with the status page.
func (v view) page(w http.ResponseWriter, _ *http.Request) error {
	var body bytes.Buffer
	if err := page.Write(&body, v.status(), v.exporter()); err != nil {
		return err
	}
	if w.Header().Get("Content-Security-Policy") == contentSecurityPolicy {
		w.Header().Set("Content-Security-Policy", page.Policy())
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = body.WriteTo(w) // nobody is left to report a failure to
	return nil
}

// json answers with the status as JSON.
func (v view) json(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	return status.WriteJSON(w, v.status())
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
