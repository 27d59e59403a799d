// Package page writes the status page: pipelines as lanes, INFO ALL as a table, and the exporter's
// own state. It turns what package status has found into HTML, and reads nothing.
package page

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// Parts of the page. The style and the script are inside of it, so that it needs no other file.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))
)

// Policy returns the Content-Security-Policy of the page: it lets a browser use the style and the
// script that are in the page, its icon, and a request for the page itself.
func Policy() string {
	return "default-src 'none'; style-src " + hashOf(pageCSS) + "; script-src " + hashOf(pageJS) +
		"; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// hashOf returns how a policy names a text in the page.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// shown is what the template shows.
type shown struct {
	CSS template.CSS
	JS  template.JS

	At       moment
	Version  string
	Summary  summary
	Lanes    lanes
	Table    table
	Exporter exporter
}

// Write writes the page about how everything does and about the exporter.
func Write(w io.Writer, s *status.Status, e Exporter) error {
	data := shown{
		CSS: template.CSS(pageCSS), //nolint:gosec // no text from outside
		JS:  template.JS(pageJS),   //nolint:gosec // no text from outside
		At:  momentOf(s.At), Version: line(s.Version),
		Summary: newSummary(s), Lanes: newLanes(s.Pipelines), Table: newTable(s), Exporter: newExporter(s, e),
	}
	buffered := bufio.NewWriterSize(w, 64<<10) // the template writes each word by itself
	if err := pageTemplate.Execute(buffered, data); err != nil {
		return err
	}
	return buffered.Flush()
}
