package dashboards_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dashboard is what the tests know of a dashboard's JSON.
type dashboard struct {
	UID           string
	Title         string
	Description   string
	Tags          []string
	SchemaVersion int
	Editable      *bool
	Links         []link
	Panels        []panel
	Templating    struct{ List []variable }
	Annotations   struct{ List []annotation }
}

type link struct {
	Title, Type, URL      string
	IncludeVars, KeepTime bool
}

type variable struct {
	Name, Label, Type string
	AllValue          string
	IncludeAll, Multi bool
	Datasource        datasource
	Definition        string
	Query             json.RawMessage // an object, or text in a variable of type datasource
	Current           struct{ Value json.RawMessage }
}

type annotation struct {
	Name, Expr              string
	TitleFormat, TextFormat string
	TagKeys                 string
	Datasource              datasource
}

type datasource struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Datasource               datasource
	Targets                  []target
	Panels                   []panel // of a row that is collapsed
	Options                  struct{ Legend legend }
	FieldConfig              struct {
		Defaults struct {
			Unit, NoValue string
			Decimals      *int
			Thresholds    struct{ Steps []json.RawMessage }
			Links         []link
			Custom        struct {
				Filterable bool
				MinWidth   int
			}
		}
		Overrides []struct {
			Matcher struct {
				ID      string
				Options any
			}
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
	Links           []link
	Transformations []struct {
		ID      string
		Options struct {
			ExcludeByName map[string]bool
			IndexByName   map[string]int
			RenameByName  map[string]string
			Alias         string // of a field that is calculated
		}
	}
}

type legend struct {
	DisplayMode, Placement string
	ShowLegend             bool
	Calcs                  []string
	Width                  int
}

type target struct {
	RefID, Expr, LegendFormat, Format string
	Instant, Range                    bool
	Datasource                        datasource
}

// dashboards returns the dashboards by file.
func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	files, err := filepath.Glob("*.json")
	must(t, err)
	all := map[string]dashboard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[file] = d
	}
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, []string{"cloud.json", "exporter.json", "overview.json", "pipelines.json", "process.json", "replication.json"}) {
		t.Fatalf("the dashboards are %q", got)
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// panels returns all panels, those inside of rows, too.
func (d dashboard) panels() []panel {
	var all []panel
	for _, p := range d.Panels {
		all = append(append(all, p), p.Panels...)
	}
	return all
}

// TestDashboards: each dashboard is one that Grafana can show without a plugin and
// without a change, and that people can find and understand.
func TestDashboards(t *testing.T) {
	uids, titles := map[string]string{}, map[string]string{}
	for file, d := range dashboards(t) {
		t.Run(file, func(t *testing.T) {
			if uids[d.UID] != "" || titles[d.Title] != "" {
				t.Errorf("the uid %q or the title %q is that of another, too", d.UID, d.Title)
			}
			uids[d.UID], titles[d.Title] = file, file
			if want := "ogg-" + strings.TrimSuffix(file, ".json"); d.UID != want {
				t.Errorf("the uid is %q, want %q, which links name", d.UID, want)
			}
			if d.Description == "" || len(d.Tags) == 0 || d.SchemaVersion < 39 {
				t.Errorf("description %q, tags %q, schemaVersion %d", d.Description, d.Tags, d.SchemaVersion)
			}
			if d.Editable == nil || !*d.Editable {
				t.Error("it is not editable, which looks as if the import had failed")
			}
			d.checkVariables(t)
			checkGrid(t, d.Panels)
			for _, row := range d.Panels {
				checkGrid(t, row.Panels)
			}
			ids := map[int]bool{}
			for _, p := range d.panels() {
				if p.ID <= 0 || ids[p.ID] {
					t.Errorf("%s: the id %d is that of another, too", p.Title, p.ID)
				}
				ids[p.ID] = true
				p.check(t)
			}
		})
	}
}

// checkVariables checks the data source and what narrows all panels down.
func (d dashboard) checkVariables(t *testing.T) {
	t.Helper()
	var names []string
	for _, v := range d.Templating.List {
		names = append(names, v.Name)
		if v.Label == "" {
			t.Errorf("the variable %s has no label", v.Name)
		}
		if v.Type == "datasource" {
			if string(v.Query) != `"prometheus"` || string(v.Current.Value) != `"default"` {
				t.Errorf("the variable %s is %s of %s, want the default one of Prometheus", v.Name, v.Current.Value, v.Query)
			}
			continue
		}
		var query struct{ Query string }
		must(t, json.Unmarshal(v.Query, &query))
		several := d.UID != "ogg-process" || v.Name == "job" // that dashboard is of one process
		if v.Type != "query" || v.IncludeAll != several || v.Multi != several || v.AllValue != "" != several || query.Query != v.Definition {
			t.Errorf("the variable %s lets choose all or several where it should not, or the other way around, or has two definitions: %+v", v.Name, v)
		}
		checkDatasource(t, v.Name, v.Datasource)
	}
	want := []string{"datasource", "job", "service_manager", "deployment", "process"}
	if d.UID == "ogg-cloud" {
		want = slices.Insert(want, 2, "oci")
	}
	if !slices.Equal(names, want) {
		t.Errorf("the variables are %q, want %q", names, want)
	}
	for _, a := range d.Annotations.List {
		if a.Expr != "" {
			checkDatasource(t, a.Name, a.Datasource)
		}
	}
}

func checkDatasource(t *testing.T, what string, s datasource) {
	t.Helper()
	if (s != datasource{"prometheus", "${datasource}"}) {
		t.Errorf("%s: the data source is %+v, not the variable's", what, s)
	}
}

// checkGrid checks that no panel lies over another or outside of the 24 columns.
func checkGrid(t *testing.T, panels []panel) {
	t.Helper()
	taken := map[[2]int]string{}
	for _, p := range panels {
		g := p.GridPos
		if g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > 24 {
			t.Errorf("%s lies at %+v", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if taken[[2]int{x, y}] != "" {
					t.Fatalf("%s lies over %s", p.Title, taken[[2]int{x, y}])
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// builtIn are the types of panels that are used, all of them Grafana's own.
var builtIn = []string{"bargauge", "nodeGraph", "row", "stat", "state-timeline", "table", "timeseries"}

// check checks that the panel says what it shows, and what it means if there is nothing.
func (p panel) check(t *testing.T) {
	t.Helper()
	if p.Title == "" || !slices.Contains(builtIn, p.Type) {
		t.Errorf("the panel %d, %q, is a %q", p.ID, p.Title, p.Type)
	}
	if p.Type == "row" {
		return
	}
	defaults := p.FieldConfig.Defaults
	if p.Description == "" || defaults.Unit == "" || defaults.NoValue == "" || len(defaults.Thresholds.Steps) == 0 {
		t.Errorf("%s lacks one of description, unit, noValue and thresholds", p.Title)
	}
	checkDatasource(t, p.Title, p.Datasource)
	if len(p.Targets) == 0 {
		t.Errorf("%s asks for nothing", p.Title)
	}
	refs := map[string]bool{}
	for _, q := range p.Targets {
		checkDatasource(t, p.Title, q.Datasource)
		if q.Expr == "" || q.RefID == "" || refs[q.RefID] || q.Instant == q.Range {
			t.Errorf("%s: the query %q is empty, of a name taken, or not either instant or range", p.Title, q.RefID)
		}
		refs[q.RefID] = true
		if (p.Type == "timeseries" || p.Type == "state-timeline") != q.Range {
			t.Errorf("%s, a %s: the query %s is of the wrong kind", p.Title, p.Type, q.RefID)
		}
	}
}

// TestLinks: the dashboards link to each other, keep what is chosen, and to nothing
// that is not there.
func TestLinks(t *testing.T) {
	all := dashboards(t)
	paths := map[string]bool{}
	for _, d := range all {
		paths["/d/"+d.UID] = true
	}
	for file, d := range all {
		to := map[string]bool{"/d/" + d.UID: true}
		for _, l := range d.Links {
			to[l.URL] = true
			if l.Type != "link" || !l.IncludeVars || !l.KeepTime {
				t.Errorf("%s: the link to %s forgets what is chosen", file, l.URL)
			}
		}
		if !maps.Equal(to, paths) {
			t.Errorf("%s links to %v, want all others", file, to)
		}
		text, err := os.ReadFile(file)
		must(t, err)
		names := map[string]bool{}
		for _, v := range d.Templating.List {
			names["var-"+v.Name] = true
		}
		for _, m := range regexp.MustCompile(`"(/d/[a-z-]+)(?:\?([^"]*))?"`).FindAllStringSubmatch(string(text), -1) {
			if !paths[m[1]] {
				t.Errorf("%s links to %s, which is not there", file, m[1])
			}
			for _, name := range regexp.MustCompile(`var-\w+`).FindAllString(m[2], -1) {
				if !names[name] {
					t.Errorf("%s links to %s with %s, which is not there", file, m[1], name)
				}
			}
		}
	}
}

// urls returns every URL in a dashboard's JSON: those of its links, its panels' links and
// its data links, wherever Grafana keeps them.
func urls(t *testing.T, content any) []string {
	t.Helper()
	var all []string
	switch content := content.(type) {
	case []any:
		for _, element := range content {
			all = append(all, urls(t, element)...)
		}
	case map[string]any:
		for key, value := range content {
			if url, ok := value.(string); ok && key == "url" {
				all = append(all, url)
			}
			all = append(all, urls(t, value)...)
		}
	}
	return all
}

// encoded are the ways in which a URL may use a variable: Grafana's own parts of URLs, and
// the formats that encode what would otherwise end the value, such as & and #.
var encoded = regexp.MustCompile(`\$\{(__url_time_range|__all_variables|\w+:queryparam|[\w.]+:percentencode)\}`)

// notEncoded says whether a URL uses a variable as it is.
func notEncoded(url string) bool {
	return strings.ContainsAny(encoded.ReplaceAllString(url, ""), "$[")
}

// TestNotEncoded: a link by any way of naming a value is found wherever Grafana keeps links.
func TestNotEncoded(t *testing.T) {
	for url, want := range map[string]bool{
		"/d/ogg-process?${__url_time_range}&${job:queryparam}":              false,
		"/d/ogg-process?var-process=${__data.fields.process:percentencode}": false,
		"/d/ogg-process?var-process=${__data.fields.process}":               true,
		"/d/ogg-process?var-process=${__data.fields[\"process\"]}":          true,
		"/d/ogg-process?var-process=${__field.labels.process}":              true,
		"/d/ogg-process?var-process=${__series.name}":                       true,
		"/d/ogg-process?var-process=${__value.text}":                        true,
		"/d/ogg-process?var-process=$process":                               true,
		"/d/ogg-process?var-process=[[process]]":                            true,
		"/d/ogg-process?var-process=${process:raw}":                         true,
	} {
		for _, where := range []string{
			`{"links": [{"url": %q}]}`,
			`{"panels": [{"panels": [{"links": [{"url": %q}]}]}]}`,
			`{"panels": [{"fieldConfig": {"defaults": {"links": [{"url": %q}]}}}]}`,
			`{"panels": [{"fieldConfig": {"overrides": [{"properties": [{"id": "links", "value": [{"url": %q}]}]}]}}]}`,
			`{"annotations": {"list": [{"url": %q}]}}`,
		} {
			var content any
			must(t, json.Unmarshal(fmt.Appendf(nil, where, url), &content))
			if all := urls(t, content); len(all) != 1 || notEncoded(all[0]) != want {
				t.Errorf("of %s in %s, found %q, not encoded: %t", url, where, all, !want)
			}
		}
	}
}

// TestLinksEncode: whatever is in a label, the link from it keeps it.
func TestLinksEncode(t *testing.T) {
	for file := range dashboards(t) {
		text, err := os.ReadFile(file)
		must(t, err)
		var content any
		must(t, json.Unmarshal(text, &content))
		all := urls(t, content)
		if len(all) < 3 {
			t.Errorf("%s: the links are %q", file, all)
		}
		for _, url := range all {
			if notEncoded(url) {
				t.Errorf("%s links to %s, where a value is not encoded", file, url)
			}
		}
	}
}
