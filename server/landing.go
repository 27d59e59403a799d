package server

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ogg-exporter/ogg_exporter/oci"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// landingTemplate is the part of the landing page about the configuration and what is
// read.
var landingTemplate = template.Must(template.New("landing").Parse(`
<h3>Configuration</h3>
<p>In force since {{.Since}}.</p>
{{with .Failed}}<p>Reloading it failed at {{.At}}:</p>
<pre>{{.Err}}</pre>
{{end}}<h3>Service Managers</h3>
<table>
<thead><tr><th>Name</th><th>URL</th><th>Last read</th><th>Took</th><th>Result</th><th></th></tr></thead>
<tbody>
{{range .Rows}}<tr><td>{{.Name}}</td><td>{{.URL}}</td><td>{{.Read}}</td><td>{{.Took}}</td><td>{{range .Result}}{{.}}<br>{{end}}</td>` +
	`<td><a href="` + probePath + `?target={{.Name}}">probe</a>{{if $.Debug}} <a href="` + probePath + `?target={{.Name}}&amp;debug=1">debug</a>{{end}}</td></tr>
{{end}}</tbody>
</table>
{{with .Clouds}}<h3>Oracle Cloud</h3>
<table>
<thead><tr><th>Name</th><th>Last refresh</th><th>Took</th><th>Deployments</th><th>Result</th><th></th></tr></thead>
<tbody>
{{range .}}<tr><td>{{.Name}}</td><td>{{.Read}}</td><td>{{.Took}}</td><td>{{.Deployments}}</td><td>{{range .Result}}{{.}}<br>{{end}}</td>` +
	`<td><a href="` + probePath + `?target={{.Name}}">probe</a></td></tr>
{{end}}</tbody>
</table>
{{end}}`))

const landingCSS = `
table { border-collapse: collapse; }
th, td { border: 1px solid #ccc; padding: 0.3em 0.7em; text-align: left; vertical-align: top; }
`

// landingData is what landingTemplate shows.
type landingData struct {
	Since  string         // when the configuration in force was loaded
	Failed *failedLoading // nil unless the last reload failed
	Rows   []installationRow
	Clouds []cloudRow
	Debug  bool // whether a probe may show its requests
}

// failedLoading is a reload that failed.
type failedLoading struct {
	At, Err string
}

// installationRow is the row of one Service Manager.
type installationRow struct {
	Name, URL, Read, Took string
	Result                []string
}

// cloudRow is the row of one entry of oci.
type cloudRow struct {
	Name, Read, Took string
	Deployments      int
	Result           []string
}

// landing answers with the page that links to the others and shows the latest load of the
// configuration and the latest reads of the Service Managers. It polls nothing.
func (s *Server) landing(w http.ResponseWriter, r *http.Request) error {
	var about strings.Builder
	if err := landingTemplate.Execute(&about, s.landingData()); err != nil {
		return err
	}
	page, err := web.NewLandingPage(web.LandingConfig{
		Name:        "ogg_exporter",
		Description: "Prometheus exporter for Oracle GoldenGate Microservices",
		Version:     version.Info(),
		Links: []web.LandingLinks{
			{Address: s.options.TelemetryPath, Text: "Metrics", Description: "of all Service Managers and of the exporter"},
			{Address: sdPath, Text: "Service discovery", Description: "the Service Managers as targets, for Prometheus's http_sd_configs"},
			{Address: healthyPath, Text: "Healthy", Description: "whether the exporter runs"},
			{Address: readyPath, Text: "Ready", Description: "whether it takes scrapes"},
		},
		ExtraHTML: about.String(),
		ExtraCSS:  landingCSS,
		Profiling: strconv.FormatBool(s.options.EnablePprof),
	})
	if err != nil {
		return err
	}
	page.ServeHTTP(w, r)
	return nil
}

// landingData returns the current content of the page.
func (s *Server) landingData() landingData {
	last := s.loaded.Load()
	data := landingData{Since: last.succeeded.UTC().Format(time.RFC3339), Debug: s.options.EnableDebug}
	if last.err != nil {
		data.Failed = &failedLoading{last.at.UTC().Format(time.RFC3339), strings.Join(linesOf(last.err.Error()), "\n")}
	}
	for _, client := range s.current().clients() {
		data.Rows = append(data.Rows, newInstallationRow(client))
	}
	for _, c := range s.current().clouds {
		data.Clouds = append(data.Clouds, newCloudRow(c.client))
	}
	return data
}

// newCloudRow returns the row about the latest refresh of an entry.
func newCloudRow(client *oci.Client) cloudRow {
	row := cloudRow{Name: client.Name(), Read: "not yet"}
	last := client.Last()
	if last == nil {
		return row
	}
	row.Read, row.Took = last.Begin.UTC().Format(time.RFC3339), last.Took.Round(time.Millisecond).String()
	row.Deployments = len(last.Deployments)
	for _, read := range last.Reads {
		if read.Err != nil {
			row.Result = append(row.Result, read.Part+": "+read.Err.Error())
		}
	}
	if row.Result == nil {
		row.Result = []string{"complete"}
	}
	row.Result = bounded(row.Result)
	return row
}

// newInstallationRow returns the row about the latest poll of a client.
func newInstallationRow(client *ogg.Client) installationRow {
	row := installationRow{Name: client.Name(), URL: client.URL(), Read: "not yet"}
	last := client.Last()
	if last == nil {
		return row
	}
	row.Read = last.Begin.UTC().Format(time.RFC3339)
	row.Took = last.Took.Round(time.Millisecond).String()
	for _, d := range last.Deployments {
		for _, read := range d.Reads {
			if read.Err != nil {
				row.Result = append(row.Result, d.Name+", "+read.Collector+": "+read.Err.Error())
			}
		}
	}
	if row.Result == nil {
		row.Result = []string{"complete"}
	}
	row.Result = bounded(row.Result)
	return row
}
