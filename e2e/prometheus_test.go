package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// What docs/prometheus.md recommends for the configuration of Prometheus.
const (
	// scrapeAll scrapes all Service Managers at once.
	scrapeAll = `
scrape_configs:
  - job_name: ogg
    scrape_interval: 30s
    scrape_timeout: 15s
    static_configs:
      - targets: [ogg-exporter.example.com:17809]
`
	// scrapeEach scrapes each Service Manager as a target of its own.
	scrapeEach = `
scrape_configs:
  - job_name: ogg
    scrape_interval: 30s
    scrape_timeout: 15s
    http_sd_configs:
      - url: http://ogg-exporter.example.com:17809/sd
        refresh_interval: 30s
`
	// scrapeTwice scrapes the status and lag of everything more often than the rest.
	scrapeTwice = `
scrape_configs:
  - job_name: ogg
    scrape_interval: 15s
    scrape_timeout: 10s
    params:
      collect[]: [deployment, service, process, definition, distribution_path, receiver_path, trail, expect, checkpoint, message, pipeline]
    static_configs:
      - targets: [ogg-exporter.example.com:17809]
    metric_relabel_configs:                 # the job below has it, with the modes that are known before 21c, too
      - source_labels: [__name__]
        regex: ogg_process_info
        action: drop
  - job_name: ogg_performance
    scrape_interval: 60s
    scrape_timeout: 10s
    params:
      collect[]: [data_stream, performance, heartbeat, task]
    static_configs:
      - targets: [ogg-exporter.example.com:17809]
    metric_relabel_configs:                 # the job above has these
      - source_labels: [__name__, process_type, direction]
        regex: (ogg_up|ogg_api_.+|ogg_auth_blocked|ogg_exporter_.+|go_.+|process_.+);;|ogg_process_trail_(sequence|offset_bytes);replicat;input
        action: drop
`
	// shard is added to scrapeEach in each of several Prometheus servers.
	shard = `
    relabel_configs:
      - source_labels: [__param_target]
        action: hashmod
        modulus: 2
        target_label: __tmp_shard
      - source_labels: [__tmp_shard]
        action: keep
        regex: 0
`
)

// each is scrapeEach as a job beside that of scrapeAll.
var each = strings.Replace(scrapeEach, "job_name: ogg", "job_name: ogg_each", 1)

// withoutHosts makes texts comparable that differ in hosts and indentation.
func withoutHosts(text string) string {
	text = regexp.MustCompile(`[a-z0-9.-]+:17809`).ReplaceAllString(text, "HOST:17809")
	return regexp.MustCompile(`\n[ \t]*`).ReplaceAllString(strings.TrimSpace(text), "\n")
}

// TestScrapeConfigs: docs/prometheus.md has the configurations that are tested here.
func TestScrapeConfigs(t *testing.T) {
	page, err := os.ReadFile("../docs/prometheus.md")
	must(t, err)
	for name, snippet := range map[string]string{"all at once": scrapeAll, "each": scrapeEach, "twice": scrapeTwice, "shards": shard} {
		if !strings.Contains(withoutHosts(string(page)), withoutHosts(snippet)) {
			t.Errorf("docs/prometheus.md lacks the configuration for %s:\n%s", name, snippet)
		}
	}
}

// TestPrometheus: Prometheus scrapes the exporter as docs/prometheus.md recommends.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	prometheus := neededProgram(t, "prometheus", "package prometheus")
	f := newFleet(t)
	f.prometheus, f.exporter = prometheus, buildExporter(t)
	t.Run("targets", f.testTargets)
	t.Run("shards", f.testShards)
	t.Run("twice", f.testTwice)
}

// fleet has the Service Managers that are scraped, and the programs.
type fleet struct {
	prometheus, exporter string
	managers             []manager
}

// manager is a simulated Service Manager.
type manager struct {
	name   string
	labels map[string]string // configured
	down   bool
	config string
}

// The Service Managers of the fleet that are down, removed and added.
const (
	downManager    = "prod-19c"
	removedManager = "prod-21c"
	addedManager   = "prod-26ai"
)

