package dashboards_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// labelSet is the names of the labels that the series of a metric or of a query have,
// or may have.
type labelSet map[string]bool

func setOf(names ...string) labelSet {
	s := labelSet{}
	for _, name := range names {
		s[name] = true
	}
	return s
}

// with returns the labels of both.
func (s labelSet) with(other labelSet) labelSet {
	s = maps.Clone(s)
	maps.Copy(s, other)
	return s
}

// without returns the other labels.
func (s labelSet) without(names ...string) labelSet {
	s = maps.Clone(s)
	for _, name := range names {
		delete(s, name)
	}
	return s
}

func (s labelSet) String() string { return fmt.Sprint(slices.Sorted(maps.Keys(s))) }

// metric is one that Prometheus has from a scrape.
type metric struct {
	counter   bool
	labels    labelSet
	states    []string      // of a state set, or of a gauge by state
	collector string        // that reads it
	every     time.Duration // it is read, if less often than at each scrape
}

// ofAlerts are the labels of alerts that rules and dashboards need.
var ofAlerts = setOf("alertname", "severity", "service_manager", "deployment", "microservice", "kind", "name", "collector", "task", "pipeline", "path", "process", "oci",
	"job", "instance", "process_type", "trail", "certificate_type", "certificate", "cause", "muted", "burn")

// others are the metrics that are not in the tables of METRICS.md: Prometheus's own
// of a target and of alerts, with the labels that a rule needs, and those of the exporter's process.
var others = map[string]metric{
	"up":                            {labels: setOf()},
	"ALERTS":                        {labels: ofAlerts.with(setOf("alertstate"))},
	"ALERTS_FOR_STATE":              {labels: ofAlerts},
	"scrape_samples_scraped":        {labels: setOf()},
	"process_start_time_seconds":    {labels: setOf()},
	"process_resident_memory_bytes": {labels: setOf()},
	"process_cpu_seconds_total":     {counter: true, labels: setOf()},
	"go_goroutines":                 {labels: setOf()},
	"ogg_exporter_build_info":       {labels: setOf("version", "revision", "branch", "goversion", "goos", "goarch", "tags")},
	"ogg_exporter_config_last_reload_successful":                {labels: setOf()},
	"ogg_exporter_config_last_reload_success_timestamp_seconds": {labels: setOf()},
	"ogg_exporter_panics_total":                                 {counter: true, labels: setOf()},
}

// scraped returns the metrics that there are, as METRICS.md has them.
func scraped(t *testing.T) map[string]metric {
	t.Helper()
	text, err := os.ReadFile("../METRICS.md")
	must(t, err)
	all := map[string]metric{}
	add := func(name string, m metric) {
		m.labels = m.labels.with(setOf(targetLabels...))
		all[name] = m
	}
	for name, m := range others {
		if strings.HasPrefix(name, "ogg_") && !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("METRICS.md does not know %s", name)
		}
		add(name, m)
	}
	row, collector := regexp.MustCompile("(?m)^\\| `(ogg_[a-z_]+)` \\| ([a-z ]+) \\| ([a-z_, ]*) \\|[^|]*\\| (.*) \\|$|^## (?:Collector `(\\w+)`)?"), ""
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		if m[1] == "" {
			collector = m[5]
			continue
		}
		name, kind, of := m[1], m[2], setOf(strings.Split(m[3], ", ")...)
		switch kind {
		case "histogram":
			add(name+"_bucket", metric{counter: true, labels: of.with(setOf("le"))})
			add(name+"_sum", metric{counter: true, labels: of})
			add(name+"_count", metric{counter: true, labels: of})
			add(name, metric{counter: true, labels: of}) // the native one
		default:
			_, states, _ := strings.Cut(m[4], "States: ")
			add(name, metric{
				counter: kind == "counter", labels: of, states: strings.Split(strings.TrimSuffix(states, "."), ", "),
				collector: collector, every: interval(m[4]),
			})
		}
	}
	if len(all) < 100 {
		t.Fatalf("METRICS.md has %d metrics", len(all))
	}
	return all
}

// interval returns how often a metric is read, by its help; 0 for at each scrape.
func interval(help string) time.Duration {
	m := regexp.MustCompile(`Read every (\d+ )?(minute|hour)`).FindStringSubmatch(help)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(m[1]))
	if err != nil {
		n = 1
	}
	return time.Duration(n) * map[string]time.Duration{"minute": time.Minute, "hour": time.Hour}[m[2]]
}

// checker finds out which labels the result of a query has, and reports what the
// query takes for granted and is not so.
type checker struct {
	metrics  map[string]metric
	rules    map[string][]rule // recording rules
	problems []string
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	c := &checker{metrics: scraped(t), rules: map[string][]rule{}}
	for _, r := range rules(t) {
		if r.Record != "" {
			c.rules[r.Record] = append(c.rules[r.Record], r)
		}
	}
	return c
}

