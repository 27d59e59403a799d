package dashboards_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// withoutTeam are the alerts that have no labels of a target, and why.
var withoutTeam = map[string]string{
	"OggMetricsMissing": "it is about series that are not there",
}

// TestAlertsKeepLabels: the alerts have the user's own labels of a target, such as team, so that they can be
// routed by them. All that the cases of rules/tests say of alerts is evaluated with such a label in all series that they begin
// with; it has to be in all alerts.
func TestAlertsKeepLabels(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("promtool is missing, and in CI it may not be")
		}
		t.Skip("LEFT OUT: promtool is not installed (package prometheus)")
	}
	seen := setOf()
	args := append([]string{"test", "rules"}, changedCases(t, func(test map[string]any) bool {
		addTeamTo(test, seen)
		return true
	})...)
	if out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	for _, name := range alerts(t) {
		if !seen[name] && withoutTeam[name] == "" {
			t.Errorf("no case has %s fire with a label of its own", name)
		}
	}
}

// changedCases changes each case of rules/tests, leaves out those for which change returns false, and returns the
// files with what is left. They are of rules without those of muted alerts, which would cost promtool a third of its time:
// TestMuted is about these, and TestAlerting in e2e.
func changedCases(t *testing.T, change func(test map[string]any) bool) []string {
	t.Helper()
	files, err := filepath.Glob("rules/tests/*.yml")
	must(t, err)
	dir, made := t.TempDir(), []string{}
	for _, file := range files {
		var content map[string]any
		readYAML(t, file, &content)
		for i, name := range content["rule_files"].([]any) {
			content["rule_files"].([]any)[i] = withoutMuted(t, dir, filepath.Join(filepath.Dir(file), name.(string)))
		}
		tests := slices.DeleteFunc(elements(content, "tests"), func(test map[string]any) bool { return !change(test) })
		if len(tests) == 0 {
			continue
		}
		content["tests"] = tests
		text, err := yaml.Marshal(content)
		must(t, err)
		made = append(made, filepath.Join(dir, filepath.Base(file)))
		must(t, os.WriteFile(made[len(made)-1], text, 0o600))
	}
	return made
}

// withoutMuted writes a file of rules without those of muted alerts into the directory, and returns its name.
func withoutMuted(t *testing.T, dir, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	rules, _, found := strings.Cut(string(text), "\n  # ---- Muted alerts ----\n")
	if found != (filepath.Base(file) == "recording.yml") {
		t.Errorf("%s has muted alerts: %t", file, found)
	}
	copied := filepath.Join(dir, "of-"+filepath.Base(file))
	must(t, os.WriteFile(copied, []byte(rules), 0o600))
	return copied
}

// isOfAlerts reports whether a query of a case is about alerts.
func isOfAlerts(query map[string]any) bool {
	return strings.HasPrefix(query["expr"].(string), "ALERTS{")
}

// addTeamTo adds the label team to all series and alerts of a case, and the names of the alerts that fire to
// seen. What the case says of other queries is left out.
func addTeamTo(test map[string]any, seen labelSet) {
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
	queries := slices.DeleteFunc(elements(test, "promql_expr_test"), func(e map[string]any) bool { return !isOfAlerts(e) })
	for _, e := range queries {
		for _, sample := range elements(e, "exp_samples") {
			labels := sample["labels"].(string)
			sample["labels"] = addTeam(labels)
			seen[regexp.MustCompile(`alertname="(\w+)"`).FindStringSubmatch(labels)[1]] = true
		}
	}
	test["promql_expr_test"] = queries
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
