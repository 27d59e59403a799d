package oncall

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"
)

// oddValues are values of labels that a text could take for something else.
var oddValues = map[string]string{
	"quotes": `a"b'c` + "`d", "braces": `{{ $value }} {a} }}`, "a backslash": `a\b\`, "lines": "a\nb\tc", "a variable": `$labels $1 %s %!q`,
	"letters": "Größe 部署 🜨\u202e\u0000", "a long one": strings.Repeat("long ", 2000), "an empty one": "", "markup": "<b>&amp;</b>",
}

// variables are what Prometheus defines for the texts of alerts.
const variables = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// TestTextsOfOddLabels: the texts of all alerts have the labels as they are, whatever these are, and the queries in
// texts select just what has these labels.
func TestTextsOfOddLabels(t *testing.T) {
	t.Parallel()
	texts := textsOfAlerts(t)
	for name, value := range oddValues {
		for what, text := range texts {
			got, err := expanded(text, value)
			if err != nil || strings.Contains(got, "<no value>") {
				t.Errorf("%s: %s: %.300q, %v", name, what, got, err)
			}
			if regexp.MustCompile(`\{\{ ?\$labels\.\w+ ?\}\}`).MatchString(text) && !strings.Contains(got, value) {
				t.Errorf("%s: %s does not have it: %.300q", name, what, got)
			}
		}
	}
}

// textsOfAlerts returns the annotations of all alerts by what they are.
func textsOfAlerts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range []string{"../rules/alerts.yml", "../rules/slo.yml"} {
		content, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		for _, g := range content.Groups {
			for _, r := range g.Rules {
				for kind, text := range r.Annotations {
					all[kind+" of "+r.Alert+" "+r.Labels["severity"]] = text
				}
			}
		}
	}
	if len(all) < 100 {
		t.Errorf("there are %d texts", len(all))
	}
	return all
}

// expanded returns the text of an alert all of whose labels have a value.
func expanded(text, value string) (string, error) {
	all := map[string]string{}
	for _, m := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(text, -1) {
		all[m[1]] = value
	}
	query := func(_ context.Context, query string, _ time.Time) (promql.Vector, error) {
		return answer(query, value)
	}
	data := template.AlertTemplateData(all, nil, "", promql.Sample{F: 1234.5})
	return template.NewTemplateExpander(context.Background(), variables+text, "text", data, model.Now(), query, &url.URL{}, nil).Expand()
}

// answer answers a query in a text with a series whose labels have the value. All that the query selects has to have it.
func answer(query, value string) (promql.Vector, error) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return nil, err
	}
	for _, selectors := range parser.ExtractSelectors(expr) {
		for _, s := range selectors {
			if s.Name != model.MetricNameLabel && (s.Type != labels.MatchEqual || s.Value != value) {
				return nil, fmt.Errorf("%s selects %s", query, s)
			}
		}
	}
	return promql.Vector{{F: 1, Metric: labels.FromStrings("code", value, "pipeline", value, "reason", value)}}, nil
}
