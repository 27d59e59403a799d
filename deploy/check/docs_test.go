package check

import (
	"regexp"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
)

// shown renders the files that docs/kubernetes.md shows.
func shown(t *testing.T, c *chart.Chart) (byKustomize, byHelm []byte) {
	t.Helper()
	files := map[string]string{"ogg_monitor.txt": "a-password"}
	block := regexp.MustCompile("(?s)```yaml\n# ([\\w.]+)\n(.+?)```")
	for _, match := range block.FindAllStringSubmatch(string(read(t, "../../docs/kubernetes.md")), -1) {
		files[match[1]] = match[2]
	}
	here := regexp.MustCompile(`https://github.com/ogg-exporter/ogg_exporter//deploy/kubernetes/([\w/-]+)\?ref=v[\d.]+`)
	files["kustomization.yaml"] = here.ReplaceAllString(files["kustomization.yaml"], "../$1")
	byHelm, err := helmTemplate(c, files["values.yaml"])
	must(t, err)
	return kustomized(t, "docs", files), byHelm
}
