package check

import (
	"os"
	"strings"
	"testing"
)

// version returns the exporter's version.
func version() string {
	text, err := os.ReadFile("../../VERSION")
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(text))
}

// checks are the checks of a manifest that need no program.
var checks = []func(*manifest) []string{
	podProblems, networkProblems, nameProblems, scrapeProblems, sizeProblems, ruleProblems, dashboardProblems,
}

// TestManifests holds every manifest to every check, and expects each problem of a broken one to be found.
func TestManifests(t *testing.T) {
	e, all := build(t), rendered(t)
	for name, text := range all {
		t.Run(name, func(t *testing.T) {
			for _, problem := range problems(t, e, text) {
				t.Error(problem)
			}
		})
	}
	t.Run("the base runs", e.testRuns(all["base"]))
	for name, b := range broken {
		t.Run(name, func(t *testing.T) {
			text := string(all[b.of])
			if !strings.Contains(text, b.old) {
				t.Fatalf("%s has no %q", b.of, b.old)
			}
			found := problems(t, e, []byte(strings.ReplaceAll(text, b.old, b.new)))
			if !strings.Contains(strings.Join(found, "\n"), b.want) {
				t.Errorf("not found: %s; but: %q", b.want, found)
			}
		})
	}
}

// problems returns what is wrong with a manifest.
func problems(t *testing.T, e *exporter, text []byte) []string {
	m, err := parse(text)
	if err != nil {
		return []string{err.Error()}
	}
	found := e.problems(m, t.TempDir())
	for _, check := range checks {
		found = append(found, check(m)...)
	}
	return found
}

// broken are manifests with an old text replaced by a new one, and a part of what is to be said of it.
var broken = map[string]struct{ of, old, new, want string }{
	"unknown field":                   {"base", "automountServiceAccountToken: false", "automountServiceToken: false", `unknown field "spec.template.spec.automountServiceToken"`},
	"unknown field of a ScrapeConfig": {"overlay scrape-config", "scrapeTimeout:", "timeout:", `unknown field "spec.timeout"`},
	"token":                           {"base", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "the pod gets a token"},
	"privileged":                      {"base", "allowPrivilegeEscalation: false", "privileged: true", "pod security: privileged"},
	"capabilities":                    {"base", "- ALL", "- NET_RAW", "pod security: unrestricted capabilities"},
	"root":                            {"base", "runAsUser: 65532", "runAsUser: 0", "pod security: runAsUser=0"},
	"writable root":                   {"base", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "the root is not read-only"},
	"port":                            {"base", "containerPort: 17809", "containerPort: 17808", "the container's port is not 17809"},
	"port of the policy":              {"base", "- port: 17809\n      protocol", "- port: 17808\n      protocol", "is about another port"},
	"port of the Service":             {"base", "targetPort: metrics", "targetPort: web", "the container has no port web"},
	"selector":                        {"base", "  selector:\n    app.kubernetes.io/name: ogg-exporter", "  selector:\n    app.kubernetes.io/name: other", "leads to 0 exporters"},
	"probe":                           {"base", "path: /-/ready", "path: /ready", "no probe of /-/ready"},
	"mount":                           {"base", "mountPath: /etc/ogg_exporter/secrets", "mountPath: /etc/secrets", "password_file: file cannot be read"},
	"volume":                          {"base", "name: secrets\n        secret:", "name: secret\n        secret:", "there is no volume secrets"},
	"name of the Secret's key":        {"base", "ogg_monitor: ", "other: ", "password_file: file cannot be read"},
	"key of the exporter":             {"base", "password_file", "passwordfile", "passwordfile"},
	"flag":                            {"base", "--config.enable-auto-reload", "--config.autoreload", "unknown long flag"},
	"tag":                             {"base", "ogg_exporter:" + version(), "ogg_exporter:latest", "does not have the tag"},
	"address":                         {"overlay scrape-config", "http://ogg-exporter.monitoring.svc:17809/sd", "http://ogg-exporter.default.svc:17809/sd", "no Service is at"},
	"shard twice":                     {"overlay sharded", `regex: "1"`, `regex: "0"`, "two ScrapeConfigs scrape 0 of 2"},
	"exporter twice":                  {"overlay sharded", "http://ogg-exporter-1.", "http://ogg-exporter-0.", "two ScrapeConfigs ask the same exporter"},
	"timeout":                         {"overlay scrape-config", "scrapeTimeout: 15s", "scrapeTimeout: 31s", "its timeout is longer than its interval"},
	"timeout of a ServiceMonitor":     {"overlay service-monitor", "interval: 30s", "interval: 10s", "its timeout is longer than its interval"},
	"limit":                           {"base", "memory: 512Mi", "memory: 100Mi", "memory: more is requested than the limit"},
	"name":                            {"base", "  name: ogg-exporter\n", "  name: 1-ogg\n", "1-ogg: a DNS-1035 label"},
	"name of a Deployment":            {"base", "  name: ogg-exporter\n", "  name: " + strings.Repeat("x", 47) + "\n", "too long for its pods"},
	"label":                           {"base", "io/name: ogg-exporter", "io/name: " + strings.Repeat("x", 64), "must be no more than 63"},
	"threshold":                       {"overlay service-monitor", "expr: vector(300)", "expr: vector(301)", "are not those of"},
	"dashboard":                       {"overlay service-monitor", `"uid":"ogg-overview"`, `"uid":"mine"`, "overview.json is missing, or another"},
	"annotation":                      {"overlay service-monitor", `"schemaVersion":`, `"x":"` + strings.Repeat("x", annotationLimit) + `","schemaVersion":`, "too many for kubectl apply"},
}
