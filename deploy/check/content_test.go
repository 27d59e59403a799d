package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

const (
	annotationLimit = 256 << 10 // of all annotations, kubectl apply's among them
	configMapLimit  = 1 << 20
)

// sizeProblems is about what is too large for Kubernetes, or for "kubectl apply", which repeats it in an annotation.
func sizeProblems(m *manifest) (problems []string) {
	for _, o := range m.all {
		text, err := json.Marshal(o)
		if err != nil {
			return []string{err.Error()}
		}
		if len(text) > annotationLimit-4<<10 {
			problems = append(problems, fmt.Sprintf("%s has %d bytes, too many for kubectl apply", o.GetName(), len(text)))
		}
	}
	for _, c := range m.configs {
		size := 0
		for key, text := range c.Data {
			size += len(key) + len(text)
		}
		if size > configMapLimit {
			problems = append(problems, "the ConfigMap "+c.Name+" is too large")
		}
	}
	return problems
}

// ruleProblems compares rules with those of the dashboards.
func ruleProblems(m *manifest) (problems []string) {
	for _, r := range m.rules {
		files := []string{"recording.yml", "alerts.yml"}
		if strings.HasSuffix(r.Name, "-objectives") {
			files = []string{"slo.yml"}
		}
		want, err := groups(files...)
		if err != nil {
			return []string{err.Error()}
		}
		if !reflect.DeepEqual(r.Spec.Groups, want) {
			problems = append(problems, fmt.Sprintf("the rules of %s are not those of %v", r.Name, files))
		}
	}
	return problems
}

// groups returns the groups of the files of dashboards/rules, each of which must be in the types of the operator.
func groups(files ...string) (all []monitoringv1.RuleGroup, err error) {
	for _, file := range files {
		text, err := os.ReadFile("../../dashboards/rules/" + file)
		if err != nil {
			return nil, err
		}
		var spec monitoringv1.PrometheusRuleSpec
		if err := yaml.UnmarshalStrict(text, &spec); err != nil {
			return nil, err
		}
		all = append(all, spec.Groups...)
	}
	return all, nil
}

// dashboardProblems compares dashboards with the files: all are there, or none.
func dashboardProblems(m *manifest) (problems []string) {
	files, err := filepath.Glob("../../dashboards/*.json")
	if err != nil {
		return []string{err.Error()}
	}
	found := map[string]string{}
	for _, c := range m.configs {
		if c.Labels["grafana_dashboard"] == "1" {
			if len(c.Data) != 1 {
				problems = append(problems, "the ConfigMap "+c.Name+" does not have one dashboard")
			}
			maps.Copy(found, c.Data)
		}
	}
	if len(found) == 0 {
		return nil
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !sameJSON(text, []byte(found[filepath.Base(file)])) {
			problems = append(problems, "the dashboard "+file+" is missing, or another")
		}
	}
	return problems
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
