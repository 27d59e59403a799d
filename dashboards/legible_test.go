package dashboards_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// What these tests ask for is what people could not read, or took for something else.

// eachPanel calls a function with each panel of all dashboards, and where it is.
func eachPanel(t *testing.T, do func(where string, d dashboard, p panel)) {
	t.Helper()
	for file, d := range dashboards(t) {
		for _, p := range d.panels() {
			do(file+", "+p.Title, d, p)
		}
	}
}

// column is one of a table that is shown.
type column struct {
	header          string
	width, minWidth int // 0: Grafana's own
	hidden          bool
}

// columns returns the columns of a table, by the labels of its queries.
func (c *checker) columns(t *testing.T, where string, d dashboard, p panel) []column {
	t.Helper()
	names := setOf("Time")
	for _, q := range p.Targets {
		value := "Value"
		if len(p.Targets) > 1 {
			value += " #" + q.RefID
		}
		names = names.with(c.check(t, where, d.filledIn(q.Expr))).with(setOf(value))
	}
	renamed := map[string]string{}
	for _, transformation := range p.Transformations {
		for name := range transformation.Options.ExcludeByName {
			delete(names, name)
		}
		maps.Copy(renamed, transformation.Options.RenameByName)
	}
	var all []column
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if renamed[name] != "" {
			name = renamed[name]
		}
		shown := column{header: name, minWidth: p.FieldConfig.Defaults.Custom.MinWidth}
		p.override(name, func(id string, value any) { shown.set(id, value) })
		if !shown.hidden {
			all = append(all, shown)
		}
	}
	return all
}

// set takes a property of an override.
func (c *column) set(id string, value any) {
	switch id {
	case "custom.width":
		c.width = int(value.(float64))
	case "custom.minWidth":
		c.minWidth = int(value.(float64))
	case "custom.hidden", "custom.hideFrom", "custom.hideFrom.viz":
		c.hidden = true
	}
}

// override calls a function with each property of a field that an override names.
func (p panel) override(name string, do func(id string, value any)) {
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.ID != "byName" || o.Matcher.Options != name {
			continue
		}
		for _, property := range o.Properties {
			do(property.ID, property.Value)
		}
	}
}

// TestTablesFit: in a window of 1200 pixels, no column lies beyond a table's right edge,
// and no header is cut. Columns without a width share what the others leave.
func TestTablesFit(t *testing.T) {
	c := newChecker(t)
	eachPanel(t, func(where string, d dashboard, p panel) {
		if p.Type != "table" {
			return
		}
		icons, room, sharing, widest := 16, 48*p.GridPos.W-16, 0, 0
		if p.FieldConfig.Defaults.Custom.Filterable {
			icons += 20
		}
		for _, column := range c.columns(t, where, d, p) {
			need, has := 8*len(column.header)+icons, column.width
			if column.width == 0 {
				has, sharing, widest = column.minWidth, sharing+1, max(widest, column.minWidth)
			}
			if has < need {
				t.Errorf("%s: the column %s has %d pixels, and its header needs %d", where, column.header, has, need)
			}
			room -= column.width
		}
		if room < sharing*widest {
			t.Errorf("%s: %d pixels are left for %d columns of at least %d each", where, room, sharing, widest)
		}
	})
}

// TestLinksHaveFields: the fields that a table's links name are there, shown or hidden.
func TestLinksHaveFields(t *testing.T) {
	named := regexp.MustCompile(`__data\.fields\.(\w+)`)
	eachPanel(t, func(where string, _ dashboard, p panel) {
		text, err := json.Marshal(p.FieldConfig)
		must(t, err)
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			for _, transformation := range p.Transformations {
				if transformation.Options.ExcludeByName[m[1]] {
					t.Errorf("%s: a link names %s, which is left out", where, m[1])
				}
			}
		}
	})
}

// few are labels with so few values that a graph by them needs no limit.
var few = setOf("status", "operation", "direction", "kind", "reason", "mode", "severity", "part", "outcome")

// limit returns how many series a query returns at most at a time, or -1 if it says nothing of
// it. Those by labels with few values count as one.
func (c *checker) limit(expr parser.Expr) int {
	switch e := expr.(type) {
	case *parser.ParenExpr:
		return c.limit(e.Expr)
	case *parser.UnaryExpr:
		return c.limit(e.Expr)
	case *parser.AggregateExpr:
		if n, ok := e.Param.(*parser.NumberLiteral); ok && (e.Op == parser.TOPK || e.Op == parser.BOTTOMK) {
			return int(n.Val)
		}
	case *parser.BinaryExpr:
		if e.VectorMatching == nil { // one of them is a number
			return max(c.limit(e.LHS), c.limit(e.RHS))
		}
	}
	if others := c.labels(expr).without(slices.Collect(maps.Keys(few))...); len(others) > 0 {
		return -1
	}
	return 1
}

