package e2e

import (
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

// statsdExporterModule is the version that docs/migration.md speaks of. The Makefile takes it
// from here.
const statsdExporterModule = "github.com/prometheus/statsd_exporter@v0.31.0"

// neededStatsdExporter returns the path of a statsd_exporter, which the first call builds.
// Where its module cannot be had, the test is skipped, and fails in CI.
func neededStatsdExporter(t *testing.T) string {
	t.Helper()
	neededProgram(t, "go", "the Go toolchain")
	path, err := statsdExporter()
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("LEFT OUT: %s cannot be built: %v", statsdExporterModule, err)
	}
	must(t, err)
	return path
}

// statsdExporter builds statsd_exporter.
var statsdExporter = sync.OnceValues(func() (string, error) {
	cmd := exec.Command("go", "install", statsdExporterModule)
	cmd.Env = append(os.Environ(), "GOBIN="+programs)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(programs, "statsd_exporter"), nil
})

// statsdRule is a rule of docs/statsd_mapping.yml, as far as the test knows it.
type statsdRule struct {
	Match string
	Name  string
	Scale float64
}

// statsdTags are tags of GoldenGate's StatsD metrics in addition to those that all have,
// by the first part of the metrics' names.
var statsdTags = map[string][]string{
	"statistics-table-extract":         {"table-name"},
	"statistics-table-replicat":        {"table-name"},
	"trail-input":                      {"trail-name", "trail-path"},
	"trail-output":                     {"trail-name", "trail-path"},
	"distributionServer-path-stats":    {"path-name"},
	"distributionServer-network-stats": {"path-name"},
	"receiver-service-stats":           {"path-name", "target-file-name", "last-file"},
	"heartbeat-timings":                {"heartbeat-name"},
}

// line returns a line for the rule, with tags as DogStatsD or as InfluxDB has them, and with
// a name in which the separator is a dot or an underscore. Process and path have the number.
func (r statsdRule) line(number int) string {
	name := strings.NewReplacer("^", "", "$", "", "[._]", ".").Replace(r.Match)
	base, _, _ := strings.Cut(name, ".")
	tags := []string{"deploymentName", "East", "deploymentId", "0b2f", "processType", "Replicat", "processName", fmt.Sprint("P", number)}
	for _, tag := range statsdTags[base] {
		tags = append(tags, tag, fmt.Sprint(tag, "-", number))
	}
	var pairs [2][]string
	for i := 0; i < len(tags); i += 2 {
		pairs[0] = append(pairs[0], tags[i]+":"+tags[i+1])
		pairs[1] = append(pairs[1], tags[i]+"="+tags[i+1])
	}
	if number%2 == 0 {
		return fmt.Sprintf("%s:%d|g|#%s\n", name, number*1000, strings.Join(pairs[0], ","))
	}
	return fmt.Sprintf("%s,%s:%d|g\n", strings.ReplaceAll(name, ".", "_"), strings.Join(pairs[1], ","), number*1000)
}

// TestStatsD sends a line for each rule of docs/statsd_mapping.yml to a statsd_exporter. What
// Prometheus has of it by docs/statsd_prometheus.yml has the names and labels that METRICS.md
// says, and the values in its units.
func TestStatsD(t *testing.T) {
	t.Parallel()
	s := startStatsdExporter(t)
	var mapping struct{ Mappings []statsdRule }
	readYAML(t, "../docs/statsd_mapping.yml", &mapping)
	var lines strings.Builder
	for i, rule := range mapping.Mappings {
		lines.WriteString(rule.line(i + 1))
	}
	documented, found := documentedLabels(t), s.samples(t, lines.String(), len(mapping.Mappings))
	for i, rule := range mapping.Mappings {
		value := float64((i + 1) * 1000)
		if rule.Scale != 0 {
			value *= rule.Scale
		}
		at := found[i+1]
		if at.name != rule.Name || math.Abs(at.value-value) > 1e-9*value {
			t.Errorf("%s: got %s %v, want %s %v", rule.Match, at.name, at.value, rule.Name, value)
		}
		if want := documented[at.name]; strings.Join(at.labels, ", ") != want {
			t.Errorf("%s: %s has the labels %q, but METRICS.md says %q", rule.Match, at.name, at.labels, want)
		}
	}
}

// TestStatsDLines: of lines as GoldenGate may send them, these series come of it.
func TestStatsDLines(t *testing.T) {
	t.Parallel()
	s := startStatsdExporter(t)
	const lines = `position-er.last-operation-lag:6250|g|#deploymentName:East,deploymentId:0b2f,processType:Extract,processName:EXTE
trail-input_trail-read-time,deploymentName=West,processType=Replicat,processName=REPE,trail-name=ee,trail-path=/u02/ee:2500000|g
receiver-service-stats.total-bytes-written:42|g|#deploymentName:West,processType:RECVSRVR,processName:recvsrvr,path-name:EW,last-file:ee1
receiver-service-stats.total-bytes-written:43|g|#deploymentName:West,processType:RECVSRVR,processName:recvsrvr,path-name:EW,last-file:ee2
resource-status.running:1|g|#deploymentName:East,processType:ADMINSRVR,processName:adminsrvr,resource-name:EXTE
`
	want := []string{
		`{__name__="ogg_process_last_operation_lag_seconds", deployment="East", process="EXTE", process_type="extract", service_manager="prod"} 6.25`,
		`{__name__="ogg_process_trail_io_seconds_total", deployment="West", direction="input", process="REPE", process_type="replicat", service_manager="prod", trail="ee"} 2.5`,
		`{__name__="ogg_receiver_path_written_bytes_total", deployment="West", path="EW", service_manager="prod"} 43`,
		`{__name__="resource_status_running", deployment="East", process="adminsrvr", process_type="adminsrvr", resource_name="EXTE", service_manager="prod"} 1`,
	}
	until(t, func() error {
		series, err := s.after(t, lines)
		text := strings.Join(series, "\n")
		for _, w := range want {
			if !strings.Contains(text, w) {
				err = errors.Join(err, fmt.Errorf("%s is missing in\n%s", w, text))
			}
		}
		return err
	})
}

