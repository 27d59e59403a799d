package collector

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// metric is a metric family: its description, and what METRICS.md says of it.
type metric struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	typ    string // as METRICS.md names it
	name   string
	help   string
	labels []string
	sorted []int    // the places in labels by name
	since  string   // the first release that has the figure
	states []string // of a state set
}

// installationLabels are the labels of a metric that is about a deployment or a
// part of one.
var installationLabels = []string{"service_manager", "deployment"}

// gauge describes a gauge with the labels service_manager, deployment and those
// given.
func gauge(name, help string, labels ...string) *metric {
	return newMetric("gauge", prometheus.GaugeValue, name, help, slices.Concat(installationLabels, labels))
}

// counter describes a counter with the labels service_manager, deployment and
// those given.
func counter(name, help string, labels ...string) *metric {
	return newMetric("counter", prometheus.CounterValue, name, help, slices.Concat(installationLabels, labels))
}

// info describes a metric whose value is always 1.
func info(name, help string, labels ...string) *metric {
	return gauge(name, help, labels...).asInfo()
}

// stateSet describes a metric with one 0/1 sample for each state, in the label
// status, which comes last.
func stateSet(name, help string, states []string, labels ...string) *metric {
	return gauge(name, help, append(slices.Clip(labels), "status")...).asStates(states)
}

func newMetric(typ string, kind prometheus.ValueType, name, help string, labels []string) *metric {
	return &metric{
		desc: prometheus.NewDesc(name, help, labels, nil),
		kind: kind, typ: typ, name: name, help: help, labels: labels, sorted: sortedPlaces(labels), since: "12.3",
	}
}

// sortedPlaces returns the indexes of names in the order of the names.
func sortedPlaces(names []string) []int {
	places := make([]int, len(names))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return places
}

// asInfo makes a gauge one whose value is always 1.
func (m *metric) asInfo() *metric {
	m.typ = "info"
	return m
}

// asStates makes a gauge, whose last label is status, one with a 0/1 sample for
// each state.
func (m *metric) asStates(states []string) *metric {
	m.typ, m.states = "state set", slices.Concat(states, []string{unknownState})
	return m
}

// from notes the first release that has the figure.
func (m *metric) from(release string) *metric {
	m.since = release
	return m
}

// unknownState is the state that stands for all that the reference does not
// name.
const unknownState = "unknown"