// TestLegends: a legend takes no more than a few lines, and leaves out nothing that is drawn.
func TestLegends(t *testing.T) {
	c := newChecker(t)
	eachPanel(t, func(where string, d dashboard, p panel) {
		if p.Type != "timeseries" {
			return
		}
		l := p.Options.Legend
		list := l.Placement == "bottom" && l.DisplayMode == "list" && len(l.Calcs) == 0
		aside := l.Placement == "right" && l.DisplayMode == "table" && l.Width > 0 && p.GridPos.W >= 12
		if l.ShowLegend && !list && !aside {
			t.Errorf("%s: the legend is neither a list at the bottom nor a table of a width at the right: %+v", where, l)
		}
		drawn := 0
		for _, q := range p.Targets {
			parsed, err := parser.NewParser(parser.Options{}).ParseExpr(d.filledIn(q.Expr))
			must(t, err)
			limit := c.limit(parsed)
			if limit < 0 {
				t.Errorf("%s: the series of the query %s have no limit", where, q.RefID)
			}
			drawn += limit
		}
		if drawn > 10 {
			t.Errorf("%s: up to %d series are drawn", where, drawn)
		}
	})
}

// TestAxes: no axis has the same label twice, as one without enough decimals has.
func TestAxes(t *testing.T) {
	eachPanel(t, func(where string, _ dashboard, p panel) {
		if p.Type == "timeseries" && p.FieldConfig.Defaults.Decimals != nil {
			t.Errorf("%s: the decimals are fixed", where)
		}
	})
}

// TestTimelines: a state timeline has at most 50 rows, however many objects there are, and
// says so. Prometheus sorts series by their labels, so the one with the order is the first.
func TestTimelines(t *testing.T) {
	c := newChecker(t)
	eachPanel(t, func(where string, d dashboard, p panel) {
		if p.Type != "state-timeline" {
			return
		}
		for _, q := range p.Targets {
			parsed, err := parser.NewParser(parser.Options{}).ParseExpr(d.filledIn(q.Expr))
			must(t, err)
			found := c.labels(parsed)
			if len(found) == 0 {
				continue // one row
			}
			if !selects50(parsed) || !strings.Contains(p.Description, "50") {
				t.Errorf("%s: there is no limit, or the description does not say so", where)
			}
			if first := slices.Sorted(maps.Keys(found))[0]; first != "_order" {
				t.Errorf("%s: the rows are sorted by %s, not by what has problems", where, first)
			}
		}
	})
}

// selects50 says whether there are at most 50 series in some part of a query.
func selects50(expr parser.Expr) bool {
	found := false
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if e, ok := node.(*parser.AggregateExpr); ok && (e.Op == parser.TOPK || e.Op == parser.BOTTOMK) {
			n, ok := e.Param.(*parser.NumberLiteral)
			found = found || ok && n.Val <= 50
		}
		return nil
	})
	return found
}

// metricsOf returns the metrics that a query selects.
func metricsOf(t *testing.T, expr string) labelSet {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	must(t, err)
	found := labelSet{}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			found[s.Name] = true
			for _, m := range s.LabelMatchers {
				if m.Name == "__name__" {
					found = found.with(setOf(strings.Split(m.Value, "|")...))
				}
			}
		}
		return nil
	})
	return found
}

// TestLagOfStopped: what was stopped on purpose does not lead by its lag, and the age of a lag
// that was never measured is none.
func TestLagOfStopped(t *testing.T) {
	eachPanel(t, func(where string, d dashboard, p panel) {
		for _, q := range p.Targets {
			found := metricsOf(t, d.filledIn(q.Expr))
			switch {
			case !found["ogg_process_lag_age_seconds"]:
			case found["ogg_process_lag_seconds"] && !strings.Contains(q.Expr, `status="stopped"`):
				t.Errorf("%s: the effective lag is of stopped processes, too", where)
			case !found["ogg_process_status"] && !found["ogg_process_start_time_seconds"]:
				t.Errorf("%s: the age of the lag is of processes that never started, too", where)
			}
		}
	})
}

// TestBadIsNotGreen: in a list of what is not well, nothing is green.
func TestBadIsNotGreen(t *testing.T) {
	bad := regexp.MustCompile(`(?i)\b(down|unhealthy|not running|not as expected|unexpected|incomplete|held back)\b`)
	lists := 0
	eachPanel(t, func(where string, _ dashboard, p panel) {
		if p.Type != "table" || !bad.MatchString(p.Title) {
			return
		}
		lists++
		for _, o := range p.FieldConfig.Overrides {
			for _, property := range o.Properties {
				text, err := json.Marshal(property.Value)
				must(t, err)
				if property.ID == "mappings" && strings.Contains(string(text), `"green"`) {
					t.Errorf("%s: %v has something green", where, o.Matcher.Options)
				}
			}
		}
	})
	if lists < 3 {
		t.Errorf("there are %d lists of what is not well", lists)
	}
}
