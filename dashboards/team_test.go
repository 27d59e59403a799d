package dashboards_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
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
	if out, err := promtoolRun(t, promtool, args).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	for _, name := range alerts(t) {
		if !seen[name] && withoutTeam[name] == "" {
			t.Errorf("no case has %s fire with a label of its own", name)
		}
	}
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
