package server

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// installationsTable is the part of the landing page about GoldenGate.
var installationsTable = template.Must(template.New("installations").Parse(`
<h3>Service Managers</h3>
<table>
<thead><tr><th>Name</th><th>URL</th><th>Last read</th><th>Took</th><th>Result</th></tr></thead>
<tbody>
{{range .}}<tr><td>{{.Name}}</td><td>{{.URL}}</td><td>{{.Read}}</td><td>{{.Took}}</td><td>{{range .Result}}{{.}}<br>{{end}}</td></tr>
{{end}}</tbody>
</table>
`))

const landingCSS = `
table { border-collapse: collapse; }
th, td { border: 1px solid #ccc; padding: 0.3em 0.7em; text-align: left; vertical-align: top; }
`

// installationRow is what the landing page says about one Service Manager.
type installationRow struct {
	Name, URL, Read, Took string
	Result                []string
}

// landing answers with the page that links to the others and says how the
// configured Service Managers were last read. It polls nothing.
func (s *Server) landing(w http.ResponseWriter, r *http.Request) {
	rows := make([]installationRow, len(s.clients))
	for i, client := range s.clients {
		rows[i] = newInstallationRow(client)
	}
	var table strings.Builder
	if err := installationsTable.Execute(&table, rows); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page, err := web.NewLandingPage(web.LandingConfig{
		Name:        "ogg_exporter",
		Description: "Prometheus exporter for Oracle GoldenGate Microservices",
		Version:     version.Info(),
		Links:       []web.LandingLinks{{Address: s.options.TelemetryPath, Text: "Metrics"}},
		ExtraHTML:   table.String(),
		ExtraCSS:    landingCSS,
		Profiling:   "false",
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page.ServeHTTP(w, r)
}

// newInstallationRow says how the client's Service Manager was last read.
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
	return row
}
