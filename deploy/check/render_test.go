// Package check tests what is deployed on Kubernetes without a cluster: each overlay of kustomize and each example of
// values for the Helm chart is rendered as kustomize and Helm do, decoded strictly into the types of Kubernetes and of
// Prometheus's operator, and held to what a cluster, the operator and the exporter demand.
package check

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const (
	kubernetes = "../kubernetes"
	chartDir   = "../helm/ogg-exporter"
	namespace  = "monitoring"
)

// rendered returns all manifests that there are, by what they are made of.
func rendered(t *testing.T) map[string][]byte {
	all := map[string][]byte{"base": kustomized(t, "base", nil)}
	for _, dir := range glob(t, kubernetes+"/overlays/*") {
		all["overlay "+filepath.Base(dir)] = kustomized(t, "overlays/"+filepath.Base(dir), nil)
	}
	for name, text := range combinations() {
		all["components "+name] = kustomized(t, "mine", map[string]string{"kustomization.yaml": text})
	}
	c := loadChart(t)
	for _, file := range glob(t, chartDir+"/ci/*-values.yaml") {
		text, err := helmTemplate(c, string(read(t, file)))
		must(t, err)
		all["chart with "+filepath.Base(file)] = text
	}
	tls := string(read(t, chartDir+"/ci/tls-values.yaml"))
	for name, values := range map[string]string{
		"the demo": "demo: true", "ScrapeConfig over TLS": strings.Replace(tls, "type: ServiceMonitor", "type: ScrapeConfig", 1),
	} {
		text, err := helmTemplate(c, values)
		must(t, err)
		all["chart with "+name] = text
	}
	all["docs, kustomize"], all["docs, Helm"] = shown(t, c)
	return all
}

// combinations returns all combinations of components for scraping, rules and objectives, and the dashboards by themselves.
func combinations() map[string]string {
	all := map[string]string{}
	for _, scrape := range []string{"", "service-monitor", "scrape-config"} {
		for _, rules := range []string{"", "rules", "rules objectives"} {
			names := scrape + " " + rules
			all[names] = overlay(strings.Fields(names))
		}
	}
	all["dashboards"] = overlay([]string{"dashboards"})
	return all
}

// overlay returns a kustomization of the base and components.
func overlay(components []string) string {
	for i, c := range components {
		components[i] = "../components/" + c
	}
	return fmt.Sprintf("namespace: monitoring\nresources: [../base]\ncomponents: [%s]\n", strings.Join(components, ", "))
}

// kustomized does what "kustomize build" does in a folder below deploy/kubernetes, with more files there.
func kustomized(t *testing.T, dir string, files map[string]string) []byte {
	t.Helper()
	fs := filesys.MakeFsInMemory()
	must(t, filepath.WalkDir(kubernetes, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return fs.WriteFile(strings.TrimPrefix(file, ".."), read(t, file))
	}))
	for name, text := range files {
		must(t, fs.WriteFile(filepath.Join("/kubernetes", dir, name), []byte(text)))
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, "/kubernetes/"+dir)
	must(t, err)
	text, err := resources.AsYaml()
	must(t, err)
	return text
}

func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load(chartDir)
	must(t, err)
	return c
}

// helmTemplate does what "helm template" does, for the oldest Kubernetes that the chart supports.
func helmTemplate(c *chart.Chart, values string) ([]byte, error) {
	files, err := helmFiles(c, values)
	if err != nil {
		return nil, err
	}
	return joined(files), nil
}

// joined returns the manifest that consists of the files.
func joined(files map[string]string) []byte {
	var out bytes.Buffer
	for name, text := range files {
		if strings.HasSuffix(name, ".yaml") {
			out.WriteString("\n---\n" + text)
		}
	}
	return out.Bytes()
}

// helmFiles renders each template.
func helmFiles(c *chart.Chart, values string) (map[string]string, error) {
	own, err := chartutil.ReadValues([]byte(values))
	if err != nil {
		return nil, err
	}
	return helmRelease(c, "ogg", own)
}

// helmRelease renders each template for a release of that name.
func helmRelease(c *chart.Chart, name string, values map[string]any) (map[string]string, error) {
	capabilities := *chartutil.DefaultCapabilities
	capabilities.KubeVersion = chartutil.KubeVersion{Version: "v1.25.0", Major: "1", Minor: "25"}
	release := chartutil.ReleaseOptions{Name: name, Namespace: namespace, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, &capabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, all)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	must(t, err)
	if len(files) == 0 {
		t.Fatalf("there is no %s", pattern)
	}
	return files
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	return text
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
