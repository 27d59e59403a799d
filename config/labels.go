package config

import (
	"regexp"
	"slices"
	"strings"
)

// sampleLabels are the labels on the samples of a Service Manager and of an entry of oci, as listed
// in METRICS.md, plus those that the exposition format uses for histograms and summaries.
var sampleLabels = []string{
	"api_version", "category", "certificate", "certificate_type", "code", "collector", "dbms",
	"deployment", "deployment_role", "deployment_type", "direction", "environment_type", "extract",
	"hash", "health", "heartbeat_path", "kind", "le", "license_model", "lifecycle", "microservice", "mode",
	"name", "oci", "ocid", "ogg_deployment", "operation", "outcome", "parent", "part", "path",
	"pipeline", "platform", "process", "process_type", "quantile", "reason", "resource",
	"resource_type", "service_manager", "status", "stream", "table", "target_initiated", "thread", "trail",
	"version",
}

// prometheusLabels have a meaning of their own in Prometheus: how to scrape the target, or the name
// of a metric. So do all labels that start with paramPrefix.
var prometheusLabels = []string{
	"__address__", "__scheme__", "__metrics_path__", "__scrape_interval__", "__scrape_timeout__", "__name__",
}

// paramPrefix starts the names of labels that become URL parameters of the scrape.
const paramPrefix = "__param_"

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// ReservedLabel reports whether samples of a Service Manager have the label. Targets must not have
// it: Prometheus would rename the samples' label to exported_..., and break dashboards and alerts.
func ReservedLabel(name string) bool { return slices.Contains(sampleLabels, name) }

// validateLabels checks the labels of a target. Other labels that start with __ are allowed:
// relabelling sees them, and no series keeps them.
func (d *decoder) validateLabels(labels map[string]string, path string) {
	for name, value := range labels {
		at := join(path, name)
		switch {
		case !labelName.MatchString(name):
			d.add(at, "is not a valid label name: use letters, digits and _, and do not start with a digit")
		case slices.Contains(prometheusLabels, name) || strings.HasPrefix(name, paramPrefix):
			d.add(at, "this label cannot be set here: it has a special meaning in Prometheus")
		case ReservedLabel(name):
			d.add(at, "this label cannot be set here: the metrics already have it")
		}
		d.validateText(value, at)
	}
}
