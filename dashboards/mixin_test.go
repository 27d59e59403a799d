package dashboards_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// mixin is what a mixin consists of.
type mixin struct {
	Dashboards map[string]any
	Alerts     ruleFile
	Rules      ruleFile
}

// ruleFile is a file of rules, with all that it says of each.
type ruleFile struct{ Groups []ruleGroup }

type ruleGroup struct {
	Name, Interval string
	Rules          []map[string]any
}

// evaluate evaluates the mixin with this _config, or returns why it cannot.
func evaluate(config string) (string, error) {
	return jsonnet.MakeVM().EvaluateAnonymousSnippet("mixin.jsonnet", `
		local mixin = (import 'mixin/mixin.libsonnet') + { _config+:: `+config+` };
		{ dashboards: mixin.grafanaDashboards, alerts: mixin.prometheusAlerts, rules: mixin.prometheusRules }`)
}

// build builds the mixin.
func build(t *testing.T, config string) mixin {
	t.Helper()
	text, err := evaluate(config)
	must(t, err)
	var m mixin
	must(t, json.Unmarshal([]byte(text), &m))
	return m
}

// fromFiles returns what is in the files.
func fromFiles(t *testing.T) mixin {
	t.Helper()
	m := mixin{Dashboards: map[string]any{}}
	for file := range dashboards(t) {
		text, err := os.ReadFile(file)
		must(t, err)
		var content any
		must(t, json.Unmarshal(text, &content))
		m.Dashboards[filepath.Base(file)] = content
	}
	readYAML(t, "rules/alerts.yml", &m.Alerts)
	readYAML(t, "rules/recording.yml", &m.Rules)
	return m
}

// addSLO adds what is in slo.yml.
func (m *mixin) addSLO(t *testing.T) {
	t.Helper()
	var slo ruleFile
	readYAML(t, "rules/slo.yml", &slo)
	for _, g := range slo.Groups {
		to := &m.Rules
		if g.Rules[0]["alert"] != nil {
			to = &m.Alerts
		}
		to.Groups = append(to.Groups, g)
	}
}

// each calls f for each rule.
func (m *mixin) each(f func(rule map[string]any)) {
	for _, g := range slices.Concat(m.Alerts.Groups, m.Rules.Groups) {
		for _, r := range g.Rules {
			f(r)
		}
	}
}

// sameMixin compares two mixins. JSON and YAML decode into different types.
func sameMixin(t *testing.T, got, want mixin) {
	t.Helper()
	if a, b := slices.Sorted(maps.Keys(got.Dashboards)), slices.Sorted(maps.Keys(want.Dashboards)); !slices.Equal(a, b) {
		t.Errorf("the dashboards are %q, want %q", a, b)
	}
	for file, content := range want.Dashboards {
		if !reflect.DeepEqual(got.Dashboards[file], content) {
			t.Errorf("%s differs", file)
		}
	}
	a, b := rulesByID(t, got), rulesByID(t, want)
	if len(b) < 100 {
		t.Errorf("there are %d rules", len(b))
	}
	for id := range keys(a).with(keys(b)) {
		if a[id] != b[id] {
			t.Errorf("%s is\n%s\nwant\n%s", id, a[id], b[id])
		}
	}
}

// rulesByID returns each rule and what else is said of its group as JSON, by where it is.
func rulesByID(t *testing.T, m mixin) map[string]string {
	t.Helper()
	all := map[string]string{}
	for kind, file := range map[string]ruleFile{"alerts": m.Alerts, "rules": m.Rules} {
		for i, g := range file.Groups {
			for j, r := range g.Rules {
				text, err := json.Marshal([]any{g.Name, g.Interval, r})
				must(t, err)
				all[fmt.Sprintf("%s, group %d, rule %d", kind, i, j)] = string(text)
			}
		}
	}
	return all
}

