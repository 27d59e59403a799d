package dashboards_test

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inhibition is a rule of Alertmanager: while an alert of Source fires, those of Target with the same labels are muted.
type inhibition struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string
}

// query returns what the rule mutes, as PromQL. In both languages, a label that is lacking is an empty one, and an
// expression has to match as a whole.
func (i inhibition) query(t *testing.T) string {
	t.Helper()
	return selectorOf(t, i.Target) + "\n  and on (" + strings.Join(i.Equal, ", ") + ") " + selectorOf(t, i.Source)
}

// selectorOf returns the alerts that fire and that matchers of Alertmanager select.
func selectorOf(t *testing.T, matchers []string) string {
	t.Helper()
	selected := []string{`alertstate="firing"`}
	for _, text := range matchers {
		m := matcher.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%q is no matcher", text)
		}
		selected = append(selected, m[1]+m[2]+`"`+m[3]+`"`)
	}
	return "ALERTS{" + strings.Join(selected, ", ") + "}"
}

// bothSides reports whether an alert can be on both sides of the rule, as far as one label says: then it would be an
// exception in Alertmanager, which has no counterpart in PromQL.
func (i inhibition) bothSides(t *testing.T) bool {
	t.Helper()
	values := map[string][]string{"alertname": alerts(t)}
	fits := map[string][]func(string) bool{}
	for _, text := range slices.Concat(i.Source, i.Target) {
		m := matcher.FindStringSubmatch(text)
		pattern := regexp.MustCompile("^(?:" + m[3] + ")$")
		fits[m[1]] = append(fits[m[1]], func(value string) bool { return pattern.MatchString(value) != strings.HasPrefix(m[2], "!") })
		if m[1] != "alertname" {
			values[m[1]] = append(values[m[1]], strings.Split(m[3], "|")...)
		}
	}
	for label, all := range values {
		if !slices.ContainsFunc(all, func(value string) bool {
			return !slices.ContainsFunc(fits[label], func(fits func(string) bool) bool { return !fits(value) })
		}) {
			return false
		}
	}
	return true
}

// TestMuted: ogg:alert_muted:group is what the example for Alertmanager mutes.
func TestMuted(t *testing.T) {
	var content struct {
		Inhibit []inhibition `yaml:"inhibit_rules"`
	}
	readYAML(t, "alertmanager.example.yml", &content)
	var muted []string
	for _, i := range content.Inhibit {
		muted = append(muted, i.query(t))
		if i.bothSides(t) {
			t.Errorf("an alert may be on both sides of the rule %q", i)
		}
	}
	const file, indent = "rules/recording.yml", "\n          "
	text, err := os.ReadFile(file)
	must(t, err)
	pattern := regexp.MustCompile(`(record: ogg:alert_muted:group\n +expr: \|)((?:\n {10}.*)+)`)
	want := indent + strings.ReplaceAll(strings.Join(muted, "\nor\n"), "\n", indent)
	switch m := pattern.FindStringSubmatch(string(text)); {
	case m == nil:
		t.Errorf("%s has no ogg:alert_muted:group", file)
	case *update:
		must(t, os.WriteFile(file, []byte(strings.Replace(string(text), m[0], m[1]+want, 1)), 0o600))
	case m[2] != want:
		t.Errorf("%s does not have ogg:alert_muted:group as the rules of alertmanager.example.yml make it: run make golden", file)
	}
}

// TestMutedStandLast: the panel of firing alerts calls what is muted so, and shows it below all others.
func TestMutedStandLast(t *testing.T) {
	text, err := os.ReadFile("overview.json")
	must(t, err)
	_, text, _ = bytes.Cut(text, []byte(`"description": "The alerts of dashboards/rules that fire`))
	text, _, _ = bytes.Cut(text, []byte(`"title": "Firing alerts"`))
	for _, want := range []string{
		`"0": {\s+"color": "text",\s+"index": 3,\s+"text": "muted"`, `"sortBy": \[\s+\{\s+"desc": true,\s+"displayName": "Severity"`, `0 \* ogg:alert_muted:group\{[^}]+\}\\n +or 3 \* ALERTS`,
	} {
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("the panel has no %s", want)
		}
	}
}