// TestStatsDConfig: Prometheus takes docs/statsd_prometheus.yml.
func TestStatsDConfig(t *testing.T) {
	t.Parallel()
	promtool := neededProgram(t, "promtool", "package prometheus")
	if out, err := exec.Command(promtool, "check", "config", "../docs/statsd_prometheus.yml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// statsd is a statsd_exporter, and what Prometheus makes of its metrics.
type statsd struct {
	url, address string
	relabel      []*relabel.Config
	target       map[string]string
}

// startStatsdExporter starts one with the repository's mapping.
func startStatsdExporter(t *testing.T) *statsd {
	t.Helper()
	program := neededStatsdExporter(t)
	s := &statsd{url: "http://127.0.0.1:" + freePort(t), address: "127.0.0.1:" + freePort(t)}
	startProcess(t, program, "--statsd.mapping-config=../docs/statsd_mapping.yml", "--statsd.listen-tcp=",
		"--statsd.listen-udp="+s.address, "--web.listen-address="+strings.TrimPrefix(s.url, "http://"))
	var config struct {
		ScrapeConfigs []struct {
			StaticConfigs []struct{ Labels map[string]string } `yaml:"static_configs"`
			Relabel       []*relabel.Config                    `yaml:"metric_relabel_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "../docs/statsd_prometheus.yml", &config)
	job := config.ScrapeConfigs[0]
	s.target, s.relabel = job.StaticConfigs[0].Labels, job.Relabel
	for _, rule := range s.relabel {
		must(t, rule.Validate(model.UTF8Validation))
	}
	until(t, func() error {
		_, err := fetch(s.url + "/metrics")
		return err
	})
	return s
}

// after sends lines and returns the series that there are then. It may be called again:
// UDP may lose a line, and statsd_exporter takes its time.
func (s *statsd) after(t *testing.T, lines string) ([]string, error) {
	t.Helper()
	s.send(t, lines)
	return s.scrape()
}

// send sends lines by UDP, a packet for each.
func (s *statsd) send(t *testing.T, lines string) {
	t.Helper()
	to, err := net.Dial("udp", s.address)
	must(t, err)
	defer func() { _ = to.Close() }()
	for line := range strings.SplitAfterSeq(lines, "\n") {
		_, err := to.Write([]byte(line))
		must(t, err)
	}
}

// scrape returns the series that Prometheus would have, except those of the statsd_exporter
// itself.
func (s *statsd) scrape() ([]string, error) {
	text, err := fetch(s.url + "/metrics")
	if err != nil {
		return nil, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var all []string
	for name, family := range families {
		if family.GetHelp() != "Metric autogenerated by statsd_exporter." {
			continue
		}
		for _, m := range family.GetMetric() {
			b := labels.NewBuilder(labels.EmptyLabels())
			for _, l := range m.GetLabel() {
				b.Set(l.GetName(), l.GetValue())
			}
			for label, value := range s.target {
				b.Set(label, value)
			}
			b.Set(model.MetricNameLabel, name)
			if relabel.ProcessBuilder(b, s.relabel...) {
				all = append(all, fmt.Sprintf("%s %v", b.Labels(), m.GetGauge().GetValue()))
			}
		}
	}
	return all, nil
}

// statsdSample is what came of a line.
type statsdSample struct {
	name   string
	labels []string // their names, in alphabetical order
	value  float64
}

// samples sends lines until there are n series, and returns them by the numbers of the lines.
func (s *statsd) samples(t *testing.T, lines string, n int) map[int]statsdSample {
	t.Helper()
	var series []string
	until(t, func() error {
		var err error
		series, err = s.after(t, lines)
		if err == nil && len(series) != n {
			err = fmt.Errorf("%d series of %d lines:\n%s", len(series), n, strings.Join(series, "\n"))
		}
		return err
	})
	numbered, label := regexp.MustCompile(`"(?:P|path-name-|trail-name-)(\d+)"`), regexp.MustCompile(`(\w+)="`)
	all := map[int]statsdSample{}
	for _, text := range series {
		var sample statsdSample
		var number int
		m := numbered.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%s is of no process, path or trail", text)
		}
		_, err := fmt.Sscan(m[1], &number)
		must(t, err)
		_, value, _ := strings.Cut(text, "} ")
		_, err = fmt.Sscan(value, &sample.value)
		must(t, err)
		sample.name = regexp.MustCompile(`__name__="(\w+)"`).FindStringSubmatch(text)[1]
		for _, l := range label.FindAllStringSubmatch(text, -1)[1:] {
			sample.labels = append(sample.labels, l[1])
		}
		all[number] = sample
	}
	return all
}

// documentedLabels returns the labels of each metric of METRICS.md, in alphabetical order.
func documentedLabels(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../METRICS.md")
	must(t, err)
	all := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(ogg_[a-z_]+)` \\| [a-z ]+ \\| ([a-z_, ]*) \\|").FindAllStringSubmatch(string(text), -1) {
		names := strings.Split(m[2], ", ")
		slices.Sort(names)
		all[m[1]] = strings.Join(names, ", ")
	}
	return all
}
