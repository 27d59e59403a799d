package check

import (
	"regexp"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
)

// shown renders the files that docs/kubernetes.md shows.
func shown(t *testing.T, c *chart.Chart) (byKustomize, byHelm []byte) {
	t.Helper()
	files := map[string]string{"ogg_monitor.txt": "a-password"}
	text := string(read(t, "../../docs/kubernetes.md"))
	block := regexp.MustCompile("(?s)```yaml\n# ([\\w.]+)\n(.+?)```")
	for _, match := range block.FindAllStringSubmatch(text, -1) {
		files[match[1]] = match[2]
	}
	here := regexp.MustCompile(`https://github.com/ogg-exporter/ogg_exporter//deploy/kubernetes/([\w/-]+)\?ref=v[\d.]+`)
	files["kustomization.yaml"] = here.ReplaceAllString(files["kustomization.yaml"], "../$1")
	for _, match := range regexp.MustCompile("(?s)```yaml\n((?:images|patches):\n.+?)```").FindAllStringSubmatch(text, -1) {
		files["kustomization.yaml"] += match[1]
	}
	byHelm, err := helmTemplate(c, files["values.yaml"])
	must(t, err)
	byKustomize = kustomized(t, "docs", files)
	for _, want := range []string{"image: registry.example.com/ogg_exporter:", "metadata.name: prometheus\n", "release: kube-prometheus-stack\n"} {
		if !strings.Contains(string(byKustomize), want) {
			t.Errorf("what docs/kubernetes.md adds to kustomization.yaml does not lead to %q", want)
		}
	}
	return byKustomize, byHelm
}
