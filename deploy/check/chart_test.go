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
		fine + "secret: {data: {a/b: x}}":                      "additional properties 'a/b'",
		"config: {service_managers: [{password_file: /etc/ogg_exporter/secrets/a}]}":                             "config names /etc/ogg_exporter/secrets/a, but secret.data has no a, and secret.existing is not set",
		"config: {service_managers: [{password_file: /etc/ogg_exporter/secrets/a.b-c}]}\nsecret: {data: {a: x}}": "secret.data has no a.b-c, and",
		"config: {service_managers: [{password: '${A}'}]}\nenv: [{name: A, value: x}]":                           "config has ${A} and env its value, but args has no --config.expand-env",
	} {
		if _, err := helmTemplate(c, values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: not refused with %q: %v", values, want, err)
		}
	}
}

// TestChartRefusesContradictions expects one sentence on values of which each by itself is fine.
func TestChartRefusesContradictions(t *testing.T) {
	c := loadSmallChart(t)
	for values, want := range map[string]string{
		"shards: 2": "shards, 2, needs scrape.type ScrapeConfig and not none, because only",
		"shards: 3\nscrape: {type: ServiceMonitor}":                                                    "shards, 3, needs scrape.type ScrapeConfig and not ServiceMonitor, because only",
		"scrape: {type: ServiceMonitor, timeout: 31s}":                                                 "scrape.timeout, 31s, is longer than scrape.interval, 30s, which Prometheus refuses",
		"scrape: {type: ScrapeConfig, interval: 1m, timeout: 60001ms}":                                 "scrape.timeout, 60001ms, is longer than scrape.interval, 1m, which",
		"scrape: {interval: 999999h, timeout: 1h1ms}":                                                  "scrape.timeout, 1h1ms, has to be from 1s to 1h, because the exporter ignores",
		"scrape: {timeout: 999ms}":                                                                     "scrape.timeout, 999ms, has to be from 1s to 1h",
		"scrape: {interval: 10s1m}":                                                                    "/scrape/interval",
		"scrape: {timeout: 0s}":                                                                        "/scrape/timeout",
		"scrape: {timeout: ''}":                                                                        "/scrape/timeout",
		"scrape: {tlsConfig: {insecureSkipVerify: true}}":                                              "scrape.tlsConfig needs web.https: without it",
		"scrape: {basicAuth: {username: {name: a, key: b}}}":                                           "scrape.basicAuth needs web.existingSecret, whose",
		"web: {existingSecret: a}\nscrape: {basicAuth: {username: {name: a, key: b}}}":                 "scrape.basicAuth needs probes: tcp, because",
		"web: {existingSecret: a, https: true}\nscrape: {type: ScrapeConfig, tlsConfig: {caFile: /a}}": "scrape.tlsConfig.caFile is not possible with scrape.type ScrapeConfig, which",
		"web: {https: true}":                                                                           "web.https needs web.existingSecret, whose",
		"web: {existingSecret: a}\nargs: [--web.config.file=b]":                                        "set only one of web.existingSecret and --web.config.file in args",
		"args: ['--web.listen-address=:80']":                                                           "args: --web.listen-address=:80 is not possible, because the chart decides",
		"args: [--log.level=debug, --no-config.enable-auto-reload]":                                    "args: --no-config.enable-auto-reload is not possible",
		"args: [--status]":                                                                             "args: --status is not possible",
		"resources: {limits: {memory: 100M}}":                                                          "resources.requests.memory, 128Mi, is above resources.limits.memory, 100M, which Kubernetes refuses",
		"resources: {limits: {cpu: 0.04}}":                                                             "resources.requests.cpu, 50m, is above resources.limits.cpu, 0.04, which",
		"resources: {requests: {memory: 1Gi}}":                                                         "resources.requests.memory, 1Gi, is above resources.limits.memory, 512Mi, which",
		"resources: {requests: {memory: 536870913}}":                                                   "is above resources.limits.memory, 512Mi, which",
		"podLabels: {app.kubernetes.io/name: mine}":                                                    "podLabels has app.kubernetes.io/name, by which",
		"podLabels: {mine: " + strings.Repeat("x", 64) + "}":                                           "/podLabels/mine",
		"nameOverride: " + strings.Repeat("x", 41):                                                     "/nameOverride",
		"fullnameOverride: " + strings.Repeat("x", 41):                                                 "/fullnameOverride",
		"image: {repository: 'example.com/ogg:0.1.0'}":                                                 "/image/repository",
		"image: {repository: 'example.com/ogg@sha256:1'}":                                              "/image/repository",
		"podSecurityContext: {runAsNonRoot: null}":                                                     "/podSecurityContext",
		"args: [--ogg.username=a]":                                                                     "args: --ogg.username=a is not possible",
		"args: [--completion-script-bash]":                                                             "args: --completion-script-bash is not possible",
		"resources: {limits: {cpu: abc}}":                                                              "/resources/limits/cpu",
		"resources: {limits: {memory: ''}}":                                                            "/resources/limits/memory",
		"resources: {requests: {memory: 1.5.1}}":                                                       "/resources/requests/memory",
	} {
		if _, err := helmTemplate(c, "demo: true\n"+values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: not refused with %q: %v", values, want, err)
		}
	}
}

