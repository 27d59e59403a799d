package e2e

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/oci/ocitest"
)

// snippet is a block of code on a page, without its indentation.
type snippet struct{ page, language, text string }

// documentation returns the pages on which people look for something to copy, by name.
func documentation(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "dashboards/*.md", ".github/*.md", ".github/ISSUE_TEMPLATE/*.yml"} {
		files, err := filepath.Glob(filepath.Join("..", pattern))
		must(t, err)
		for _, file := range files {
			if name := filepath.Base(file); name != "CHANGELOG.md" && name != "METRICS.md" {
				text, err := os.ReadFile(file)
				must(t, err)
				pages[strings.TrimPrefix(file, "../")] = string(text)
			}
		}
	}
	return pages
}

// snippets returns the blocks of code in the documentation.
func snippets(t *testing.T) []snippet {
	t.Helper()
	var all []snippet
	block := regexp.MustCompile("(?ms)^( *)```(\\w+)\n(.*?)^ *```$")
	for page, text := range documentation(t) {
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			indent := regexp.MustCompile(`^ *`).FindString(m[3])
			all = append(all, snippet{page, m[2], regexp.MustCompile(`(?m)^`+indent).ReplaceAllString(m[3], "")})
		}
	}
	return all
}

// checks are how the programs that read a snippet of YAML check it, by its first key. A part of a file is put into
// the rest of that file.
var checks = map[string]func(t *testing.T, text string){
	"service_managers": checkConfiguration,
	"oci":              checkConfiguration,
	"expect": func(t *testing.T, text string) {
		checkConfiguration(t, "service_managers: [{url: 'http://vmogg.example.com:7809'}]\n"+text)
	},
	"scrape_configs": checkPrometheus,
	"rule_files":     checkPrometheus,
	"relabel_configs": func(t *testing.T, text string) {
		checkPrometheus(t, "scrape_configs:\n  - job_name: ogg"+strings.ReplaceAll("\n"+text, "\n", "\n    "))
	},
	"groups": func(t *testing.T, text string) {
		check(t, exec.Command(neededProgram(t, "promtool", "package prometheus"), "check", "rules", write(t, "rules.yml", text)))
	},
	"inhibit_rules": func(t *testing.T, text string) {
		text = "route: {receiver: dba}\nreceivers: [{name: dba}]\n" + text
		check(t, exec.Command(neededProgram(t, "amtool", "package prometheus-alertmanager"), "check-config", write(t, "alertmanager.yml", text)))
	},
}

// TestDocumentedYAML: what the documentation shows of a configuration is taken by the program that it is for. The
// manifests in docs/kubernetes.md are checked with those in deploy, and docs/clients.md with the programs that it is about.
func TestDocumentedYAML(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for _, s := range snippets(t) {
		if s.language != "yaml" && s.language != "yml" {
			continue
		}
		key, _, _ := strings.Cut(s.text, ":")
		takes, ok := checks[key]
		found[key]++
		switch {
		case ok:
			t.Run(filepath.Base(s.page)+"/"+key, func(t *testing.T) { takes(t, s.text) })
		case s.page != "docs/kubernetes.md" && s.page != "docs/clients.md":
			t.Errorf("%s: nothing checks this:\n%s", s.page, s.text)
		}
	}
	for key := range checks {
		if found[key] == 0 {
			t.Errorf("nothing in the documentation begins with %q", key)
		}
	}
}

