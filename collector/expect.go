package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var (
	deploymentUnexpected = unexpected("ogg_deployment_unexpected_state", "deployment", "is expected to run once it was seen running, unless ogg_deployment_enabled is 0")
	processUnexpected    = unexpected("ogg_process_unexpected_state", "Extract or Replicat",
		"is expected to run if its kind has been read and is not initial_load (ogg_process_kind), and if it has a start time or was seen running", "process", "process_type")
	distributionPathUnexpected = unexpected("ogg_distribution_path_unexpected_state", "distribution path",
		"is expected to run if it has a start time or was seen running", "path")
	receiverPathUnexpected = unexpected("ogg_receiver_path_unexpected_state", "receiver path",
		"is expected to run if it has a start time or was seen running", "path")

	expectedMissing = gauge("ogg_expected_missing",
		"Whether an object that is required in the configuration (expect: required) is not listed; 0 if it is. kind is deployment, process or path. deployment is empty if the object may be in any deployment, and is in none. No sample if it is not known whether it is listed.",
		"kind", "name")
	expectationMatches = newMetric("gauge", prometheus.GaugeValue, "ogg_expectation_matches",
		"Number of objects for which this rule of the configuration (expect) is the first that matches, of those that could be read; 0 is a rule without effect. rule is its place in the list of the Service Manager, from 1, or in that for all, from top-1. No sample if the rule matches nothing, and something that it may match could not be read.",
		[]string{"service_manager", "rule"})
)

// unexpected describes whether something is in another state than expected.
func unexpected(name, what, otherwise string, labels ...string) *metric {
	return gauge(name, "Whether the "+what+" is in another state than expected: running although the configuration (expect) says stopped, or not running although it says running; 0 if it says any. Without a rule for it, it "+
		otherwise+". No sample if nothing is expected or the state is not known.", labels...)
}

var expectCollector = Collector{
	Name: "expect", Help: "deviations of deployments, processes and paths from the states that are expected of them", Default: true, Role: "User",
	metrics: []*metric{deploymentUnexpected, processUnexpected, distributionPathUnexpected, receiverPathUnexpected, expectedMissing, expectationMatches},
	collect: collectUnexpected,
	sum:     collectExpectations,
}

func collectUnexpected(to sink, d *ogg.Deployment) {
	to.boolean(deploymentUnexpected, d.Unexpected, d.Name)
	for _, p := range d.Processes {
		to.boolean(processUnexpected, p.Unexpected, d.Name, p.Name, string(p.Type))
	}
	for _, p := range d.DistributionPaths {
		to.boolean(distributionPathUnexpected, p.Unexpected, d.Name, p.Name)
	}
	for _, p := range d.ReceiverPaths {
		to.boolean(receiverPathUnexpected, p.Unexpected, d.Name, p.Name)
	}
}

func collectExpectations(to sink, inst *ogg.Installation) {
	for _, r := range inst.Requirements {
		to.sample(expectedMissing, zeroOne(r.Missing), r.Deployment, string(r.Kind), r.Name)
	}
	for _, r := range inst.Rules {
		to.sample(expectationMatches, float64(r.Objects), r.Rule)
	}
}
