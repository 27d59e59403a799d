package status_test

import (
	"fmt"
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// TestThresholds holds the thresholds to those of the alerts.
func TestThresholds(t *testing.T) {
	text, err := os.ReadFile("../dashboards/rules/recording.yml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Record, Expr string
				Labels       map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			found[rule.Record+" "+rule.Labels["severity"]] = rule.Expr
		}
	}
	for name, value := range status.Thresholds {
		if want := fmt.Sprintf("vector(%g)", value); found[name] != want {
			t.Errorf("%s is %q in the rules, here %s", name, found[name], want)
		}
	}
}
