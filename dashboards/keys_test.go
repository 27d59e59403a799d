package dashboards_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// within are the labels that name an object, and those of what it is in: without one of these, the object is not the
// only one with its name.
var within = map[string][]string{
	"deployment":   {"service_manager", "oci"},
	"microservice": {"deployment"},
	"process":      {"deployment"},
	"process_type": {"process"},
	"path":         {"deployment"},
	"trail":        {"deployment"},
	"task":         {"deployment"},
	"kind":         {"name"},
	"name":         {"deployment"},
	"not_after":    {"service_manager"},
	"instance":     {"job"},
}

// otherEnds are the labels by which the two ends of a path are told, which are in different deployments.
var otherEnds = []string{"path", "extract"}

// TestWholeNames: what rules and the example for Alertmanager compare is the same object, and not another one of the
// same name in another deployment.
func TestWholeNames(t *testing.T) {
	checked := 0
	check := func(where string, labels []string) {
		checked++
		for _, label := range labels {
			of := within[label]
			if of != nil && !slices.Equal(labels, otherEnds) && !slices.ContainsFunc(of, func(l string) bool { return slices.Contains(labels, l) }) {
				t.Errorf("%s compares the label %s of %q without %s", where, label, labels, strings.Join(of, " or "))
			}
		}
	}
	for _, r := range rules(t) {
		inspect(t, r.Expr, func(node parser.Node, _ []parser.Node) {
			switch node := node.(type) {
			case *parser.BinaryExpr:
				if m := node.VectorMatching; m != nil && m.On {
					check(r.Record+r.Alert, m.MatchingLabels)
				}
			case *parser.AggregateExpr:
				if !node.Without {
					check(r.Record+r.Alert, node.Grouping)
				}
			}
		})
	}
	var content struct {
		Inhibit []inhibition `yaml:"inhibit_rules"`
	}
	readYAML(t, "alertmanager.example.yml", &content)
	for _, i := range content.Inhibit {
		check(strings.Join(i.Source, ", "), i.Equal)
	}
	if checked < 200 {
		t.Errorf("%d comparisons", checked)
	}
}

// inspect calls visit for each part of an expression.
func inspect(t *testing.T, expr string, visit func(node parser.Node, path []parser.Node)) {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	must(t, err)
	parser.Inspect(parsed, func(node parser.Node, path []parser.Node) error {
		visit(node, path)
		return nil
	})
}

// TestWindows: a record whose name tells a time looks back that far, or compares with what was then. (The objectives
// by which the burn rates are divided are no part of that.)
func TestWindows(t *testing.T) {
	window, checked := regexp.MustCompile(`:[a-z]+(\d+[mhd])$`), 0
	for _, r := range rules(t) {
		m := window.FindStringSubmatch(r.Record)
		if m == nil {
			continue
		}
		want, err := model.ParseDuration(m[1])
		must(t, err)
		compares := strings.Contains(r.Expr, " offset ")
		inspect(t, r.Expr, func(node parser.Node, _ []parser.Node) {
			matrix, is := node.(*parser.MatrixSelector)
			if !is {
				return
			}
			selector := matrix.VectorSelector.(*parser.VectorSelector)
			back := matrix.Range
			if compares {
				back = selector.OriginalOffset
			}
			if strings.HasSuffix(selector.Name, "threshold") || back == 0 {
				return
			}
			checked++
			if back != time.Duration(want) {
				t.Errorf("%s looks back %s in %s", r.Record, model.Duration(back), node)
			}
		})
	}
	if checked < 20 {
		t.Errorf("%d times", checked)
	}
}

// TestCountedTimes: an alert about what happened within a time says within which.
func TestCountedTimes(t *testing.T) {
	said := 0
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		inspect(t, r.Expr, func(node parser.Node, path []parser.Node) {
			matrix, is := node.(*parser.MatrixSelector)
			if !is || !slices.ContainsFunc(path, isCounting) {
				return
			}
			said++
			if want := fmt.Sprintf("within %.0f minutes", matrix.Range.Minutes()); !strings.Contains(r.Annotations["description"], want) {
				t.Errorf("%s: the description does not say %q", r.Alert, want)
			}
		})
	}
	if said < 5 {
		t.Errorf("%d descriptions", said)
	}
}

// isCounting reports whether a part of an expression counts what happened within a time.
func isCounting(node parser.Node) bool {
	call, is := node.(*parser.Call)
	return is && slices.Contains([]string{"increase", "changes"}, call.Func.Name)
}
