package collector

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// sink takes the samples of one Service Manager, of one entry of oci, or of the pipelines. It keeps
// them, because only the last one shows whether there are too many.
type sink struct {
	name     string // the value of the first label of every sample
	families *families
	samples  *samples
	kept     *kept
	bound    *bound
}

func newSink(name string, of *families, maxSeries int) sink {
	kept := &kept{families: of, lists: make([]list, len(of.all))}
	return sink{name, of, newSamples(len(of.all)), kept, newBound(of, kept.lists, maxSeries)}
}

// of returns the same sink for samples whose first label has that value.
func (to sink) of(name string) sink {
	to.name = name
	return to
}

// histogram keeps one histogram of m.
func (to sink) histogram(m *metric, histogram prometheus.Metric) {
	if rank, listed := to.families.ranks[m]; !listed {
		to.fail(m, errUnlisted)
	} else if to.bound.admits(rank, m.series(1), 0) {
		to.kept.lists[rank].histograms = append(to.kept.lists[rank].histograms, histogram)
	}
}

// Mistakes in this package.
var (
	errLabels   = errors.New("the number of values is not that of the labels")
	errUnlisted = errors.New("the metric is in no list of collectors.go")
)

// fail keeps the mistake in place of the samples of a metric, once: the scrape reports
// it and serves everything else.
func (to sink) fail(m *metric, mistake error) {
	failed := &to.kept.failed
	if !slices.ContainsFunc(*failed, func(f prometheus.Metric) bool { return f.Desc() == m.desc }) {
		*failed = append(*failed, prometheus.NewInvalidMetric(m.desc, fmt.Errorf("%s: %w", m.name, mistake)))
	}
}

// sample sends one sample. labels are the values of the labels after the first.
func (to sink) sample(m *metric, value float64, labels ...string) {
	to.counted(m, value, wire.Timestamp{}, labels)
}

// counted sends one sample; of a counter, since is when it started, if known.
func (to sink) counted(m *metric, value float64, since wire.Timestamp, labels []string) {
	rank, listed := to.families.ranks[m]
	switch {
	case !listed:
		to.fail(m, errUnlisted)
		return
	case len(labels) != max(len(m.labels)-1, 0): // few metrics have no label at all
		to.fail(m, errLabels)
		return
	}
	if !to.bound.admits(rank, m.series(1), sizeOf(to.name, labels)) {
		return
	}
	created := int64(unknownSince)
	if m.kind == prometheus.CounterValue && isCreated(since) {
		created = since.UnixNano()
	}
	to.kept.lists[rank].add(to.samples.sample(m, rank, value, created, to.name, labels))
}

// sizeOf returns how many bytes label values have.
func sizeOf(first string, others []string) int {
	n := len(first)
	for _, value := range others {
		n += len(value)
	}
	return n
}

// isCreated reports whether a counter can have started at that time, and the expositions can
// express it: they count nanoseconds from 1970, which end in 2262.
func isCreated(t wire.Timestamp) bool {
	return !t.Before(time.Unix(0, 0)) && !t.After(time.Unix(0, math.MaxInt64))
}

// number sends a sample if the number is known.
func (to sink) number(m *metric, n wire.Number, labels ...string) {
	if v, known := n.Value(); known {
		to.sample(m, v, labels...)
	}
}

// count sends a sample of a counter that was 0 at since, if the number is known.
func (to sink) count(m *metric, n wire.Number, since wire.Timestamp, labels ...string) {
	if v, known := n.Value(); known {
		to.counted(m, v, since, labels)
	}
}

// timestamp sends a sample, in Unix seconds, if the time is known.
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

// state sends a sample for each state of the set m, and for up whether the state is
// "running"; nothing if there is no state.
func (to sink) state(m, up *metric, current string, labels ...string) {
	if current != "" {
		to.sample(up, zeroOne(current == "running"), labels...)
	}
	to.states(m, current, labels...)
}

// states sends a sample for each state of the set m; nothing if there is no state.
func (to sink) states(m *metric, current string, labels ...string) {
	if current == "" {
		return
	}
	if !slices.Contains(m.states, current) {
		current = unknownState
	}
	labels = with(labels, current)
	for _, state := range m.ordered {
		labels[len(labels)-1] = state
		to.sample(m, zeroOne(state == current), labels...)
	}
}

// with returns a new list of the labels and more. It is inlined, so that a list which does not
// outlive its caller needs no allocation.
func with(labels []string, more ...string) []string {
	var few [8]string
	return append(append(few[:0], labels...), more...)
}

func zeroOne(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
