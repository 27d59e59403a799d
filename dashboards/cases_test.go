package dashboards_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// promtoolRun returns a run of promtool that collects its garbage less often, which saves a quarter of its time.
func promtoolRun(t *testing.T, promtool string, args []string) *exec.Cmd {
	t.Helper()
	run := exec.CommandContext(t.Context(), promtool, args...)
	run.Env = append(os.Environ(), "GOGC=800")
	return run
}

// changedCases changes each case of rules/tests, leaves out those for which change returns false, and returns a file
// for each of the others. It has only the rules that the case needs, because evaluating all takes many times as long.
func changedCases(t *testing.T, change func(test map[string]any) bool) []string {
	t.Helper()
	files, err := filepath.Glob("rules/tests/*.yml")
	must(t, err)
	dir, made := t.TempDir(), []string{}
	for _, file := range files {
		var content map[string]any
		readYAML(t, file, &content)
		groups := groupsOf(t, file, content)
		for i, test := range elements(content, "tests") {
			if !change(test) {
				continue
			}
			path := filepath.Join(dir, fmt.Sprintf("%d_%s", i, filepath.Base(file)))
			content["rule_files"], content["tests"] = []string{path + ".rules"}, []any{test}
			writeYAML(t, path, content)
			writeYAML(t, path+".rules", map[string]any{"groups": neededGroups(test, groups)})
			made = append(made, path)
		}
	}
	return made
}

// groupsOf returns all groups in the rule_files of a file of cases.
func groupsOf(t *testing.T, file string, content map[string]any) []map[string]any {
	t.Helper()
	var groups []map[string]any
	for _, name := range content["rule_files"].([]any) {
		var rules map[string]any
		readYAML(t, filepath.Join(filepath.Dir(file), name.(string)), &rules)
		groups = append(groups, elements(rules, "groups")...)
	}
	return groups
}

// namedAlerts selects alerts by their whole names.
var namedAlerts = regexp.MustCompile(`ALERTS\{[^}]*\balertname=~?"[\w|]+"`)

// neededGroups returns the groups with the rules whose names are in a case, or in another rule that it needs. No other
// rule can change what the case sees, unless something selects series by other means: then all are needed.
func neededGroups(test map[string]any, groups []map[string]any) []map[string]any {
	text, needed := fmt.Sprint(test), map[string]bool{}
	for before := -1; before < len(needed); {
		before = len(needed)
		for _, group := range groups {
			for _, rule := range elements(group, "rules") {
				if ruleText := fmt.Sprint(rule); !needed[ruleText] && strings.Contains(text, ruleName(rule)) {
					needed[ruleText] = true
					text += ruleText
				}
			}
		}
	}
	if strings.Contains(text, "__name__") || strings.Count(text, "ALERTS") != len(namedAlerts.FindAllString(text, -1)) {
		return groups
	}
	var some []map[string]any
	for _, group := range groups {
		var rules []map[string]any
		for _, rule := range elements(group, "rules") {
			if needed[fmt.Sprint(rule)] {
				rules = append(rules, rule)
			}
		}
		if len(rules) > 0 {
			group = maps.Clone(group)
			group["rules"] = rules
			some = append(some, group)
		}
	}
	return some
}

// ruleName returns the name of the series or alerts that a rule makes.
func ruleName(rule map[string]any) string {
	if alert, is := rule["alert"]; is {
		return alert.(string)
	}
	return rule["record"].(string)
}

func writeYAML(t *testing.T, file string, content any) {
	t.Helper()
	text, err := yaml.Marshal(content)
	must(t, err)
	must(t, os.WriteFile(file, text, 0o600))
}