// checkConfiguration has the exporter check a configuration of its own, with the files that it names in place.
func checkConfiguration(t *testing.T, text string) {
	t.Helper()
	file := write(t, "ogg_exporter.yml", text)
	dir := filepath.Dir(file)
	server := httptest.NewTLSServer(nil)
	server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for _, m := range regexp.MustCompile(`(\w+)_file: ([^~\s]\S*)`).FindAllStringSubmatch(text, -1) {
		content := []byte("correct horse battery staple")
		if m[1] == "ca" {
			content = ca
		}
		must(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(m[2])), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, m[2]), content, 0o600))
	}
	cloud, err := ocitest.Start(ocitest.ControlPlane{})
	must(t, err)
	defer cloud.Close()
	must(t, os.Mkdir(filepath.Join(dir, ".oci"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, ".oci/config"), []byte("[DEFAULT]\nuser=u\nfingerprint=f\ntenancy=t\nregion=us-ashburn-1\nkey_file=key.pem\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, ".oci/key.pem"), cloud.Key(), 0o600))
	cmd := exec.Command(buildExporter(t), "--config.check", "--config.file="+file)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	check(t, cmd)
}

// checkPrometheus has promtool check a configuration of Prometheus, with the rules of this repository beside it.
func checkPrometheus(t *testing.T, text string) {
	t.Helper()
	file := write(t, "prometheus.yml", text)
	dir, err := filepath.Abs("../dashboards")
	must(t, err)
	must(t, os.Mkdir(filepath.Join(filepath.Dir(file), "ogg"), 0o700))
	for name, target := range map[string]string{
		"recording.yml": "rules/recording.yml", "alerts.yml": "rules/alerts.yml", "slo.yml": "rules/slo.yml", "overrides.yml": "overrides.example.yml",
	} {
		must(t, os.Symlink(filepath.Join(dir, target), filepath.Join(filepath.Dir(file), "ogg", name)))
	}
	check(t, exec.Command(neededProgram(t, "promtool", "package prometheus"), "check", "config", file))
}

// check fails the test if a command fails.
func check(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", filepath.Base(cmd.Path), err, out)
	}
}

// flagPattern finds a flag; what follows it, such as a value, does not matter.
var flagPattern = regexp.MustCompile(`--(\[no-\]|no-)?([a-z][a-z0-9_.-]*)`)

// TestDocumentedFlags: each flag of the exporter that the documentation names exists: those in its commands, those
// that begin a code span, and those whose names only the exporter's have. And each that exists is on a page.
func TestDocumentedFlags(t *testing.T) {
	t.Parallel()
	flags := exporterFlags(t)
	mentions := []*regexp.Regexp{
		regexp.MustCompile(`(?:\bogg_exporter|go run \.)((?: +[^\s|>;&#` + "`" + `]+)+)`),
		regexp.MustCompile("`(--[^`]+)`"),
		regexp.MustCompile(`(--(?:\[no-\]|no-)?(?:config|ogg|collector|scrape|web|log)\.[\w.-]*)`),
	}
	named := map[string]bool{"collector.performance.process-exclude": true} // as …-exclude
	for page, text := range documentation(t) {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\\\n", " "), "build -t ogg_exporter", "build") // an image
		for i, pattern := range mentions {
			if i == 1 && slices.Contains([]string{"docs/kubernetes.md", "docs/install.md", "docs/clients.md"}, page) {
				continue // their code spans have flags of helm, dpkg, Prometheus and others
			}
			for _, m := range pattern.FindAllStringSubmatch(text, -1) {
				for _, f := range flagPattern.FindAllStringSubmatch(m[1], -1) {
					named[f[2]] = true
					if !flags.have(f[1], f[2]) {
						t.Errorf("%s: the exporter has no flag %s", page, f[0])
					}
				}
			}
		}
	}
	for flag := range flags {
		if !named[flag] && !strings.HasPrefix(flag, "help-") && !strings.HasPrefix(flag, "completion-") {
			t.Errorf("no page names --%s", flag)
		}
	}
}

// flags are the flags of the exporter, and whether --no-FLAG exists.
type flags map[string]bool

// exporterFlags returns the flags in --help.
func exporterFlags(t *testing.T) flags {
	t.Helper()
	help, err := exec.Command(buildExporter(t), "--help").CombinedOutput()
	must(t, err)
	all := flags{}
	for _, m := range regexp.MustCompile(`(?m)^\s+(?:-\w, )?--(\[no-\])?([\w.-]+)`).FindAllStringSubmatch(string(help), -1) {
		all[m[2]] = m[1] != ""
	}
	return all
}

// others are flags of Prometheus, curl and amtool.
var others = []string{"storage.tsdb.retention.time", "cacert", "active", "silenced", "inhibited"}

// have says whether a flag exists, by what may turn it off and its name. A name that ends in a dot stands for several.
func (all flags) have(no, name string) bool {
	for flag, hasNo := range all {
		if (flag == name || strings.HasSuffix(name, ".") && strings.HasPrefix(flag, name)) && (no == "" || hasNo) {
			return true
		}
	}
	return slices.Contains(others, name)
}