// TestChartAccepts expects values that are near to those that contradict each other to be fine.
func TestChartAccepts(t *testing.T) {
	const demo, fine = "demo: true\n", "config: {service_managers: ["
	c := loadSmallChart(t)
	for _, values := range []string{
		fine + "{password_file: /etc/ogg_exporter/secrets/a}]}\nsecret: {existing: mine}",
		fine + "{password_file: /etc/ogg_exporter/secrets/a}]}\nsecret: {data: {a: x}}",
		fine + "{password_file: /etc/ogg_exporter/secrets/a}]}\nextraVolumeMounts: [{name: mine, mountPath: /etc/ogg_exporter/secrets}]",
		fine + "{password: '${A}${B}'}]}\nenv: [{name: A, value: x}]\nargs: [--config.expand-env]",
		fine + "{password: '${A}'}]}",
		fine + "{password_file: '/etc/ogg_exporter/secrets/ogg_${STAGE}'}]}\nsecret: {data: {ogg_prod: x}}\nenv: [{name: STAGE, value: prod}]\nargs: [--config.expand-env]",
		demo + "scrape: {type: ServiceMonitor, interval: 1m, timeout: 60s}",
		demo + "scrape: {type: ScrapeConfig, interval: 2h, timeout: 59m60s}",
		demo + "web: {https: true}\nargs: [--web.config.file=/mine/web.yml]\nscrape: {tlsConfig: {ca: {}}}",
		demo + "web: {existingSecret: a, https: true}\nscrape: {type: ServiceMonitor, tlsConfig: {caFile: /a}}",
		demo + "args: [--log.level=debug, --collector.certificate, --no-collector.trail, --web.enable-debug, --config.expand-env]",
		demo + "resources: {requests: {cpu: 1500m, memory: 0.5Gi}, limits: {cpu: 1.5, memory: 536870912}}",
		demo + "resources: {requests: {cpu: 290m}, limits: {cpu: 0.29}}",
		demo + "resources: {requests: {cpu: 1500m}, limits: {cpu: 2}}",
		demo + "resources: {requests: null, limits: {memory: 1e6, ephemeral-storage: 1G}}",
		demo + "resources: null",
		demo + "podLabels: {app.kubernetes.io/component: exporter}",
		demo + "image: {repository: 'localhost:5000/a/b_c', tag: v1}",
		demo + "image: {repository: ogg_exporter}",
	} {
		text, err := helmTemplate(c, values)
		if err == nil {
			_, err = parse(text)
		}
		if err != nil {
			t.Errorf("%q: %v", values, err)
		}
	}
}

// TestChartNulls removes each value, as null does in Helm: then the chart does without it, or says which one it needs.
func TestChartNulls(t *testing.T) {
	c := loadSmallChart(t)
	for _, kind := range []string{"none", "ServiceMonitor", "ScrapeConfig"} {
		base := map[string]any{"scrape.type": kind, "rules.enabled": true, "dashboards.enabled": true, "existingConfigMap": "mine"}
		for _, path := range valuePaths(c.Values, "") {
			if base[path] != nil {
				continue
			}
			values := map[string]any{}
			for at, v := range base {
				setValue(values, at, v)
			}
			setValue(values, path, nil)
			files, err := helmRelease(c, "ogg", values)
			if err == nil {
				var m *manifest
				if m, err = parse(joined(files)); err == nil && (len(m.deployments) != 1 || m.deployments[0].Spec.Template.Spec.SecurityContext == nil) {
					t.Errorf("%s: null: not one Deployment with a user that is not root", path)
				}
			}
			name := path[strings.LastIndex(path, ".")+1:]
			if err != nil && !strings.Contains(err.Error(), "missing property '"+name+"'") {
				t.Errorf("scrape.type %s, %s: null: %v", kind, path, err)
			}
		}
	}
}

// valuePaths returns the paths of all values, with a dot between the keys.
func valuePaths(values map[string]any, in string) []string {
	var all []string
	for key, v := range values {
		all = append(all, in+key)
		if inner, is := v.(map[string]any); is {
			all = append(all, valuePaths(inner, in+key+".")...)
		}
	}
	return all
}

// setValue sets the value with that path.
func setValue(values map[string]any, path string, v any) {
	key, rest, inner := strings.Cut(path, ".")
	if !inner {
		values[key] = v
		return
	}
	if values[key] == nil {
		values[key] = map[string]any{}
	}
	setValue(values[key].(map[string]any), rest, v)
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
		"{config: {service_managers: []}, scrape: {type: ServiceMonitor}}":                                   "There are no alerts",
		"{config: {service_managers: [{name: a, timeout: 1m}, {timeout: 1}]}, scrape: {type: ScrapeConfig}}": "The timeout of a, 1m, is longer than scrape.timeout, 15s, at which",
		"{config: {service_managers: [{url: 'https://a:1', timeout: 1m}]}, scrape: {type: ServiceMonitor}}":  "The timeout of https://a:1, 1m, is longer",
		"{config: {service_managers: []}, web: {https: true, existingSecret: x}}":                            "https://localhost:17809",
	} {
		files, err := helmFiles(loadChart(t), values)
		must(t, err)
		if notes := files["ogg-exporter/templates/NOTES.txt"]; !strings.Contains(notes, want) {
			t.Errorf("%s: the notes do not say %q:\n%s", values, want, notes)
		}
	}
}