func (c *checker) report(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// check returns the labels of the result, and reports to the test. An expression
// that does not parse has none.
func (c *checker) check(t *testing.T, where, expr string) labelSet {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %v\n%s", where, err, expr)
		return labelSet{}
	}
	c.problems = nil
	found := c.labels(parsed)
	for _, problem := range c.problems {
		t.Errorf("%s: %s\n%s", where, problem, expr)
	}
	return found
}

// labels returns those of the result of an expression.
func (c *checker) labels(expr parser.Expr) labelSet {
	switch e := expr.(type) {
	case *parser.VectorSelector:
		return c.selected(e)
	case *parser.MatrixSelector:
		return c.labels(e.VectorSelector)
	case *parser.SubqueryExpr:
		return c.labels(e.Expr)
	case *parser.ParenExpr:
		return c.labels(e.Expr)
	case *parser.UnaryExpr:
		return c.labels(e.Expr)
	case *parser.AggregateExpr:
		return c.aggregated(e)
	case *parser.Call:
		return c.called(e)
	case *parser.BinaryExpr:
		return c.combined(e)
	}
	return labelSet{}
}

// selected returns the labels of what a selector selects.
func (c *checker) selected(e *parser.VectorSelector) labelSet {
	names, found := []string{e.Name}, labelSet{}
	for _, m := range e.LabelMatchers {
		if m.Name == model.MetricNameLabel {
			names = strings.Split(m.Value, "|")
		}
	}
	for _, name := range names {
		found = found.with(c.metric(name))
	}
	for _, m := range e.LabelMatchers {
		if m.Name != model.MetricNameLabel && !found[m.Name] {
			c.report("%s has no label %s", e.Name, m.Name)
		}
		if m.Name == "status" {
			c.checkStates(e.Name, m)
		}
	}
	return found
}

// metric returns the labels of a metric, scraped or recorded.
func (c *checker) metric(name string) labelSet {
	if m, ok := c.metrics[name]; ok {
		return m.labels
	}
	if len(c.rules[name]) == 0 {
		c.report("there is no metric %s", name)
	}
	found := labelSet{}
	for _, r := range c.rules[name] {
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
		if err != nil {
			c.report("%s is recorded by what does not parse: %v", name, err)
			continue
		}
		found = found.with(c.labels(parsed)).with(r.labels())
	}
	return found
}

// checkStates checks that what is asked for is a state of the state set.
func (c *checker) checkStates(name string, m *labels.Matcher) {
	states := c.metrics[name].states
	if strings.HasPrefix(name, "ogg:") { // a rule has those of the metric that it is named after
		states = c.metrics["ogg_"+strings.TrimSuffix(name[len("ogg:"):], ":max")].states
	}
	for state := range strings.SplitSeq(m.Value, "|") {
		if !slices.Contains(states, state) {
			c.report("%s has no state %q", name, state)
		}
	}
}

// targetLabels are those that Prometheus gives each target.
var targetLabels = []string{"job", "instance"}

func (c *checker) aggregated(e *parser.AggregateExpr) labelSet {
	found := c.labels(e.Expr)
	for _, name := range e.Grouping {
		if !found[name] && (!e.Without || !slices.Contains(targetLabels, name)) { // what was merged before has no labels of a target
			c.report("%s by or without %s, which %s has not", e.Op, name, e.Expr)
		}
	}
	switch {
	case e.Op == parser.COUNT_VALUES && e.Without:
		return found.without(e.Grouping...).with(setOf(e.Param.(*parser.StringLiteral).Val))
	case e.Op == parser.COUNT_VALUES:
		return setOf(append(slices.Clip(e.Grouping), e.Param.(*parser.StringLiteral).Val)...)
	case e.Without:
		return found.without(e.Grouping...)
	case e.Op == parser.TOPK || e.Op == parser.BOTTOMK:
		return found
	}
	return setOf(e.Grouping...)
}

// rates are the functions that make sense of counters only.
var rates = []string{"rate", "irate", "increase"}

func (c *checker) called(e *parser.Call) labelSet {
	found := labelSet{}
	for _, arg := range e.Args {
		found = found.with(c.labels(arg))
	}
	switch {
	case e.Func.Name == "label_replace":
		if from := e.Args[3].(*parser.StringLiteral).Val; from != "" && !found[from] {
			c.report("%s has no label %s", e.Args[0], from)
		}
		return found.with(setOf(e.Args[1].(*parser.StringLiteral).Val))
	case e.Func.Name == "label_join":
		for _, from := range e.Args[3:] {
			if name := from.(*parser.StringLiteral).Val; !found[name] {
				c.report("%s has no label %s", e.Args[0], name)
			}
		}
		return found.with(setOf(e.Args[1].(*parser.StringLiteral).Val))
	case e.Func.Name == "histogram_quantile":
		return found.without("le")
	case e.Func.Name == "absent":
		return labelSet{}
	case slices.Contains(rates, e.Func.Name):
		if s, ok := e.Args[0].(*parser.MatrixSelector); ok {
			if name := s.VectorSelector.(*parser.VectorSelector).Name; !c.metrics[name].counter {
				c.report("%s of %s, which is no counter", e.Func.Name, name)
			}
		}
	}
	return found
}

