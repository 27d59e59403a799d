package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// sample is one sample of a gauge or counter. It belongs to one scrape, and shares an
// allocation with others.
type sample struct {
	of     *metric
	labels []*dto.LabelPair // sorted by name; read-only, because shared
	value  float64
	since  *timestamppb.Timestamp // start of a counter; nil if unknown
	gauge  dto.Gauge              // memory for Write
}

// Desc implements prometheus.Metric.
func (s *sample) Desc() *prometheus.Desc { return s.of.desc }

// Write implements prometheus.Metric.
func (s *sample) Write(out *dto.Metric) error {
	out.Label = s.labels
	if s.of.kind == prometheus.CounterValue {
		out.Counter = &dto.Counter{Value: &s.value, CreatedTimestamp: s.since}
	} else {
		s.gauge.Value = &s.value
		out.Gauge = &s.gauge
	}
	return nil
}

// samples makes the samples of a scrape. They are many and alike: each shares most of its
// labels with the previous one in its family, and all of them with some sample of another
// family. So each pair of name and value is made once, and memory is allocated for many
// samples at a time.
type samples struct {
	pairs  map[label]*dto.LabelPair
	latest [][]*dto.LabelPair // by rank of the family
	chunk  []sample           // not yet used
	lists  []*dto.LabelPair   // not yet used
}

type label struct{ name, value string }

func newSamples(families int) *samples {
	return &samples{pairs: map[label]*dto.LabelPair{}, latest: make([][]*dto.LabelPair, families)}
}

// chunkSize is the number of samples that memory is allocated for at a time.
const chunkSize = 128

// sample makes a sample of m, which has that rank. values are those of the labels after
// the first, whose value is first.
func (s *samples) sample(m *metric, rank int, value float64, first string, values []string) *sample {
	if len(s.chunk) == 0 {
		s.chunk = make([]sample, chunkSize)
	}
	next := &s.chunk[0]
	s.chunk = s.chunk[1:]
	next.of, next.value, next.labels = m, value, s.labels(m, rank, first, values)
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
			list[at] = s.pair(m.labels[i], value)
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

func (s *samples) pair(name, value string) *dto.LabelPair {
	pair := s.pairs[label{name, value}]
	if pair == nil {
		of := label{name, value}
		pair = &dto.LabelPair{Name: &of.name, Value: &of.value}
		s.pairs[of] = pair
	}
	return pair
}
