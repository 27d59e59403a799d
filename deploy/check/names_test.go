package check

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// podSuffix is how much longer the name of a pod is than that of its Deployment. The name is the pod's host name, too.
const podSuffix = len("-0123456789-01234")

// nameProblems is about names and labels: those of Services are the strictest, and all resources keep to them.
func nameProblems(m *manifest) (problems []string) {
	found := map[string]bool{}
	for _, o := range m.all {
		at := fmt.Sprintf("%T %s", o, o.GetName())
		if found[at] {
			problems = append(problems, at+" is there twice")
		}
		found[at] = true
		for _, problem := range validation.IsDNS1035Label(o.GetName()) {
			problems = append(problems, at+": "+problem)
		}
		problems = append(problems, labelProblems(at, o.GetLabels())...)
	}
	for _, d := range m.deployments {
		if len(d.Name)+podSuffix > validation.DNS1123LabelMaxLength {
			problems = append(problems, "the name "+d.Name+" is too long for its pods")
		}
		problems = append(problems, labelProblems("the pods of "+d.Name, d.Spec.Template.Labels)...)
	}
	return problems
}

func labelProblems(of string, labels map[string]string) (problems []string) {
	for name, value := range labels {
		for _, problem := range append(validation.IsQualifiedName(name), validation.IsValidLabelValue(value)...) {
			problems = append(problems, of+": the label "+name+": "+problem)
		}
	}
	return problems
}

// installation is a release with its values, and what the chart is called and which version it has, where that matters.
type installation struct{ release, values, chart, version string }

// installations are releases with each kind of name that Helm allows, and others' names for the chart.
func installations() (all []installation) {
	names := []string{
		"0", "123", "1e3", "0x1f", "1.5", "9-ogg-exporter", "true", "null", "y", "on", "a.b", "a-b", "my.ogg-exporter.x",
		"ogg-exporter", "1" + strings.Repeat("a", 52), "a" + strings.Repeat("-", 51) + "b", "ogg-1-5-ogg-exporter",
		strings.Repeat("ogg-exporter-", 4) + "x", strings.Repeat("1.", 26) + "1",
	}
	for n := 1; n < 52; n++ {
		names = append(names, strings.Repeat("a", n+2), strings.Repeat("b", n)+"-"+strings.Repeat("b", 52-n))
	}
	for _, name := range names {
		all = append(all, installation{release: name})
	}
	long := strings.Repeat("d", 40)
	return append(all,
		installation{release: "c1", values: "nameOverride: '1'"},
		installation{release: "c2", values: "nameOverride: 'null'"},
		installation{release: "c3", values: "nameOverride: " + long},
		installation{release: strings.Repeat("d", 53), values: "nameOverride: " + long},
		installation{release: "c4", values: "fullnameOverride: 'true'"},
		installation{release: "c5", values: "fullnameOverride: " + long},
		installation{release: "c6", values: "shards: 64"},
		installation{release: "c7", version: "0.1.0+" + strings.Repeat("build.", 20) + "1"},
		installation{release: "c8", version: "0.1.0-" + strings.Repeat("x", 43) + "-rc1"},
		installation{release: "c9", chart: "OGG_of_Production"},
		installation{release: "c9", chart: "OGG_of_Test"},
	)
}

// TestChartNames: whatever the release is called, names and labels are valid, and no two resources have the same name,
// not even those of different releases.
func TestChartNames(t *testing.T) {
	owners := map[string]installation{}
	for _, i := range installations() {
		must(t, chartutil.ValidateReleaseName(i.release))
		m, err := i.render(loadSmallChart(t))
		if err != nil {
			t.Errorf("%+v: %v", i, err)
			continue
		}
		for _, problem := range append(nameProblems(m), append(networkProblems(m), scrapeProblems(m)...)...) {
			t.Errorf("%+v: %s", i, problem)
		}
		for _, o := range m.all {
			at := fmt.Sprintf("%T %s", o, o.GetName())
			if other, taken := owners[at]; taken {
				t.Errorf("%+v and %+v both have %s", i, other, at)
			}
			owners[at] = i
		}
	}
}

// render renders everything that the chart can make at once.
func (i installation) render(c *chart.Chart) (*manifest, error) {
	values, err := chartutil.ReadValues([]byte(i.values))
	if err != nil {
		return nil, err
	}
	everything, err := chartutil.ReadValues([]byte("{config: {service_managers: []}, secret: {data: {a: b}}, shards: 2," +
		" scrape: {type: ScrapeConfig}, rules: {enabled: true, objectives: true}, dashboards: {enabled: true}}"))
	if err != nil {
		return nil, err
	}
	maps.Copy(everything, values)
	if i.version != "" {
		c.Metadata.Version, c.Metadata.AppVersion = i.version, i.version
	}
	if i.chart != "" { // as the alias of a dependency
		c.Metadata.Name = i.chart
	}
	files, err := helmRelease(c, i.release, everything)
	if err != nil {
		return nil, err
	}
	return parse(joined(files))
}

// loadSmallChart returns the chart with files of the same names, but without their content, which takes time.
func loadSmallChart(t *testing.T) *chart.Chart {
	t.Helper()
	c := loadChart(t)
	for _, file := range c.Files {
		if strings.HasPrefix(file.Name, "files/") {
			file.Data = []byte("groups: [{name: a}]\n")
		}
	}
	return c
}

// TestChartQuotes: what YAML would take for something else than a text stays one, and a label that the chart has itself
// may be another.
func TestChartQuotes(t *testing.T) {
	text, err := helmTemplate(loadSmallChart(t), `{existingConfigMap: "123", secret: {existing: "1e3"}, web: {existingSecret: "0x1"},
priorityClassName: "true", podLabels: {mine: "1"}, scrape: {type: ScrapeConfig, labels: {app.kubernetes.io/version: "2"}},
rules: {enabled: true, labels: {app.kubernetes.io/version: "2"}}, dashboards: {enabled: true, labels: {app.kubernetes.io/version: "2"}}}`)
	must(t, err)
	m, err := parse(text)
	must(t, err)
	pod := m.deployments[0].Spec.Template
	if got := pod.Spec.Volumes[0].ConfigMap.Name; got != "123" || pod.Spec.PriorityClassName != "true" || pod.Labels["mine"] != "1" {
		t.Errorf("the pod has the ConfigMap %s, the priority %s and the labels %v", got, pod.Spec.PriorityClassName, pod.Labels)
	}
	for _, o := range []metav1.Object{m.scrapes[0], m.scrapes[1], m.rules[0], m.configs[0]} {
		if got := o.GetLabels()["app.kubernetes.io/version"]; got != "2" {
			t.Errorf("%T %s has not the user's label, but %s", o, o.GetName(), got)
		}
	}
}
