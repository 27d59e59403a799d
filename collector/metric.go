package collector

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ogg-exporter/ogg_exporter/wire"
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
	rank   int      // its place in families
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

// sink is where the samples of one Service Manager go, or of one entry of oci. It
// keeps them, because only when all are there is it known whether they are too many.
type sink struct {
	name     string // the value of the first label of all
	samples  *samples
	families [][]prometheus.Metric // by rank
}

func newSink(name string) sink {
	return sink{name, newSamples(), make([][]prometheus.Metric, len(families))}
}

// flush passes on what the sink has kept.
func (to sink) flush(samples chan<- prometheus.Metric) {
	for _, family := range to.families {
		for _, sample := range family {
			samples <- sample
		}
	}
}

// add keeps one sample of the family.
func (to sink) add(m *metric, sample prometheus.Metric) {
	to.families[m.rank] = append(to.families[m.rank], sample)
}

// sample sends one sample. labels are the values after the first.
func (to sink) sample(m *metric, value float64, labels ...string) {
	to.counted(m, value, wire.Timestamp{}, labels)
}

// counted sends one sample, of a counter that began at that moment if there is one.
func (to sink) counted(m *metric, value float64, since wire.Timestamp, labels []string) {
	if len(labels) != len(m.labels)-1 {
		to.add(m, prometheus.NewInvalidMetric(m.desc, errLabels))
		return
	}
	s := to.samples.sample(m, value, to.name, labels)
	if !since.IsZero() {
		s.since = timestamppb.New(since.Time)
	}
	to.add(m, s)
}

// number sends a sample if there is a figure.
func (to sink) number(m *metric, n wire.Number, labels ...string) {
	if v, known := n.Value(); known {
		to.sample(m, v, labels...)
	}
}

// count sends a sample of a counter that began at 0 at that moment, if there is a
// figure.
func (to sink) count(m *metric, n wire.Number, since wire.Timestamp, labels ...string) {
	if v, known := n.Value(); known {
		to.counted(m, v, since, labels)
	}
}

// timestamp sends a sample, in Unix seconds, if there is a moment.
func (to sink) timestamp(m *metric, t wire.Timestamp, labels ...string) {
	if v, known := t.Seconds(); known {
		to.sample(m, v, labels...)
	}
}

// boolean sends 1 or 0 if the fact is known.
func (to sink) boolean(m *metric, fact *bool, labels ...string) {
	if fact != nil {
		to.sample(m, zeroOne(*fact), labels...)
	}
}

// unknownState is the state that stands for all that the reference does not
// name.
const unknownState = "unknown"

// state sends a sample for each state of the set m, and for up whether the state
// is "running"; nothing if the state is not known.
func (to sink) state(m, up *metric, current string, labels ...string) {
	if current != "" {
		to.sample(up, zeroOne(current == "running"), labels...)
	}
	to.states(m, current, labels...)
}

// states sends a sample for each state of the set m; nothing if the state is not
// known.
func (to sink) states(m *metric, current string, labels ...string) {
	if current == "" {
		return
	}
	met := false
	labels = with(labels, current)
	for _, state := range m.states {
		is := state == current || state == unknownState && !met
		met = met || is
		labels[len(labels)-1] = state
		to.sample(m, zeroOne(is), labels...)
	}
}

// with returns the labels with more at their end.
func with(labels []string, more ...string) []string { return slices.Concat(labels, more) }

// zeroOne is 1 for true.
func zeroOne(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
