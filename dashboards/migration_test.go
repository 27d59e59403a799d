package dashboards_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// update has the tests rewrite what is generated from docs/fields.tsv, and from the example for Alertmanager.
var update = flag.Bool("update", false, "rewrite docs/migration.md, docs/statsd_mapping.yml, the counts in README.md and ogg:alert_muted:group")

// statuses are those of a field, in the order of the counts.
var statuses = []string{"covered", "derivable", "left out", "not available"}

// scales are by what the value of a field in this unit is to be multiplied to be in seconds,
// or a ratio.
var scales = map[string]string{"": "", "ms": "0.001", "µs": "0.000001", "%": "0.01"}

// field is a line of docs/fields.tsv: what another tool has, and where it is here.
type field struct {
	source, group, name string
	unit                string // of the other tool, if it is another one here
	status              string
	expressions         []string // PromQL; of a field that is not here, what comes nearest
	note                string
}

// fields reads docs/fields.tsv.
func fields(t *testing.T) []field {
	t.Helper()
	text, err := os.ReadFile("../docs/fields.tsv")
	must(t, err)
	var all []field
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[1:] {
		c := strings.Split(line, "\t")
		if len(c) != 7 {
			t.Fatalf("docs/fields.tsv:%d has %d columns", i+2, len(c))
		}
		f := field{source: c[0], group: c[1], name: c[2], unit: c[3], status: c[4], note: c[6]}
		if c[5] != "" {
			f.expressions = strings.Split(c[5], "; ")
		}
		all = append(all, f)
	}
	return all
}

// TestFields: each field says where it is, in expressions of metrics that there are, or
// why it is not here.
func TestFields(t *testing.T) {
	c, seen := newChecker(t), map[string]bool{}
	for _, f := range fields(t) {
		where := fmt.Sprintf("docs/fields.tsv: %s, %s, %s", f.source, f.group, f.name)
		if seen[where] {
			t.Errorf("%s is there twice", where)
		}
		seen[where] = true
		if _, known := scales[f.unit]; !known {
			t.Errorf("%s: unknown unit %q", where, f.unit)
		}
		switch {
		case !slices.Contains(statuses, f.status):
			t.Errorf("%s: unknown status %q", where, f.status)
		case f.here() && len(f.expressions) == 0:
			t.Errorf("%s: %s by what?", where, f.status)
		case !f.here() && f.note == "":
			t.Errorf("%s: %s, but why?", where, f.status)
		}
		for _, expr := range f.expressions {
			c.check(t, where, expr)
		}
	}
}

// here says whether the exporter has the field.
func (f field) here() bool { return f.status == "covered" || f.status == "derivable" }

// TestMigration keeps what is generated from docs/fields.tsv in step with it.
func TestMigration(t *testing.T) {
	all := fields(t)
	keep(t, "../docs/statsd_mapping.yml", func(string) string { return mapping(t, all) })
	keep(t, "../docs/migration.md", func(text string) string {
		before, _, _ := strings.Cut(text, generated)
		return before + generated + sections(all)
	})
	keep(t, "../README.md", func(text string) string {
		return regexp.MustCompile(`(?m)^Of the \d+ fields .*\(docs/migration\.md\).*$`).ReplaceAllLiteralString(text, summary(all))
	})
	readme, err := os.ReadFile("../README.md")
	must(t, err)
	if !strings.Contains(string(readme), summary(all)) {
		t.Errorf("README.md does not say: %s", summary(all))
	}
}

// keep compares a file with what it should be, or rewrites it.
func keep(t *testing.T, file string, should func(is string) string) {
	t.Helper()
	is, err := os.ReadFile(file)
	if !os.IsNotExist(err) {
		must(t, err)
	}
	want := should(string(is))
	switch {
	case string(is) == want:
	case *update:
		must(t, os.WriteFile(file, []byte(want), 0o644))
	default:
		t.Errorf("%s is out of date: run `make golden`", file)
	}
}

// generated is where the generated part of docs/migration.md begins.
const generated = "<!-- From here on generated from fields.tsv by `make golden`. -->\n"

// count returns how many fields have each of the statuses.
func count(all []field) map[string]int {
	n := map[string]int{}
	for _, f := range all {
		n[f.status]++
	}
	return n
}

// summary is the sentence in README.md.
func summary(all []field) string {
	n := count(all)
	return fmt.Sprintf("Of the %d fields that these tools have, %d are metrics here, %d follow from metrics by PromQL, %d are left out on purpose and %d cannot be had from GoldenGate: [docs/migration.md](docs/migration.md) has a line for each.",
		len(all), n["covered"], n["derivable"], n["left out"], n["not available"])
}

