package dashboards_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// withoutTeam are the alerts that have no labels of a target, and why.
var withoutTeam = map[string]string{
	"OggMetricsMissing": "it is about series that are not there",
}

// TestAlertsKeepLabels: the alerts have the user's own labels of a target, such as team, so that they can be
// routed by them. The cases of rules/tests are evaluated again, with such a label in all series that they begin
// with; it has to be in all alerts.
func TestAlertsKeepLabels(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("LEFT OUT: promtool is not installed (package prometheus)")
	}
	files, err := filepath.Glob("rules/tests/*.yml")
	must(t, err)
	dir, args, seen := t.TempDir(), []string{"test", "rules"}, setOf()
	for _, file := range files {
		generated := filepath.Join(dir, filepath.Base(file))
		must(t, os.WriteFile(generated, withTeam(t, file, seen), 0o600))
		args = append(args, generated)
	}
	if out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	for _, name := range alerts(t) {
		if !seen[name] && withoutTeam[name] == "" {
			t.Errorf("no case has %s fire with a label of its own", name)
		}
	}
}

// withTeam returns a file of cases with the label team in all series and alerts, and adds the names of the
// alerts that fire to seen. What the cases say of other queries is left out.
func withTeam(t *testing.T, file string, seen labelSet) []byte {
	t.Helper()
	var content map[string]any
	readYAML(t, file, &content)
	for i, name := range content["rule_files"].([]any) {
		path, err := filepath.Abs(filepath.Join(filepath.Dir(file), name.(string)))
		must(t, err)
		content["rule_files"].([]any)[i] = path
	}
	for _, test := range elements(content, "tests") {
		for _, series := range elements(test, "input_series") {
			series["series"] = addTeam(series["series"].(string))
		}
		for _, a := range elements(test, "alert_rule_test") {
			name := a["alertname"].(string)
			for _, expected := range elements(a, "exp_alerts") {
				if withoutTeam[name] == "" {
					expected["exp_labels"].(map[string]any)["team"] = "x"
					seen[name] = true
				}
			}
		}
		var queries []map[string]any
		for _, e := range elements(test, "promql_expr_test") {
			if !strings.HasPrefix(e["expr"].(string), "ALERTS{") {
				continue
			}
			for _, sample := range elements(e, "exp_samples") {
				labels := sample["labels"].(string)
				sample["labels"] = addTeam(labels)
				seen[regexp.MustCompile(`alertname="(\w+)"`).FindStringSubmatch(labels)[1]] = true
			}
			queries = append(queries, e)
		}
		test["promql_expr_test"] = queries
	}
	text, err := yaml.Marshal(content)
	must(t, err)
	return text
}

// elements returns the elements of a list of maps in a map.
func elements(of map[string]any, key string) []map[string]any {
	var all []map[string]any
	list, _ := of[key].([]any)
	for _, element := range list {
		all = append(all, element.(map[string]any))
	}
	return all
}

// addTeam adds the label to a series.
func addTeam(series string) string {
	name, labels, is := strings.Cut(series, "{")
	if !is {
		return name + `{team="x"}`
	}
	return name + `{team="x", ` + labels
}
