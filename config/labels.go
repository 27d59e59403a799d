package config

import (
	"regexp"
	"slices"
	"strings"
)

// sampleLabels are the labels that the samples of a Service Manager and of an entry of oci carry,
// as METRICS.md lists them, and those that the format of the samples has for histograms and
// summaries.
var sampleLabels = []string{
	"category", "certificate", "certificate_type", "code", "collector", "dbms", "deployment",
	"deployment_role", "deployment_type", "direction", "environment_type", "extract", "health",
	"heartbeat", "heartbeat_path", "kind", "le", "license_model", "microservice", "mode", "oci",
	"ocid", "ogg_deployment", "operation", "outcome", "parent", "part", "path", "pipeline",
	"platform", "process", "process_type", "quantile", "reason", "resource", "resource_type",
	"service_manager", "status", "table", "target_initiated", "trail", "version",
}

// prometheusLabels mean more to Prometheus than a label of the target: how to scrape it, or the
// name of a metric. So do all that begin with paramPrefix.
var prometheusLabels = []string{
	"__address__", "__scheme__", "__metrics_path__", "__scrape_interval__", "__scrape_timeout__", "__name__",
}

// paramPrefix begins the names of the labels that are parameters in the URL of the scrape.
const paramPrefix = "__param_"

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// ReservedLabel says whether the samples of a Service Manager carry the label. Its target must not:
// Prometheus would rename that of the samples to exported_..., and dashboards and alerts would break.
func ReservedLabel(name string) bool { return slices.Contains(sampleLabels, name) }

// validateLabels checks the labels of a target. The others that start with __ are allowed:
// relabelling sees them, and no series has them in the end.
func (d *decoder) validateLabels(labels map[string]string, path string) {
	for name, value := range labels {
		at := join(path, name)
		switch {
		case !labelName.MatchString(name):
			d.add(at, "is not the name of a label: letters, digits and _, the first no digit")
		case slices.Contains(prometheusLabels, name) || strings.HasPrefix(name, paramPrefix):
			d.add(at, "this label cannot be set here, it means something else to Prometheus")
		case ReservedLabel(name):
			d.add(at, "this label cannot be set here, the metrics have it already")
		}
		d.validateText(value, at)
	}
}
