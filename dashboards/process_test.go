package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOneProcess: the dashboard of one process asks for that one, by its exact name: Grafana does
// not escape the value of a variable that has only one, so that it is no regular expression.
func TestOneProcess(t *testing.T) {
	d := dashboards(t)["process.json"]
	expressions := map[string][]string{}
	for _, p := range d.panels() {
		for _, q := range p.Targets {
			expressions[p.Title] = append(expressions[p.Title], q.Expr)
		}
	}
	for _, a := range d.Annotations.List {
		if a.Expr != "" {
			expressions[a.Name] = append(expressions[a.Name], a.Expr)
		}
	}
	selector := regexp.MustCompile(`\{job=~"\$job"[^}]*\}`)
	for where, all := range expressions {
		for _, expr := range all {
			if !strings.Contains(expr, `process="$process"`) && where != "Trail runway" {
				t.Errorf("%s is not of the process: %s", where, expr)
			}
			for _, s := range selector.FindAllString(expr, -1) {
				if !strings.HasPrefix(s, `{job=~"$job", service_manager="$service_manager", deployment="$deployment"`) {
					t.Errorf("%s is not of the process's deployment: %s", where, s)
				}
			}
			if strings.Contains(expr, `=~"$process"`) {
				t.Errorf("%s takes the process for a regular expression: %s", where, expr)
			}
		}
	}
}

// TestProcessLinks: wherever a table of the processes of several has a process, a click leads to
// all about it.
func TestProcessLinks(t *testing.T) {
	found := 0
	for _, file := range []string{"pipelines.json", "replication.json"} {
		for _, p := range dashboards(t)[file].panels() {
			var columns []string
			for _, transformation := range p.Transformations {
				for label, name := range transformation.Options.RenameByName {
					if slices.Contains([]string{"pipeline", "process"}, label) {
						columns = append(columns, name)
					}
				}
			}
			for _, name := range columns {
				if slices.Contains([]string{"Hops", "Objectives over 30 days"}, p.Title) {
					continue // a pipeline has several; these have a column of their own, or no labels
				}
				found++
				to := ""
				p.override(name, func(id string, value any) {
					if id == "links" {
						to = value.([]any)[0].(map[string]any)["url"].(string)
					}
				})
				if !strings.HasPrefix(to, "/d/ogg-process?") || !strings.Contains(to, "var-process=${__data.fields.") {
					t.Errorf("%s, %s: the column %s leads to %q", file, p.Title, name, to)
				}
			}
		}
	}
	if found < 4 {
		t.Errorf("%d columns have processes", found)
	}
}

// TestNodeColors: Grafana's node graph looks at a field's own name, not at one that a
// transformation gives it, so the color has to be a field.
func TestNodeColors(t *testing.T) {
	found := false
	for _, d := range dashboards(t) {
		for _, p := range d.panels() {
			for _, transformation := range p.Transformations {
				found = found || p.Type == "nodeGraph" && transformation.ID == "calculateField" && transformation.Options.Alias == "color"
			}
		}
	}
	if !found {
		t.Error("no node graph has colors")
	}
}
