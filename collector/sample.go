package collector

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// sample is one sample of a gauge or counter. There may be 100,000 at once until they are
// encoded, so that it holds nothing that it shares with its family.
type sample struct {
	value  float64
	since  int64            // when the counter was 0, in Unix nanoseconds, or unknownSince
	labels []*dto.LabelPair // sorted by name; read-only, because shared
	next   *sample          // of the same list
}

// unknownSince is the since of a gauge, and of a counter that may have started at any time.
const unknownSince = -1

// list is the samples of one family that one sink has kept, in the order in which they came.
type list struct {
	first, last *sample
	n           int
	histograms  []prometheus.Metric
}

// add adds a sample, which is in no list.
func (l *list) add(s *sample) {
	if l.n == 0 {
		l.first = s
	} else {
		l.last.next = s
	}
	l.last = s
	l.n++
}

// kept is all that a sink has kept.
type kept struct {
	families *families
	lists    []list              // by rank
	failed   []prometheus.Metric // what cannot be served
}

// send sends everything.
func (k *kept) send(samples chan<- prometheus.Metric) {
	for rank, l := range k.lists {
		for _, histogram := range l.histograms {
			samples <- histogram
		}
		for s := l.first; s != nil; s = s.next {
			samples <- &sampleOf{k.families.all[rank], s}
		}
	}
	for _, failed := range k.failed {
		samples <- failed
	}
}

// sampleOf is a sample of a metric.
type sampleOf struct {
	*metric
	*sample
}

// Desc implements prometheus.Metric.
func (s *sampleOf) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s *sampleOf) Write(out *dto.Metric) error {
	var in messages
	in.fit(s.metric, 1)
	in.fill(out, s.metric, 0, s.sample)
	return nil
}

// messages is memory for the protobuf messages of the samples of one family after the other.
type messages struct {
	metrics  []dto.Metric
	list     []*dto.Metric
	gauges   []dto.Gauge
	counters []dto.Counter
	since    []timestamppb.Timestamp // of the counters
}

// fit makes room for n samples of m.
func (in *messages) fit(m *metric, n int) {
	if len(in.metrics) < n {
		in.metrics, in.list = make([]dto.Metric, n), make([]*dto.Metric, n)
	}
	switch isCounter := m.kind == prometheus.CounterValue; {
	case isCounter && len(in.counters) < n:
		in.counters, in.since = make([]dto.Counter, n), make([]timestamppb.Timestamp, n)
	case !isCounter && len(in.gauges) < n:
		in.gauges = make([]dto.Gauge, n)
	}
}

// fill makes out the message of a sample of m, with the messages at that index.
func (in *messages) fill(out *dto.Metric, m *metric, at int, s *sample) {
	out.Label, out.Gauge, out.Counter = s.labels, nil, nil
	if m.kind != prometheus.CounterValue {
		out.Gauge = &in.gauges[at]
		out.Gauge.Value = &s.value
		return
	}
	out.Counter = &in.counters[at]
	out.Counter.Value, out.Counter.CreatedTimestamp = &s.value, nil
	if s.since != unknownSince {
		since := &in.since[at]
		since.Seconds, since.Nanos = s.since/1e9, int32(s.since%1e9)
		out.Counter.CreatedTimestamp = since
	}
}

// samples makes the samples of a sink. They are many and alike: each shares most of its
// labels with the previous one in its family, and all of them with some sample of another
// family. So each pair of name and value is made once, and memory is allocated for many
// samples at a time.
type samples struct {
	known  map[label]*dto.LabelPair
	latest [][]*dto.LabelPair // by rank of the family
	chunk  []sample           // not yet used
	lists  []*dto.LabelPair   // not yet used
	pairs  []pair             // not yet used
}

type label struct{ name, value string }

// pair is a LabelPair and its value.
type pair struct {
	dto.LabelPair

	value string
}

func newSamples(families int) *samples {
	return &samples{known: map[label]*dto.LabelPair{}, latest: make([][]*dto.LabelPair, families)}
}

// chunkSize is the number of samples that memory is allocated for at a time.
const chunkSize = 128

// sample makes a sample of m, which has that rank. values are those of the labels after
// the first, whose value is first.
func (s *samples) sample(m *metric, rank int, value float64, since int64, first string, values []string) *sample {
	if len(s.chunk) == 0 {
		s.chunk = make([]sample, chunkSize)
	}
	next := &s.chunk[0]
	s.chunk = s.chunk[1:]
	next.value, next.since, next.labels = value, since, s.labels(m, rank, first, values)
	return next
}

func (s *samples) labels(m *metric, rank int, first string, values []string) []*dto.LabelPair {
	latest, list := s.latest[rank], s.list(len(m.labels))
	for at, i := range m.sorted {
		value := first
		if i > 0 {
			value = values[i-1]
		}
		if latest != nil && *latest[at].Value == value {
			list[at] = latest[at]
		} else {
			list[at] = s.pair(&m.labels[i], value)
		}
	}
	s.latest[rank] = list
	return list
}

// list returns memory for n pairs.
func (s *samples) list(n int) []*dto.LabelPair {
	if len(s.lists) < n {
		s.lists = make([]*dto.LabelPair, chunkSize*n)
	}
	list := s.lists[:n:n]
	s.lists = s.lists[n:]
	return list
}

// pair returns the pair of a name and a value, of which the expositions need valid UTF-8.
func (s *samples) pair(name *string, value string) *dto.LabelPair {
	known := s.known[label{*name, value}]
	if known == nil {
		if len(s.pairs) == 0 {
			s.pairs = make([]pair, chunkSize/4)
		}
		p := &s.pairs[0]
		s.pairs = s.pairs[1:]
		p.value = strings.ToValidUTF8(value, "\uFFFD")
		p.Name, p.Value = name, &p.value
		known = &p.LabelPair
		s.known[label{*name, value}] = known
	}
	return known
}