// newFleet starts a Service Manager of each release, and one with a name that has to be
// escaped.
func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{}
	for i, release := range oggtest.Releases {
		f.add(t, "prod-"+string(release), oggtest.Installation{Release: release, TLS: i%2 == 0, ReverseProxy: i == 3}, map[string]string{
			"site": "site-" + string(release), "__meta_release": string(release),
		})
	}
	f.add(t, "Köln & co/1=2", oggtest.Installation{}, map[string]string{"instance": "cologne"})
	return f
}

// add starts a Service Manager.
func (f *fleet) add(t *testing.T, name string, i oggtest.Installation, labels map[string]string) {
	t.Helper()
	i.Deployments = []oggtest.Deployment{{
		Name:              "north",
		Processes:         []oggtest.Process{{Name: "EXT1", Critical: true}, {Name: "REP1", Type: oggtest.Replicat}},
		DistributionPaths: []oggtest.DistributionPath{{Name: "PATH1", Extract: "EXT1"}},
	}}
	s, err := oggtest.Start(i)
	must(t, err)
	t.Cleanup(s.Close)
	m := manager{name: name, labels: labels, down: name == downManager}
	if m.down {
		s.Fault(oggtest.Target{Service: "ServiceManager"}, oggtest.Fault{Refused: true})
	}
	keys := elementOf(name, s)
	keys["labels"], keys["reverse_proxy"] = labels, i.ReverseProxy
	m.config = asYAML(t, keys)
	f.managers = append(f.managers, m)
}

// without returns the Service Managers except one.
func (f *fleet) without(name string) []manager {
	return slices.DeleteFunc(slices.Clone(f.managers), func(m manager) bool { return m.name == name })
}

// configure writes the exporter's configuration.
func configure(t *testing.T, file string, managers []manager) {
	t.Helper()
	lines := []string{"service_managers:"}
	for _, m := range managers {
		lines = append(lines, "- "+m.config)
	}
	must(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
}

// prometheusServer is a Prometheus server.
type prometheusServer struct{ *process }

// startPrometheus starts a server with one of the configurations above, or several,
// for an exporter.
func (f *fleet) startPrometheus(t *testing.T, exporter *process, configs ...string) prometheusServer {
	t.Helper()
	text := "scrape_configs:\n" + strings.ReplaceAll(strings.Join(configs, ""), "scrape_configs:\n", "")
	text = strings.NewReplacer(
		"ogg-exporter.example.com:17809", strings.TrimPrefix(exporter.url, "http://"),
		"scrape_interval: 30s", "scrape_interval: 2s", "scrape_timeout: 15s", "scrape_timeout: 2s",
		"scrape_interval: 15s", "scrape_interval: 2s", "scrape_interval: 60s", "scrape_interval: 4s", "scrape_timeout: 10s", "scrape_timeout: 2s", "refresh_interval: 30s", "refresh_interval: 5s",
	).Replace(text)
	s := prometheusServer{startListening(t, f.prometheus, "--config.file="+write(t, "prometheus.yml", text),
		"--storage.tsdb.path="+filepath.Join(t.TempDir(), "data"))}
	until(t, func() error {
		_, err := fetch(s.url + "/-/ready")
		return err
	})
	return s
}

// ask asks the server's HTTP API.
func (s prometheusServer) ask(path string, parameters url.Values, data any) error {
	text, err := fetch(s.url + "/api/v1/" + path + "?" + parameters.Encode())
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), &struct {
		Data any `json:"data"`
	}{data})
}

// target is a target as the API of the server returns it.
type target struct {
	Labels    map[string]string
	ScrapeURL string
	LastError string
	Health    string
}

// targets returns the targets of a job.
func (s prometheusServer) targets(job string) ([]target, error) {
	var data struct{ ActiveTargets []target }
	err := s.ask("targets", url.Values{"state": {"active"}}, &data)
	return slices.DeleteFunc(data.ActiveTargets, func(t target) bool { return t.Labels["job"] != job }), err
}

// sample is one of a result, with its value as text.
type sample struct {
	labels map[string]string
	value  string
}

// query evaluates a PromQL expression.
func (s prometheusServer) query(expr string) ([]sample, error) {
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
	err := s.ask("query", url.Values{"query": {expr}}, &data)
	samples := make([]sample, len(data.Result))
	for i, r := range data.Result {
		samples[i] = sample{r.Metric, fmt.Sprint(r.Value[1])}
	}
	return samples, err
}