// TestMixin: without a setting the mixin is what the files are, and nothing is missing.
func TestMixin(t *testing.T) {
	t.Parallel()
	want := fromFiles(t)
	sameMixin(t, build(t, "{}"), want)
	want.addSLO(t)
	sameMixin(t, build(t, "{ slo: true }"), want)
}

// TestMixinSettings: each setting has its effect wherever it belongs, and no other.
func TestMixinSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, config string
		change       func(t *testing.T, m *mixin) int // returns how many places it changes
		atLeast      int
	}{
		{"jobs", `{ jobs: "goldengate|oci" }`, changeJobs, 4},
		{"labels of alerts", `{ alertLabels: { team: "dba" } }`, labelAlerts, 40},
		{"tags", `{ dashboardTags: ["oracle", "goldengate"] }`, tagDashboards, 6},
		{"a threshold by severity", `{ thresholds+: { "ogg:process_lag_seconds:threshold critical": 3600 } }`, changeThreshold("ogg:process_lag_seconds:threshold", "critical", "vector(3600)"), 1},
		{"a threshold without a severity", `{ thresholds+: { "ogg:trail_bytes:limit": "4 * 1e12" } }`, changeThreshold("ogg:trail_bytes:limit", "", "vector(4 * 1e12)"), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := fromFiles(t)
			if n := test.change(t, &want); n < test.atLeast {
				t.Errorf("it changes %d places, want at least %d", n, test.atLeast)
			}
			sameMixin(t, build(t, test.config), want)
		})
	}
}

func changeJobs(_ *testing.T, m *mixin) (n int) {
	replace := func(of map[string]any, key string) {
		text := of[key].(string)
		of[key] = strings.ReplaceAll(text, "ogg.*", "goldengate|oci")
		n += strings.Count(text, "ogg.*")
	}
	m.each(func(r map[string]any) {
		replace(r, "expr")
		if annotations, ok := r["annotations"].(map[string]any); ok {
			// Those of rules that share them are one map, in which there is nothing left to replace.
			for name := range annotations {
				replace(annotations, name)
			}
		}
	})
	return n
}

func labelAlerts(_ *testing.T, m *mixin) (n int) {
	m.each(func(r map[string]any) {
		if r["alert"] != nil {
			r["labels"].(map[string]any)["team"] = "dba"
			n++
		}
	})
	return n
}

func tagDashboards(_ *testing.T, m *mixin) (n int) {
	for _, content := range m.Dashboards {
		content.(map[string]any)["tags"] = []any{"oracle", "goldengate"}
		n++
	}
	return n
}

func changeThreshold(record, severity, expr string) func(*testing.T, *mixin) int {
	return func(_ *testing.T, m *mixin) (n int) {
		m.each(func(r map[string]any) {
			labels, _ := r["labels"].(map[string]any)
			if s, _ := labels["severity"].(string); r["record"] == record && s == severity {
				r["expr"] = expr
				n++
			}
		})
		return n
	}
}

// TestMixinOddSettings: whatever the jobs and labels are, the rules can be read, select those jobs, and alerts keep their
// severity. A threshold that is none is an error.
func TestMixinOddSettings(t *testing.T) {
	t.Parallel()
	for _, jobs := range []string{`a|b`, `ogg\d+`, `gg-"odd"`, `.*`, ``, `größe{2}`, strings.Repeat("long", 1000)} {
		settings, err := json.Marshal(map[string]any{"jobs": jobs, "alertLabels": map[string]string{"severity": "none", "team": `"{{`, "empty": ""}})
		must(t, err)
		m := build(t, string(settings))
		selected := 0
		m.each(func(r map[string]any) {
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(r["expr"].(string))
			if err != nil {
				t.Errorf("jobs %q: %v in %s", jobs, err, r["expr"])
				return
			}
			for _, selectors := range parser.ExtractSelectors(expr) {
				for _, s := range selectors {
					if s.Name == "job" && s.Value == jobs {
						selected++
					}
				}
			}
			if r["alert"] != nil && (r["labels"].(map[string]any)["severity"] == "none" || r["labels"].(map[string]any)["team"] == nil) {
				t.Errorf("%s has the labels %v", r["alert"], r["labels"])
			}
		})
		if selected < 4 {
			t.Errorf("the jobs %q are selected %d times", jobs, selected)
		}
	}
	for _, value := range []string{`""`, `null`, `true`, `[1]`} {
		_, err := evaluate(`{ thresholds+: { "ogg:trail_bytes:limit": ` + value + ` } }`)
		if err == nil || !strings.Contains(err.Error(), "neither a number nor an expression: ogg:trail_bytes:limit") {
			t.Errorf("the threshold %s: %v", value, err)
		}
	}
}

