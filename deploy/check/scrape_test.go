package check

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
)

// jobs are the jobs by which the rules find the exporter.
var jobs = regexp.MustCompile(`^(?:ogg.*)$`)

// scrapeProblems is about how Prometheus scrapes: everything, and nothing twice.
func scrapeProblems(m *manifest) (problems []string) {
	if len(m.monitors) > 0 && len(m.scrapes) > 0 || len(m.monitors) > 1 {
		problems = append(problems, "Service Managers are scraped twice")
	}
	for _, monitor := range m.monitors {
		problems = append(problems, monitorProblems(m, monitor)...)
	}
	shards := map[string]bool{}
	discovered, own := map[string]bool{}, map[string]bool{}
	for _, s := range m.scrapes {
		if s.Spec.JobName == nil || !jobs.MatchString(*s.Spec.JobName) {
			problems = append(problems, "the rules do not find the job of "+s.Name)
		}
		problems = append(problems, timeoutProblems(s.Name, s.Spec.ScrapeTimeout, s.Spec.ScrapeInterval)...)
		for _, sd := range s.Spec.HTTPSDConfigs {
			at, err := url.Parse(string(sd.URL))
			if err != nil || at.Path != "/sd" || (at.Scheme == "https") != (s.Spec.Scheme != nil) {
				problems = append(problems, "Prometheus finds no targets at "+string(sd.URL))
				continue
			}
			problems = append(problems, addressProblems(m, at.Host)...)
			discovered[at.Host] = true
			shard := shardOf(s)
			if shards[shard] {
				problems = append(problems, "two ScrapeConfigs scrape "+shard)
			}
			shards[shard] = true
		}
		for _, static := range s.Spec.StaticConfigs {
			for _, target := range static.Targets {
				problems = append(problems, addressProblems(m, string(target))...)
				own[string(target)] = len(s.Spec.Params["collect[]"]) == 1 && s.Spec.Params["collect[]"][0] == "exporter"
			}
		}
	}
	for at := range discovered {
		if !own[at] {
			problems = append(problems, "nothing scrapes the own metrics of "+at)
		}
	}
	return append(problems, missingShards(m, len(discovered), shards)...)
}

// TestNamespace: an overlay that is put into another namespace asks for the targets there.
func TestNamespace(t *testing.T) {
	for _, file := range glob(t, kubernetes+"/overlays/*/kustomization.yaml") {
		dir := filepath.Join("overlays", filepath.Base(filepath.Dir(file)))
		other := strings.Replace(string(read(t, file)), "namespace: monitoring", "namespace: other", 1)
		text := string(kustomized(t, dir, map[string]string{"kustomization.yaml": other}))
		if !strings.Contains(text, "namespace: other") || strings.Contains(text, ".monitoring.svc") {
			t.Errorf("%s still has an address in the namespace monitoring", dir)
		}
	}
}

// missingShards says which part of the targets nobody scrapes.
func missingShards(m *manifest, exporters int, shards map[string]bool) (problems []string) {
	if len(m.scrapes) == 0 {
		return nil
	}
	if exporters != len(m.deployments) {
		problems = append(problems, "two ScrapeConfigs ask the same exporter")
	}
	for i := range exporters {
		if exporters > 1 && !shards[fmt.Sprintf("%d of %d", i, exporters)] {
			problems = append(problems, fmt.Sprintf("nobody scrapes shard %d of %d", i, exporters))
		}
	}
	return problems
}

// shardOf returns which part of the targets is kept.
func shardOf(s *monitoringv1alpha1.ScrapeConfig) string {
	modulus, kept := "", ""
	for _, r := range s.Spec.RelabelConfigs {
		switch r.Action {
		case "hashmod":
			modulus = strconv.FormatInt(r.Modulus, 10)
		case "keep":
			kept = r.Regex
		}
	}
	if modulus == "" {
		return "all targets"
	}
	return kept + " of " + modulus
}

func monitorProblems(m *manifest, monitor *monitoringv1.ServiceMonitor) (problems []string) {
	for _, s := range m.services {
		if !selects(&monitor.Spec.Selector, s.Labels) {
			problems = append(problems, "the ServiceMonitor does not find the Service "+s.Name)
		}
		for _, e := range monitor.Spec.Endpoints {
			problems = append(problems, timeoutProblems(monitor.Name, &e.ScrapeTimeout, &e.Interval)...)
			if e.Port != s.Spec.Ports[0].Name {
				problems = append(problems, "the Service has no port "+e.Port)
			}
			if len(e.RelabelConfigs) == 0 || *e.RelabelConfigs[0].Replacement != "ogg" {
				problems = append(problems, "the rules do not find the job of the ServiceMonitor")
			}
		}
	}
	return problems
}

// timeoutProblems is about what Prometheus refuses.
func timeoutProblems(of string, timeout, interval *monitoringv1.Duration) []string {
	most, err := time.ParseDuration(string(*timeout))
	every, err2 := time.ParseDuration(string(*interval))
	if err := errors.Join(err, err2); err != nil {
		return []string{of + ": " + err.Error()}
	}
	if most > every {
		return []string{of + ": its timeout is longer than its interval"}
	}
	return nil
}

// addressProblems is about an address that is to lead to a Service.
func addressProblems(m *manifest, address string) []string {
	for _, s := range m.services {
		if address == fmt.Sprintf("%s.%s.svc:%d", s.Name, namespace, s.Spec.Ports[0].Port) {
			return nil
		}
	}
	return []string{"no Service is at " + address}
}
