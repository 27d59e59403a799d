package collector

import (
	"cmp"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// metric is a metric family: its description, and what METRICS.md says about it.
type metric struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	typ    string // as in METRICS.md
	name   string
	help   string
	labels []string
	sorted []int    // indexes of labels, in order of their names
	unit   *string  // that the name ends with, as OpenMetrics wants it; nil without one
	since  string   // the first release that reports it
	states []string // of a state set
	// ordered are the states in the order of their samples in an exposition: samples that come in
	// this order need no sorting.
	ordered []string
}

// installationLabels are the first labels of a metric about a deployment or a part of
// one.
var installationLabels = []string{"service_manager", "deployment"}

// gauge describes a gauge with the labels service_manager, deployment and the given
// ones.
func gauge(name, help string, labels ...string) *metric {
	return newMetric("gauge", prometheus.GaugeValue, name, help, slices.Concat(installationLabels, labels))
}

// counter describes a counter with the labels service_manager, deployment and the given
// ones.
func counter(name, help string, labels ...string) *metric {
	return newMetric("counter", prometheus.CounterValue, name, help, slices.Concat(installationLabels, labels))
}

// info describes a metric whose value is always 1.
func info(name, help string, labels ...string) *metric {
	return gauge(name, help, labels...).asInfo()
}

// stateSet describes a metric with one 0/1 sample per state, in the label status, which
// is the last.
func stateSet(name, help string, states []string, labels ...string) *metric {
	return gauge(name, help, append(slices.Clip(labels), "status")...).asStates(states)
}

func newMetric(typ string, kind prometheus.ValueType, name, help string, labels []string) *metric {
	unit := unitOf(name)
	var options []prometheus.DescOpt
	if unit != nil {
		options = append(options, prometheus.WithUnit(*unit))
	}
	return &metric{
		desc: prometheus.V2.NewDesc(name, help, prometheus.UnconstrainedLabels(labels), nil, options...),
		kind: kind, typ: typ, name: name, help: help, labels: labels, sorted: sortedPlaces(labels), since: "12.3",
		unit: unit,
	}
}

// unitOf returns the unit in the name of a metric; nil without one.
func unitOf(name string) *string {
	name = strings.TrimSuffix(name, "_total")
	for _, unit := range []string{"seconds", "bytes", "ratio"} {
		if strings.HasSuffix(name, "_"+unit) {
			return &unit
		}
	}
	return nil
}

// protobufType returns the type in an exposition.
func (m *metric) protobufType() dto.MetricType {
	switch {
	case m.typ == "histogram":
		return dto.MetricType_HISTOGRAM
	case m.kind == prometheus.CounterValue:
		return dto.MetricType_COUNTER
	default:
		return dto.MetricType_GAUGE
	}
}

// sortedPlaces returns the indexes of names, in order of the names.
func sortedPlaces(names []string) []int {
	places := make([]int, len(names))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return places
}

// asInfo declares that the value is always 1.
func (m *metric) asInfo() *metric {
	m.typ = "info"
	return m
}

// asStates declares that there is one 0/1 sample per state, in the label status, which
// is the last.
func (m *metric) asStates(states []string) *metric {
	m.typ, m.states = "state set", slices.Concat(states, []string{unknownState})
	m.ordered = slices.Sorted(slices.Values(m.states))
	return m
}

// from sets the first release that reports the metric.
func (m *metric) from(release string) *metric {
	m.since = release
	return m
}

// unknownState stands for every state that Oracle's reference does not name.
const unknownState = "unknown"