// TestMixinThresholds: every threshold can be set by the name of its record and its
// severity, each once, and a name that is none is an error.
func TestMixinThresholds(t *testing.T) {
	t.Parallel()
	text, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("thresholds.jsonnet", `(import 'mixin/mixin.libsonnet')._config.thresholds`)
	must(t, err)
	var settings map[string]string
	must(t, json.Unmarshal([]byte(text), &settings))
	n := 0
	for _, r := range rules(t) {
		if !strings.HasPrefix(r.Expr, "vector(") {
			continue
		}
		name := strings.TrimSpace(r.Record + " " + r.Labels["severity"])
		if "vector("+settings[name]+")" != r.Expr {
			t.Errorf("%s is %q, want that of %s", name, settings[name], r.Expr)
		}
		n++
	}
	if n != len(settings) || n < 20 {
		t.Errorf("there are %d thresholds, and %d settings", n, len(settings))
	}
	_, err = evaluate(`{ thresholds+: { "ogg:no_such:threshold": 1 } }`)
	if err == nil || !strings.Contains(err.Error(), "there are no thresholds ogg:no_such:threshold") {
		t.Errorf("a threshold that is none: %v", err)
	}
}

// example returns the first block of code of a language in a page that contains the text.
func example(t *testing.T, page, language, contains string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	must(t, err)
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(m[1], contains) {
			return m[1]
		}
	}
	t.Fatalf("%s has no example with %q", page, contains)
	return ""
}

// TestMixinExample: the example in the documentation has all settings, and builds.
func TestMixinExample(t *testing.T) {
	t.Parallel()
	text := example(t, "../docs/mixin.md", "jsonnet", "_config")
	config := strings.Replace(text, "github.com/ogg-exporter/ogg_exporter/dashboards/", "", 1)
	out, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("example.jsonnet", `
		local mixin = `+config+`;
		{ alerts: mixin.prometheusAlerts, rules: mixin.prometheusRules, dashboards: mixin.grafanaDashboards,
		  settings: std.objectFields(mixin._config) }`)
	must(t, err)
	var m struct {
		mixin
		Settings []string
	}
	must(t, json.Unmarshal([]byte(out), &m))
	if len(m.Dashboards) < 6 || len(m.Alerts.Groups) < 10 || len(m.Rules.Groups) < 10 {
		t.Errorf("%d dashboards, %d groups of alerts and %d of rules", len(m.Dashboards), len(m.Alerts.Groups), len(m.Rules.Groups))
	}
	for _, name := range m.Settings {
		if !strings.Contains(text, name) {
			t.Errorf("the example lacks %s", name)
		}
	}
}

// TestSLOExample: the overrides in the documentation are of metrics that there are.
func TestSLOExample(t *testing.T) {
	var content struct{ Groups []struct{ Rules []rule } }
	must(t, yaml.Unmarshal([]byte(example(t, "../docs/slo.md", "yaml", "groups:")), &content))
	c := newChecker(t)
	for _, r := range content.Groups[0].Rules {
		c.check(t, r.Record, r.Expr)
		if len(c.rules[r.Record]) == 0 {
			t.Errorf("no rule uses %s", r.Record)
		}
	}
	if len(content.Groups[0].Rules) != 2 {
		t.Errorf("the rules are %v", content.Groups[0].Rules)
	}
}
