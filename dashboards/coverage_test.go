package dashboards_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// leftOut are the metrics that are on no panel and in no rule, and why.
var leftOut = map[string]string{
	"ogg_trail_sequence":     "where a trail began when it was created; the files that there are now, ogg_trail_sequence_min and _max, tell more",
	"ogg_trail_offset_bytes": "a place in the first file of a trail, which nobody acts on; its readers and writers have places of their own",
}

// TestMetricsAreUsed: each metric is on a panel, in a rule, or left out for a reason.
func TestMetricsAreUsed(t *testing.T) {
	used := labelSet{}
	eachPanel(t, func(_ string, d dashboard, p panel) {
		for _, q := range p.Targets {
			used = used.with(metricsOf(t, d.filledIn(q.Expr)))
		}
	})
	for _, r := range rules(t) {
		used = used.with(metricsOf(t, r.Expr))
	}
	text, err := os.ReadFile("../METRICS.md")
	must(t, err)
	known := setOf()
	for _, m := range regexp.MustCompile("(?m)^\\| `(ogg_[a-z_]+)` \\| ").FindAllStringSubmatch(string(text), -1) {
		name := m[1]
		known[name] = true
		isUsed := used[name] || used[name+"_bucket"] || used[name+"_sum"] || used[name+"_count"]
		switch reason, isLeftOut := leftOut[name]; {
		case !isUsed && !isLeftOut:
			t.Errorf("%s is on no panel, in no rule, and not left out for a reason", name)
		case isUsed && isLeftOut:
			t.Errorf("%s is left out (%s), and used", name, reason)
		case isLeftOut && len(strings.Fields(reason)) < 5:
			t.Errorf("%s is left out for no reason but %q", name, reason)
		}
	}
	if len(known) < 200 {
		t.Errorf("METRICS.md has %d metrics", len(known))
	}
	for name := range leftOut {
		if !known[name] {
			t.Errorf("there is no metric %s to leave out", name)
		}
	}
}