func (c *checker) combined(e *parser.BinaryExpr) labelSet {
	left, right := c.labels(e.LHS), c.labels(e.RHS)
	m := e.VectorMatching
	switch {
	case m == nil: // one of them is a number
		return left.with(right)
	case m.On:
		for _, name := range m.MatchingLabels {
			if !left[name] || !right[name] {
				c.report("%s on %s, which one side has not: %s, %s", e.Op, name, left, right)
			}
		}
	case e.Op != parser.LOR:
		if a, b := left.without(m.MatchingLabels...), right.without(m.MatchingLabels...); !maps.Equal(a, b) {
			c.report("the sides of %s never match: %s, %s", e.Op, a, b)
		}
	}
	switch {
	case e.Op == parser.LOR:
		return left.with(right)
	case e.Op == parser.LAND, e.Op == parser.LUNLESS, m.Card == parser.CardManyToOne:
		return left.with(setOf(m.Include...))
	case m.Card == parser.CardOneToMany:
		return right.with(setOf(m.Include...))
	case m.On:
		return setOf(m.MatchingLabels...)
	}
	return left.without(m.MatchingLabels...)
}

// TestRuleQueries: each rule is of metrics that there are, with labels that they
// have, and so are the labels that an alert's texts name.
func TestRuleQueries(t *testing.T) {
	c := newChecker(t)
	named := regexp.MustCompile(`\$labels\.(\w+)`)
	for _, r := range rules(t) {
		found := c.check(t, r.Record+r.Alert, r.Expr).with(r.labels())
		for _, text := range r.Annotations {
			for _, m := range named.FindAllStringSubmatch(text, -1) {
				if !found[m[1]] {
					t.Errorf("%s has no label %s, which %q names", r.Alert, m[1], text)
				}
			}
		}
	}
}

// filledIn replaces the variables of a dashboard in a query, as Grafana would where
// everything is chosen.
func (d dashboard) filledIn(query string) string {
	values := []string{"$__rate_interval", "1m", "$__range", "1h"}
	for _, v := range d.Templating.List {
		// A variable of one value is matched exactly: Grafana does not escape it as it does several.
		values = append(values, `="$`+v.Name+`"`, `=~".+"`, "$"+v.Name, v.AllValue)
	}
	return strings.NewReplacer(values...).Replace(query)
}

// TestDashboardQueries: each query of a dashboard is of metrics that there are, with
// labels that they have, and so are the labels that legends and tables name.
func TestDashboardQueries(t *testing.T) {
	c := newChecker(t)
	named := regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
	for file, d := range dashboards(t) {
		for _, v := range d.Templating.List {
			if m := regexp.MustCompile(`^label_values\((.*), (\w+)\)$`).FindStringSubmatch(v.Definition); m != nil {
				if found := c.check(t, file+", variable "+v.Name, d.filledIn(m[1])); !found[m[2]] {
					t.Errorf("%s: the variable %s is of the label %s, of %s", file, v.Name, m[2], found)
				}
			} else if v.Type == "query" {
				t.Errorf("%s: the variable %s is by %q", file, v.Name, v.Definition)
			}
		}
		for _, a := range d.Annotations.List {
			if a.Expr == "" {
				continue
			}
			found := c.check(t, file+", "+a.Name, d.filledIn(a.Expr))
			names := strings.Split(a.TagKeys, ",")
			for _, m := range named.FindAllStringSubmatch(a.TitleFormat+a.TextFormat, -1) {
				names = append(names, m[1])
			}
			for _, name := range names {
				if !found[name] {
					t.Errorf("%s: the annotation %s has no label %s", file, a.Name, name)
				}
			}
		}
		for _, p := range d.panels() {
			c.checkPanel(t, file+", "+p.Title, d, p)
		}
	}
}

// checkPanel checks a panel's queries, and what names their labels.
func (c *checker) checkPanel(t *testing.T, where string, d dashboard, p panel) {
	t.Helper()
	columns := setOf("Time", "Value")
	for _, q := range p.Targets {
		found := c.check(t, where, d.filledIn(q.Expr))
		columns = columns.with(found).with(setOf("Value #" + q.RefID))
		for _, m := range regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`).FindAllStringSubmatch(q.LegendFormat, -1) {
			if !found[m[1]] {
				t.Errorf("%s: the legend %q names %s, which %s lacks", where, q.LegendFormat, m[1], found)
			}
		}
	}
	for _, transformation := range p.Transformations {
		o := transformation.Options
		for _, names := range []labelSet{o.ExcludeByName, keys(o.IndexByName), keys(o.RenameByName)} {
			for name := range names {
				if !columns[name] {
					t.Errorf("%s: there is no column %q to place, to rename or to leave out", where, name)
				}
			}
		}
	}
}

func keys[V any](m map[string]V) labelSet { return setOf(slices.Collect(maps.Keys(m))...) }