// sections returns the generated part of docs/migration.md.
func sections(all []field) string {
	var b strings.Builder
	b.WriteString("\n## Counts\n\n| source | " + strings.Join(statuses, " | ") + " | all |\n|---|---|---|---|---|---|\n")
	var sources []string
	bySource := map[string][]field{}
	for _, f := range all {
		if bySource[f.source] == nil {
			sources = append(sources, f.source)
		}
		bySource[f.source] = append(bySource[f.source], f)
	}
	for _, source := range sources {
		b.WriteString("| " + source + counts(bySource[source]))
	}
	b.WriteString("| **all**" + counts(all))
	for _, source := range sources {
		b.WriteString("\n## " + source + "\n")
		group := ""
		for _, f := range bySource[source] {
			if f.group != group {
				group = f.group
				fmt.Fprintf(&b, "\n### %s\n\n| field | status | here | note |\n|---|---|---|---|\n", group)
			}
			b.WriteString(f.row())
		}
	}
	return b.String()
}

// counts returns the end of a row of counts.
func counts(of []field) string {
	n := count(of)
	var cells []string
	for _, status := range statuses {
		cells = append(cells, strconv.Itoa(n[status]))
	}
	return fmt.Sprintf(" | %s | %d |\n", strings.Join(cells, " | "), len(of))
}

// row returns the row of a field in docs/migration.md.
func (f field) row() string {
	name, here := f.name, ""
	if f.unit != "" {
		name += " (" + f.unit + ")"
	}
	if len(f.expressions) > 0 {
		here = "`" + strings.Join(f.expressions, "`, `") + "`"
		if !f.here() {
			here = "nearest: " + here
		}
	}
	return "| " + strings.Join([]string{name, f.status, strings.ReplaceAll(here, "|", `\|`), f.note}, " | ") + " |\n"
}

// dropped are the tags that change with each file, by the group of the metrics that have them:
// they are no labels here.
var dropped = map[string][]string{
	"trail-input":            {"trail_path"},
	"trail-output":           {"trail_path"},
	"receiver-service-stats": {"target_file_name", "last_file"},
}

// ofNoProcess matches the metrics that have no process here: StatsD says of them which
// service or process reports them.
var ofNoProcess = regexp.MustCompile(`^ogg_(trail|distribution_path|receiver_path)_`)

// unnamed are the groups whose metrics' names do not begin with the name of the group: what
// they begin with is not documented.
var unnamed = []string{"process performance", "cache manager"}

// mapping returns docs/statsd_mapping.yml: a rule for each metric of StatsD whose name is
// known and that is a metric here.
func mapping(t *testing.T, all []field) string {
	t.Helper()
	b := strings.Builder{}
	b.WriteString(mappingHead)
	for _, f := range all {
		if f.source != "StatsD" || f.status != "covered" || slices.Contains(unnamed, f.group) {
			continue
		}
		names := f.wireNames()
		if len(names) != len(f.expressions) {
			continue
		}
		for i, name := range names {
			b.WriteString(f.rule(t, name, f.expressions[i]))
		}
	}
	return b.String()
}

const mappingHead = `# For statsd_exporter: gives what GoldenGate sends by StatsD the names and units of
# ogg_exporter's metrics. How to use it: docs/migration.md, StatsD. Generated from fields.tsv by
# ` + "`make golden`" + `.
defaults:
  ttl: 5m # a process that has ended sends nothing more: its last values go
mappings:
`

// wireNames returns the names of the field's metrics as StatsD has them, with a dot for the
// separator, or nothing if one is not known.
func (f field) wireNames() []string {
	var names []string
	for name := range strings.SplitSeq(f.name, ", ") {
		base, rest, found := strings.Cut(name, " ")
		if !found {
			base, rest = f.group, name
		}
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`).MatchString(rest) || base == "tag" {
			return nil
		}
		names = append(names, base+"[._]"+rest)
	}
	return names
}

// rule returns a rule of statsd_exporter. Its labels are those that the expression asks for,
// and empty ones, which take tags away.
func (f field) rule(t *testing.T, name, expr string) string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	must(t, err)
	selector, ok := parsed.(*parser.VectorSelector)
	if !ok {
		t.Fatalf("%s is no metric, but %s", f.name, expr)
	}
	given := []string{`deploymentId: ""`}
	if ofNoProcess.MatchString(selector.Name) {
		given = append(given, `processName: ""`, `processType: ""`)
	}
	for _, tag := range dropped[f.group] {
		given = append(given, tag+`: ""`)
	}
	for _, m := range selector.LabelMatchers {
		if m.Name != model.MetricNameLabel {
			given = append(given, m.Name+": "+m.Value)
		}
	}
	text := fmt.Sprintf("  - match: '^%s$'\n    match_type: regex\n    match_metric_type: gauge\n    name: %s\n    labels: {%s}\n",
		name, selector.Name, strings.Join(given, ", "))
	if scale := scales[f.unit]; scale != "" {
		text += "    scale: " + scale + "\n"
	}
	return text
}