// expect checks the result of an expression: the values by one of the labels.
func (s prometheusServer) expect(expr, label string, want map[string]string) error {
	samples, err := s.query(expr)
	if err != nil {
		return err
	}
	got := map[string]string{}
	for _, found := range samples {
		got[found.labels[label]] = found.value
	}
	if len(samples) != len(want) || !maps.Equal(got, want) {
		return fmt.Errorf("%s: %d samples %v, want %v", expr, len(samples), got, want)
	}
	return nil
}

// expectTargets checks that exactly these Service Managers are targets, all of them up, besides
// the pipelines, which are on one server.
func (s prometheusServer) expectTargets(managers []manager) error {
	targets, err := s.targets("ogg_each")
	if err != nil {
		return err
	}
	want := map[string]map[string]string{}
	for _, m := range managers {
		want["target="+url.QueryEscape(m.name)] = m.targetLabels()
	}
	expected := len(managers)
	if slices.ContainsFunc(targets, func(t target) bool { return t.Labels["instance"] == "_pipelines" }) {
		expected++
		want["target=_pipelines"] = map[string]string{"job": "ogg_each", "instance": "_pipelines"}
	}
	for _, found := range targets {
		at, err := url.Parse(found.ScrapeURL)
		if err != nil {
			return err
		}
		labels := want[at.RawQuery]
		if at.Path != "/probe" || !maps.Equal(found.Labels, labels) {
			return fmt.Errorf("%s has the labels %v, want %v", found.ScrapeURL, found.Labels, labels)
		}
		if found.LastError != "" || found.Health != "up" {
			return fmt.Errorf("%s is %s: %s", found.ScrapeURL, found.Health, found.LastError)
		}
	}
	if len(targets) != expected {
		return fmt.Errorf("%d targets, want %d", len(targets), expected)
	}
	return nil
}

// targetLabels are those of the target that the Service Manager is.
func (m manager) targetLabels() map[string]string {
	labels := map[string]string{"job": "ogg_each", "instance": m.name}
	for name, value := range m.labels {
		if !strings.HasPrefix(name, "__") {
			labels[name] = value
		}
	}
	return labels
}

// expectSamples checks what was scraped of these Service Managers, one by one and
// all at once.
func (s prometheusServer) expectSamples(managers []manager) error {
	up, read, byInstance := map[string]string{"_pipelines": "1"}, map[string]string{}, map[string]string{}
	for _, m := range managers {
		up[m.targetLabels()["instance"]] = "1"
		byInstance[m.targetLabels()["instance"]] = m.name
		read[m.name] = "1"
		if m.down {
			read[m.name] = "0"
		}
	}
	err := errors.Join(
		s.expect(`up{job="ogg_each"}`, "instance", up),
		s.expect(`ogg_up{job="ogg_each"}`, "service_manager", read),
		s.expect(`ogg_up{job="ogg"}`, "service_manager", read),
		s.expect(`up{job="ogg"}`, "job", map[string]string{"ogg": "1"}),
		s.expect(`ogg_exporter_config_last_reload_successful`, "job", map[string]string{"ogg": "1"}),
		s.expect(`{job="ogg_each",service_manager="",instance!="_pipelines",__name__!~"up|scrape_.*"}`, "", nil),
		s.expect(`count by (instance) ({job="ogg_each",__name__=~"ogg_pipeline_.+",instance!="_pipelines"})`, "instance", nil),
		expectPipelines(managers, `{job="ogg"}`, s), expectPipelines(managers, `{job="ogg_each"}`, s),
	)
	if err != nil {
		return err
	}
	samples, err := s.query(`count by (instance, service_manager) ({job="ogg_each", service_manager!="", instance!="_pipelines"})`)
	for _, found := range samples {
		if of := found.labels["service_manager"]; byInstance[found.labels["instance"]] != of {
			return fmt.Errorf("the target %s has samples of %s", found.labels["instance"], of)
		}
	}
	if len(samples) != len(managers) {
		return fmt.Errorf("samples of %d Service Managers, want %d", len(samples), len(managers))
	}
	return err
}

