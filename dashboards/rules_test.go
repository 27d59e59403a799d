package dashboards_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// rule is a recording rule or an alert.
type rule struct {
	Record, Alert, Expr string
	For                 model.Duration
	KeepFiringFor       model.Duration `yaml:"keep_firing_for"`
	Labels, Annotations map[string]string
}

// labels returns the labels that the rule adds.
func (r rule) labels() labelSet { return keys(r.Labels) }

// rules returns all rules, those of the example of overrides, too.
func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, file := range []string{"rules/recording.yml", "overrides.example.yml", "rules/alerts.yml", "rules/slo.yml"} {
		var content struct{ Groups []struct{ Rules []rule } }
		readYAML(t, file, &content)
		for _, g := range content.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

// alerts returns the names of the alerts.
func alerts(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, r := range rules(t) {
		if r.Alert != "" && !slices.Contains(names, r.Alert) {
			names = append(names, r.Alert)
		}
	}
	if len(names) < 20 {
		t.Fatalf("the alerts are %q", names)
	}
	return names
}

func readYAML(t *testing.T, file string, content any) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	if err := yaml.Unmarshal(text, content); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// TestRules has promtool check the rules, and evaluate what the cases say of other queries than alerts, which
// TestAlertsKeepLabels has evaluated.
func TestRules(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("promtool is missing, and in CI it may not be")
		}
		t.Skip("LEFT OUT: promtool is not installed (package prometheus)")
	}
	cases := changedCases(t, func(test map[string]any) bool {
		delete(test, "alert_rule_test")
		test["promql_expr_test"] = slices.DeleteFunc(elements(test, "promql_expr_test"), isOfAlerts)
		return len(test["promql_expr_test"].([]map[string]any)) > 0
	})
	for _, args := range [][]string{
		{"check", "rules", "rules/recording.yml", "rules/alerts.yml", "rules/slo.yml", "overrides.example.yml"},
		append([]string{"test", "rules"}, cases...),
	} {
		out, err := promtoolRun(t, promtool, args).CombinedOutput()
		if err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// unitTest is one for promtool.
type unitTest struct {
	AlertTests []struct {
		AlertName string
		EvalTime  model.Duration `yaml:"eval_time"`
		ExpAlerts []struct {
			Labels map[string]string `yaml:"exp_labels"`
		} `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
	ExprTests []struct {
		Expr       string
		EvalTime   model.Duration            `yaml:"eval_time"`
		ExpSamples []struct{ Labels string } `yaml:"exp_samples"`
	} `yaml:"promql_expr_test"`
}

// alertCase is a time in a unit test, and the alerts of a name that fire then, each
// by its labels.
type alertCase struct {
	name  string
	at    model.Duration
	fires []map[string]string
}

// cases returns what the test says of alerts, by their names or by the series ALERTS,
// which leaves their texts alone.
func (u unitTest) cases(t *testing.T) []alertCase {
	t.Helper()
	var all []alertCase
	for _, a := range u.AlertTests {
		c := alertCase{name: a.AlertName, at: a.EvalTime}
		for _, expected := range a.ExpAlerts {
			c.fires = append(c.fires, expected.Labels)
		}
		all = append(all, c)
	}
	for _, e := range u.ExprTests {
		m := regexp.MustCompile(`^ALERTS\{alertname="(\w+)"`).FindStringSubmatch(e.Expr)
		if m == nil {
			continue
		}
		c := alertCase{name: m[1], at: e.EvalTime}
		for _, expected := range e.ExpSamples {
			series, err := parser.NewParser(parser.Options{}).ParseMetric(expected.Labels)
			must(t, err)
			if series.Get("alertstate") == "firing" {
				c.fires = append(c.fires, series.Map())
			}
		}
		all = append(all, c)
	}
	return all
}

// TestRulesAreTested: of each alert, with each of its severities, there is one that
// fires, one that is not there yet, and one that ends.
func TestRulesAreTested(t *testing.T) {
	files, err := filepath.Glob("rules/tests/*.yml")
	must(t, err)
	fires, before, after := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, file := range files {
		var content struct{ Tests []unitTest }
		readYAML(t, file, &content)
		for _, test := range content.Tests {
			cases := test.cases(t)
			for _, c := range cases {
				for _, alert := range c.fires {
					id := c.name + " " + alert["severity"]
					fires[id] = true
					for _, other := range cases {
						same := func(a map[string]string) bool { return maps.Equal(a, alert) }
						if other.name == c.name && !slices.ContainsFunc(other.fires, same) {
							before[id] = before[id] || other.at < c.at
							after[id] = after[id] || other.at > c.at
						}
					}
				}
			}
		}
	}
	for _, r := range rules(t) {
		id := r.Alert + " " + r.Labels["severity"]
		if r.Alert != "" && (!fires[id] || !before[id] || !after[id]) {
			t.Errorf("%s: fires: %t, and is not there before: %t, after: %t", id, fires[id], before[id], after[id])
		}
	}
}

// TestSummaries: the summary of each alert, which is what a pager shows, says what it is about: a Service Manager,
// an entry of oci, a scrape job, or a pipeline, whose name begins with a Service Manager.
func TestSummaries(t *testing.T) {
	place := regexp.MustCompile(`\$labels\.(service_manager|oci|job|pipeline)\b`)
	for _, r := range rules(t) {
		if r.Alert != "" && r.Alert != "OggMetricsMissing" && !place.MatchString(r.Annotations["summary"]) {
			t.Errorf("%s: the summary %q names no place", r.Alert, r.Annotations["summary"])
		}
	}
}

// TestRunbooks: each alert has a section, to which it links, and the sections are of
// alerts and metrics that there are.
func TestRunbooks(t *testing.T) {
	text, err := os.ReadFile("runbooks.md")
	must(t, err)
	var sections []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (Ogg\w+)$`).FindAllStringSubmatch(string(text), -1) {
		sections = append(sections, m[1])
	}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		if strings.Contains(section, "curl \"$") && strings.HasPrefix(section, "Ogg") && !strings.Contains(section, "\n**Needs.** ") {
			t.Errorf("no role that its commands need: %.40q", section)
		}
	}
	names := alerts(t)
	for _, name := range names {
		if !slices.Contains(sections, name) {
			t.Errorf("there is no section %s", name)
		}
	}
	for _, name := range regexp.MustCompile(`\bOgg[A-Z]\w+`).FindAllString(string(text), -1) {
		if !slices.Contains(names, name) {
			t.Errorf("there is no alert %s", name)
		}
	}
	for _, r := range rules(t) {
		if want := "/dashboards/runbooks.md#" + strings.ToLower(r.Alert); r.Alert != "" && !strings.HasSuffix(r.Annotations["runbook_url"], want) {
			t.Errorf("%s links to %q, want %q", r.Alert, r.Annotations["runbook_url"], want)
		}
	}
	metrics := scraped(t)
	// What is no metric: the exporter, a group of rules, and a user of GoldenGate.
	noMetrics := []string{"ogg_exporter", "ogg_thresholds", "ogg_monitor"}
	for _, name := range regexp.MustCompile(`\bogg_[a-z_]+\b`).FindAllString(string(text), -1) {
		if _, ok := metrics[name]; !ok && !slices.Contains(noMetrics, name) {
			t.Errorf("there is no metric %s", name)
		}
	}
}

// TestRunbookTable: the table of alerts has the severities of each, and after how long it fires.
func TestRunbookTable(t *testing.T) {
	text, err := os.ReadFile("runbooks.md")
	must(t, err)
	severities, waits := map[string][]string{}, map[string][]model.Duration{}
	for _, r := range rules(t) {
		if r.Alert != "" {
			severities[r.Alert] = append(severities[r.Alert], r.Labels["severity"])
			waits[r.Alert] = append(waits[r.Alert], r.waits(t)...)
		}
	}
	rows := regexp.MustCompile(`(?m)^\| \[(Ogg\w+)\]\(#\w+\)[^|]* \| ([^|]+) \| ([^|]+) \|$`).FindAllStringSubmatch(string(text), -1)
	for _, row := range rows {
		name := row[1]
		all := slices.DeleteFunc([]string{"critical", "warning", "info"}, func(s string) bool { return !slices.Contains(severities[name], s) })
		if want := strings.Join(all, ", "); row[2] != want {
			t.Errorf("%s: the severities are %s, want %s", name, row[2], want)
		}
		if want := inWords(slices.Compact(slices.Sorted(slices.Values(waits[name])))); row[3] != want {
			t.Errorf("%s: after %s, want %s", name, row[3], want)
		}
		delete(severities, name)
	}
	if len(severities) > 0 {
		t.Errorf("not in the table: %v", severities)
	}
}

// waits returns after how long the alert fires. What it compares with a while ago has to be so for that long, too.
func (r rule) waits(t *testing.T) []model.Duration {
	t.Helper()
	all := []model.Duration{r.For}
	inspect(t, r.Expr, func(node parser.Node, _ []parser.Node) {
		selector, is := node.(*parser.VectorSelector)
		if is && selector.OriginalOffset > 0 && selector.OriginalOffset < time.Hour {
			all = append(all, r.For+model.Duration(selector.OriginalOffset))
		}
	})
	return all
}

// inWords returns times as the table of alerts has them: two of them, or from the first to the last.
func inWords(times []model.Duration) string {
	first, last := times[0].String(), times[len(times)-1].String()
	switch {
	case last == "0s":
		return "immediately"
	case len(times) == 1:
		return first
	case len(times) == 2:
		return first + ", " + last
	}
	return first + " to " + last
}

// matcher is a matcher of Alertmanager.
var matcher = regexp.MustCompile(`^\s*(\w+)\s*(=~|!~|!=|=)\s*"(.*)"\s*$`)

// TestAlertmanagerExample: what the example routes and mutes are alerts and labels
// that there are, and no others. (Alertmanager takes any name, and then nothing is muted.)
func TestAlertmanagerExample(t *testing.T) {
	var content struct {
		Route struct {
			GroupBy []string `yaml:"group_by"`
			Routes  []struct{ Matchers []string }
		}
		Inhibit []inhibition `yaml:"inhibit_rules"`
	}
	readYAML(t, "alertmanager.example.yml", &content)
	known, c := setOf("alertname"), newChecker(t)
	for _, r := range rules(t) {
		if r.Alert != "" {
			known = known.with(c.check(t, r.Alert, r.Expr)).with(r.labels())
		}
	}
	matchers, names := []string{}, content.Route.GroupBy
	for _, r := range content.Route.Routes {
		matchers = append(matchers, r.Matchers...)
	}
	ofOgg := regexp.MustCompile(`^alertname =~? "Ogg`)
	for _, i := range content.Inhibit {
		matchers, names = append(append(matchers, i.Source...), i.Target...), append(names, i.Equal...)
		if !slices.ContainsFunc(i.Source, ofOgg.MatchString) || !slices.ContainsFunc(i.Target, ofOgg.MatchString) {
			t.Errorf("a rule mutes other alerts than those here, or is about them: %q", i)
		}
	}
	for _, text := range matchers {
		m := matcher.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%q is no matcher", text)
		}
		names = append(names, m[1])
		if m[1] == "alertname" {
			checkAlertNames(t, m[3])
		}
	}
	for _, name := range names {
		if !known[name] {
			t.Errorf("no alert has the label %s", name)
		}
	}
	if len(content.Inhibit) < 5 || len(matchers) < 10 {
		t.Errorf("%d inhibitions, %d matchers", len(content.Inhibit), len(matchers))
	}
}

// checkAlertNames checks that each alternative of an expression is of an alert.
func checkAlertNames(t *testing.T, expr string) {
	t.Helper()
	nested := regexp.MustCompile(`(\w*)\(([^()]*)\)`)
	flat := nested.ReplaceAllStringFunc(expr, func(part string) string {
		m := nested.FindStringSubmatch(part)
		return m[1] + strings.ReplaceAll(m[2], "|", "|"+m[1])
	})
	for alternative := range strings.SplitSeq(flat, "|") {
		if !slices.ContainsFunc(alerts(t), regexp.MustCompile("^("+alternative+")$").MatchString) {
			t.Errorf("there is no alert %s", alternative)
		}
	}
}
