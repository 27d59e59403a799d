package check

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/release"
)

// TestChartLints does what "helm lint" does with each example, and with no values.
func TestChartLints(t *testing.T) {
	examples := map[string]string{"no values": "{}"}
	for _, file := range glob(t, chartDir+"/ci/*-values.yaml") {
		examples[filepath.Base(file)] = string(read(t, file))
	}
	for name, text := range examples {
		values, err := chartutil.ReadValues([]byte(text))
		must(t, err)
		for _, message := range lint.AllWithKubeVersion(chartDir, values, namespace, &chartutil.KubeVersion{Version: "v1.25.0", Major: "1", Minor: "25"}).Messages {
			if message.Severity > support.InfoSev {
				t.Errorf("%s: %s", name, message)
			}
		}
	}
}

// TestChartVersion compares the chart's versions with the exporter's.
func TestChartVersion(t *testing.T) {
	if m := loadChart(t).Metadata; m.Version != version() || m.AppVersion != version() {
		t.Errorf("Chart.yaml has the versions %s and %s, and VERSION %s", m.Version, m.AppVersion, version())
	}
}

// TestChartRefuses expects an error for values that are mistyped or make no sense.
func TestChartRefuses(t *testing.T) {
	const fine = "config: {service_managers: [{url: 'https://a:1'}]}\n"
	c := loadChart(t)
	if _, err := helmTemplate(c, fine); err != nil {
		t.Fatal(err)
	}
	for values, want := range map[string]string{
		"{}":                                                   "set config",
		fine + "replicas: 2":                                   "additional properties 'replicas'",
		fine + "scrape: {typ: x}":                              "additional properties 'typ'",
		fine + "scrape: {type: Probe}":                         "/scrape/type",
		fine + "scrape: {interval: 30}":                        "/scrape/interval",
		fine + "shards: 2":                                     "value must be 'ScrapeConfig'",
		fine + "shards: two":                                   "/shards",
		fine + "args: [config.check]":                          "/args/0",
		fine + "service: {port: 0}":                            "/service/port",
		fine + "podSecurityContext: {runAsUser: 0}":            "/podSecurityContext/runAsUser",
		fine + "podSecurityContext: {runAsNonRoot: false}":     "/podSecurityContext/runAsNonRoot",
		fine + "existingConfigMap: mine":                       "only one of config",
		fine + "demo: true":                                    "only one of config",
		"{demo: true, existingConfigMap: mine}":                "only one of config",
		fine + "secret: {existing: mine, data: {password: x}}": "only one of secret",
		fine + "rules: {objectives: true}":                     "needs rules.enabled",
		fine + "nameOverride: OGG":                             "/nameOverride",
		fine + "fullnameOverride: my_ogg":                      "/fullnameOverride",
		fine + "fullnameOverride: 1ogg":                        "/fullnameOverride",
		"config: {service_manager: []}":                        "additional properties 'service_manager'",
	} {
		if _, err := helmTemplate(c, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: not refused with %q: %v", values, want, err)
		}
	}
}

// TestChartValues compares values.yaml, the schema and the templates: each value is used, described and allowed.
func TestChartValues(t *testing.T) {
	c := loadChart(t)
	var templates strings.Builder
	for _, f := range c.Templates {
		templates.Write(f.Data)
	}
	used := map[string]bool{}
	for _, match := range regexp.MustCompile(`\.Values\.([\w.]+)`).FindAllStringSubmatch(templates.String(), -1) {
		used[match[1]] = true
	}
	var schema map[string]any
	must(t, json.Unmarshal(c.Schema, &schema))
	known := map[string]bool{}
	for _, path := range paths(c.Values, "") {
		known[path] = true
		if !used[path] && !used[path[:strings.LastIndex("."+path, ".")]] && !usedBelow(used, path) {
			t.Errorf("no template uses the value %s", path)
		}
		if !allows(schema, path) {
			t.Errorf("the schema does not know the value %s", path)
		}
	}
	for path := range used {
		if !known[path] {
			t.Errorf("values.yaml does not have the value %s", path)
		}
	}
}

// allows reports whether the schema names the value, or something above it without naming what is in there.
func allows(schema map[string]any, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		properties, closed := schema["properties"].(map[string]any)
		if !closed {
			break
		}
		below, named := properties[name].(map[string]any)
		if !named {
			return schema["additionalProperties"] != false
		}
		schema = below
	}
	return true
}

// paths returns the paths of all values, also of those that have others below them.
func paths(values map[string]any, prefix string) (all []string) {
	for name, value := range values {
		all = append(all, prefix+name)
		if below, ok := value.(map[string]any); ok {
			all = append(all, paths(below, prefix+name+".")...)
		}
	}
	return all
}

// usedBelow reports whether a value above the path is used as a whole, or one below it.
func usedBelow(used map[string]bool, path string) bool {
	for u := range used {
		if strings.HasPrefix(u, path+".") || strings.HasPrefix(path, u+".") {
			return true
		}
	}
	return false
}

// TestChartFits stores a release as Helm does, which has to fit into a Secret: the chart, its files and what was made.
func TestChartFits(t *testing.T) {
	c := loadChart(t)
	text, err := helmTemplate(c, string(read(t, chartDir+"/ci/sharded-values.yaml")))
	must(t, err)
	stored, err := json.Marshal(&release.Release{Name: "ogg", Chart: c, Manifest: string(text)})
	must(t, err)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err = w.Write(stored)
	must(t, err)
	must(t, w.Close())
	if size := base64.StdEncoding.EncodedLen(zipped.Len()); size > configMapLimit/2 {
		t.Errorf("a release takes %d bytes, more than half of what a Secret holds", size)
	}
}

// TestChartNotes expects the notes after an installation to warn of a simulation, and to say what is missing.
func TestChartNotes(t *testing.T) {
	for values, want := range map[string]string{
		"demo: true":                     "SIMULATION",
		"config: {service_managers: []}": "Nothing scrapes it yet",
		"{config: {service_managers: []}, scrape: {type: ServiceMonitor}}":        "There are no alerts",
		"{config: {service_managers: []}, web: {https: true, existingSecret: x}}": "https://localhost:17809",
	} {
		files, err := helmFiles(loadChart(t), values)
		must(t, err)
		if notes := files["ogg-exporter/templates/NOTES.txt"]; !strings.Contains(notes, want) {
			t.Errorf("%s: the notes do not say %q:\n%s", values, want, notes)
		}
	}
}
