// Package deploy holds what is deployed on Kubernetes: a base and components for kustomize, and a Helm chart. The test
// here keeps their copies of dashboards and rules current, and those in check, a module of its own, check all of it.
package deploy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the generated files")

// versions are the files that name the exporter's version, and what stands before it.
var versions = map[string]string{
	"kubernetes/base/kustomization.yaml": `(?m)(^    newTag: ).*`,
	"helm/ogg-exporter/Chart.yaml":       `(?m)(^(?:version|appVersion): ).*`,
	"../docs/kubernetes.md":              `(\?ref=v)[0-9.]+`,
}

// TestGenerated compares the copies of dashboards and rules with what is in ../dashboards, and versions with ../VERSION.
func TestGenerated(t *testing.T) {
	want := generated(t)
	if *update {
		for file, content := range want {
			ok(t, os.MkdirAll(filepath.Dir(file), 0o755))
			ok(t, os.WriteFile(file, content, 0o644))
		}
	}
	for file, content := range want {
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(content, got) {
			t.Errorf("%s is not what ../dashboards or ../VERSION has: run make golden", file)
		}
	}
	for _, pattern := range []string{"kubernetes/components/dashboards/*.json", "helm/ogg-exporter/files/*/*"} {
		for _, file := range matches(t, pattern) {
			if _, is := want[file]; !is {
				t.Errorf("%s is not in ../dashboards any more: delete it", file)
			}
		}
	}
}

// generated returns the files that are made of ../dashboards, by name.
func generated(t *testing.T) map[string][]byte {
	const components, chart = "kubernetes/components/", "helm/ogg-exporter/files/"
	files := map[string][]byte{
		components + "rules/prometheusrule.yaml":      prometheusRule(t, "ogg-exporter", "recording.yml", "alerts.yml"),
		components + "objectives/prometheusrule.yaml": prometheusRule(t, "ogg-exporter-objectives", "slo.yml"),
	}
	for file, pattern := range versions {
		files[file] = regexp.MustCompile(pattern).ReplaceAll(content(t, file), append([]byte("${1}"), bytes.TrimSpace(content(t, "../VERSION"))...))
	}
	for _, file := range matches(t, "../dashboards/*.json") {
		files[components+"dashboards/"+filepath.Base(file)] = minified(t, file)
		files[chart+"dashboards/"+filepath.Base(file)] = minified(t, file)
	}
	for _, file := range matches(t, "../dashboards/rules/*.yml") {
		files[chart+"rules/"+filepath.Base(file)] = append([]byte("groups:\n"), groups(t, file)...)
	}
	return files
}

// minified returns the dashboard as small as it gets: with indents, an annotation of kubectl does not hold all of them.
func minified(t *testing.T, file string) []byte {
	var out bytes.Buffer
	ok(t, json.Compact(&out, content(t, file)))
	return append(out.Bytes(), '\n')
}

// prometheusRule returns the groups of the rules as a resource of Prometheus's operator, with their comments.
func prometheusRule(t *testing.T, name string, files ...string) []byte {
	var out strings.Builder
	out.WriteString("# Made from dashboards/rules by \"make golden\".\napiVersion: monitoring.coreos.com/v1\n" +
		"kind: PrometheusRule\nmetadata:\n  name: " + name + "\n  labels: {app.kubernetes.io/name: ogg-exporter}\n" +
		"spec:\n  groups:\n")
	for _, file := range files {
		for line := range strings.Lines(groups(t, "../dashboards/rules/"+file)) {
			if line != "\n" {
				line = "  " + line
			}
			out.WriteString(line)
		}
	}
	return []byte(out.String())
}

// groups returns what a file of rules has below its introduction, which is about the file.
func groups(t *testing.T, file string) string {
	_, groups, found := strings.Cut(string(content(t, file)), "\ngroups:\n")
	if !found {
		t.Fatalf("%s has no groups", file)
	}
	return groups
}

// content returns what is in the file.
func content(t *testing.T, file string) []byte {
	all, err := os.ReadFile(file)
	ok(t, err)
	return all
}

// matches returns the files that match the pattern, of which there must be some.
func matches(t *testing.T, pattern string) []string {
	files, err := filepath.Glob(pattern)
	ok(t, err)
	if len(files) == 0 {
		t.Fatalf("there is no %s", pattern)
	}
	return files
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