// expectPipelines checks that the servers have pipelines of each of these Service Managers that is up,
// each of them once.
func expectPipelines(managers []manager, of string, servers ...prometheusServer) error {
	found, sources := map[string]int{}, map[string]bool{}
	for _, s := range servers {
		samples, err := s.query("ogg_pipeline_info" + of)
		if err != nil {
			return err
		}
		for _, one := range samples {
			found[one.labels["pipeline"]]++
			sources[one.labels["source_service_manager"]] = true
		}
	}
	for pipeline, n := range found {
		if n != 1 {
			return fmt.Errorf("the pipeline %s is there %d times", pipeline, n)
		}
	}
	for _, m := range managers {
		if sources[m.name] == m.down {
			return fmt.Errorf("pipelines of %s: %t", m.name, sources[m.name])
		}
	}
	return nil
}

// checkNothingLost checks that the server accepted all samples unchanged, without a
// warning.
func (s prometheusServer) checkNothingLost(t *testing.T) {
	t.Helper()
	own, err := fetch(s.url + "/metrics")
	must(t, err)
	counters := regexp.MustCompile(`(?m)^(prometheus_target_scrape(?:s_|_pool_)\w*(?:sample|exceeded|failed)\w*_total) (\S+)$`).FindAllStringSubmatch(own, -1)
	for _, c := range counters {
		if c[2] != "0" {
			t.Errorf("%s is %s", c[1], c[2])
		}
	}
	if !strings.Contains(own, "\nprometheus_target_scrapes_sample_duplicate_timestamp_total 0\n") || len(counters) < 4 {
		t.Errorf("the counters of what goes wrong are not known: %q", counters)
	}
	if found := regexp.MustCompile(`(?m)^.*level=(warn|error).*$`).FindAllString(s.log.String(), -1); found != nil {
		t.Errorf("Prometheus warns:\n%s", strings.Join(found, "\n"))
	}
	var labels []string
	must(t, s.ask("labels", nil, &labels))
	if !slices.Contains(labels, "service_manager") {
		t.Errorf("no labels: %q", labels)
	}
	for _, label := range labels {
		if strings.HasPrefix(label, "exported_") {
			t.Errorf("a label of the samples is also one of the target: %s", label)
		}
	}
}

// testTargets: each configured Service Manager is a target with its labels and samples,
// next to the scrape of all at once.
func (f *fleet) testTargets(t *testing.T) {
	t.Parallel()
	before, after := f.without(addedManager), f.without(removedManager)
	file := filepath.Join(t.TempDir(), "ogg_exporter.yml")
	configure(t, file, before)
	exporter := startListening(t, f.exporter, "--config.file="+file)
	s := f.startPrometheus(t, exporter, scrapeAll, each)
	until(t, func() error { return errors.Join(s.expectTargets(before), s.expectSamples(before)) })

	configure(t, file, after)
	_, err := post(exporter.url + "/-/reload")
	must(t, err)
	until(t, func() error { return errors.Join(s.expectTargets(after), s.expectSamples(after)) })
	s.checkNothingLost(t)
}

// testShards: two servers share the Service Managers, each by an exporter of its own.
func (f *fleet) testShards(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ogg_exporter.yml")
	configure(t, file, f.managers)
	var servers []prometheusServer
	for _, own := range []string{"regex: 0", "regex: 1"} {
		exporter := startListening(t, f.exporter, "--config.file="+file)
		servers = append(servers, f.startPrometheus(t, exporter, each+strings.Replace(shard, "regex: 0", own, 1)))
	}
	until(t, func() error { return f.expectShared(servers) })
	for _, s := range servers {
		s.checkNothingLost(t)
	}
}

// expectShared checks that each Service Manager is read by one server, and each pipeline, although
// the exporter that makes it gets scrapes of only some of the Service Managers.
func (f *fleet) expectShared(servers []prometheusServer) error {
	by := map[string]int{}
	for i, s := range servers {
		samples, err := s.query("ogg_up")
		if err != nil {
			return err
		}
		if len(samples) == 0 {
			return fmt.Errorf("shard %d reads nothing", i)
		}
		var share []manager
		for _, found := range samples {
			name := found.labels["service_manager"]
			by[name]++
			share = append(share, f.managers[slices.IndexFunc(f.managers, func(m manager) bool { return m.name == name })])
		}
		if err := s.expectTargets(share); err != nil {
			return err
		}
	}
	for _, m := range f.managers {
		if by[m.name] != 1 {
			return fmt.Errorf("%s is read by %d servers", m.name, by[m.name])
		}
	}
	return expectPipelines(f.managers, "", servers...)
}
