package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// The formats of an exposition, as they begin.
const (
	text        = "text/plain; version=0.0.4"
	openMetrics = "application/openmetrics-text; version=1.0.0"
	protobuf    = "application/vnd.google.protobuf"
)

// exposition is what the exporter has sent, or what has arrived of it. A series is written as in the text format, with
// its labels sorted, and without those that are empty, which Prometheus's data model does not tell from missing ones.
type exposition struct {
	samples  map[string]float64
	created  map[string]float64 // when the series of a counter or histogram began, in Unix seconds
	native   map[string]nativeHistogram
	families map[string]family
}

// family is the metadata of a metric.
type family struct{ kind, help, unit string }

// nativeHistogram is one of a schema of which only the ends of buckets are left.
type nativeHistogram struct {
	count, sum, zeroes float64
	buckets            map[string]float64 // not cumulative, by their ends
}

func newExposition() *exposition {
	return &exposition{map[string]float64{}, map[string]float64{}, map[string]nativeHistogram{}, map[string]family{}}
}

// series writes a series.
func series(name string, labels map[string]string) string {
	var b strings.Builder
	b.WriteString(name)
	mark := "{"
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		if value := labels[label]; value != "" {
			fmt.Fprintf(&b, "%s%s=%q", mark, label, sameBound(label, value))
			mark = ","
		}
	}
	if mark == "," {
		b.WriteString("}")
	}
	return b.String()
}

// sameBound writes the ends of buckets, and quantiles, in one way: OpenMetrics has le="1.0" where the text format has
// le="1". Prometheus writes those from protobuf, and Prometheus 3 all, as OpenMetrics does; the others leave them.
func sameBound(label, value string) string {
	if bound, err := strconv.ParseFloat(value, 64); err == nil && (label == "le" || label == "quantile") {
		return strconv.FormatFloat(bound, 'g', -1, 64)
	}
	return value
}

// parse reads an exposition, by means that none of the clients uses, as far as it is text.
func parse(t *testing.T, kind string, body []byte) *exposition {
	t.Helper()
	if strings.HasPrefix(kind, protobuf) {
		return parseProtobuf(t, body)
	}
	e := newExposition()
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			e.describe(line)
			continue
		}
		name, value, err := parseLine(line)
		must(t, err)
		if _, twice := e.samples[name]; twice {
			t.Errorf("%s is exposed twice", name)
		}
		e.samples[name] = value
	}
	return e
}

// describe takes a line of metadata.
func (e *exposition) describe(line string) {
	part := strings.SplitN(line, " ", 4)
	if len(part) < 4 {
		return // # EOF
	}
	f := e.families[part[2]]
	switch part[1] {
	case "TYPE":
		f.kind = part[3]
	case "HELP":
		f.help = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`).Replace(part[3])
	case "UNIT":
		f.unit = part[3]
	}
	e.families[part[2]] = f
}

// parseLine reads a line with a sample.
func parseLine(line string) (string, float64, error) {
	at := strings.IndexAny(line, "{ ")
	if at < 0 {
		return "", 0, fmt.Errorf("what is %q?", line)
	}
	name, labels, rest := line[:at], map[string]string{}, line[at:]
	if after, has := strings.CutPrefix(rest, "{"); has {
		rest = after
		for !strings.HasPrefix(rest, "}") {
			label, quoted, _ := strings.Cut(strings.TrimPrefix(rest, ","), "=")
			value, err := strconv.QuotedPrefix(quoted)
			if err != nil {
				return "", 0, fmt.Errorf("%w in %q", err, line)
			}
			rest = quoted[len(value):]
			if labels[label], err = strconv.Unquote(value); err != nil {
				return "", 0, fmt.Errorf("%w in %q", err, line)
			}
		}
		rest = rest[1:]
	}
	fields := strings.Fields(rest)
	if len(fields) != 1 { // the exporter sends no time and no exemplar
		return "", 0, fmt.Errorf("what is %q?", line)
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	return series(name, labels), value, err
}

// parseProtobuf reads an exposition in protobuf.
func parseProtobuf(t *testing.T, body []byte) *exposition {
	t.Helper()
	e, decoder := newExposition(), expfmt.NewDecoder(bytes.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	for {
		var f dto.MetricFamily
		err := decoder.Decode(&f)
		if errors.Is(err, io.EOF) {
			return e
		}
		must(t, err)
		e.families[f.GetName()] = family{strings.ToLower(f.GetType().String()), f.GetHelp(), f.GetUnit()}
		for _, m := range f.GetMetric() {
			e.add(f.GetName(), m)
		}
	}
}

// add adds what a message has.
func (e *exposition) add(name string, m *dto.Metric) {
	labels := map[string]string{}
	for _, pair := range m.GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	at := series(name, labels)
	switch {
	case m.GetCounter() != nil:
		e.samples[at] = m.GetCounter().GetValue()
		if began := m.GetCounter().GetCreatedTimestamp(); began != nil {
			e.created[at] = float64(began.AsTime().UnixMilli()) / 1e3
		}
	case m.GetGauge() != nil:
		e.samples[at] = m.GetGauge().GetValue()
	case m.GetUntyped() != nil:
		e.samples[at] = m.GetUntyped().GetValue()
	case m.GetHistogram() != nil:
		h := m.GetHistogram()
		e.addHistogram(name, labels, h)
		e.created[at] = float64(h.GetCreatedTimestamp().AsTime().UnixMilli()) / 1e3
		if h.Schema != nil {
			e.native[at] = nativeOf(h)
		}
	case m.GetSummary() != nil:
		s := m.GetSummary()
		for _, q := range s.GetQuantile() {
			e.samples[series(name, with(labels, "quantile", strconv.FormatFloat(q.GetQuantile(), 'g', -1, 64)))] = q.GetValue()
		}
		e.samples[series(name+"_sum", labels)] = s.GetSampleSum()
		e.samples[series(name+"_count", labels)] = float64(s.GetSampleCount())
	}
}

// addHistogram adds a classic histogram.
func (e *exposition) addHistogram(name string, labels map[string]string, h *dto.Histogram) {
	e.samples[series(name+"_sum", labels)] = h.GetSampleSum()
	e.samples[series(name+"_count", labels)] = float64(h.GetSampleCount())
	e.samples[series(name+"_bucket", with(labels, "le", "+Inf"))] = float64(h.GetSampleCount())
	for _, b := range h.GetBucket() {
		le := strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)
		e.samples[series(name+"_bucket", with(labels, "le", le))] = float64(b.GetCumulativeCount())
	}
}

// nativeOf returns the native part of a histogram.
func nativeOf(h *dto.Histogram) nativeHistogram {
	n := nativeHistogram{float64(h.GetSampleCount()), h.GetSampleSum(), float64(h.GetZeroCount()), map[string]float64{}}
	at, count, deltas := 0, int64(0), h.GetPositiveDelta()
	for _, span := range h.GetPositiveSpan() {
		at += int(span.GetOffset())
		for range span.GetLength() {
			count += deltas[0]
			n.add(math.Exp2(float64(at)/math.Exp2(float64(h.GetSchema()))), float64(count))
			at, deltas = at+1, deltas[1:]
		}
	}
	return n
}

// add adds a bucket that ends there. The clients calculate the end, each in its own way.
func (n nativeHistogram) add(end, count float64) {
	if count > 0 {
		n.buckets[strconv.FormatFloat(end, 'g', 12, 64)] += count
	}
}

// with returns the labels and one more.
func with(labels map[string]string, label, value string) map[string]string {
	all := maps.Clone(labels)
	all[label] = value
	return all
}

// same compares what has arrived with what was exposed. equal says which values are the same; the usual one is
// identical.
func same[V any](t *testing.T, what string, exposed, arrived map[string]V, equal func(a, b V) bool) {
	t.Helper()
	var diff []string
	for name, want := range exposed {
		if got, has := arrived[name]; !has {
			diff = append(diff, fmt.Sprintf("lost: %s %v", name, want))
		} else if !equal(want, got) {
			diff = append(diff, fmt.Sprintf("changed: %s was %v, is %v", name, want, got))
		}
	}
	for name, got := range arrived {
		if _, has := exposed[name]; !has {
			diff = append(diff, fmt.Sprintf("invented: %s %v", name, got))
		}
	}
	slices.Sort(diff)
	if n := len(diff); n > 0 {
		t.Errorf("%s: %d of %d differ:\n%s", what, n, len(exposed), strings.Join(diff[:min(n, 40)], "\n"))
	}
	t.Logf("%s: %d compared", what, len(exposed))
}

// identical reports whether two values are the same; all NaN are.
func identical(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// nearly reports whether two values differ in the 16th digit at most.
func nearly(a, b float64) bool {
	return identical(a, b) || math.Abs(a-b) <= 1e-15*max(math.Abs(a), math.Abs(b))
}

// count returns how many series a metric has.
func (e *exposition) count(name string) int {
	n := 0
	for at := range e.samples {
		if strings.HasPrefix(at, name+"{") {
			n++
		}
	}
	return n
}

// sameNative reports whether two native histograms are the same.
func sameNative(a, b nativeHistogram) bool {
	return a.count == b.count && a.sum == b.sum && a.zeroes == b.zeroes && maps.Equal(a.buckets, b.buckets)
}

// without returns the samples whose series does not begin with the prefix.
func without(samples map[string]float64, prefix string) map[string]float64 {
	left := maps.Clone(samples)
	maps.DeleteFunc(left, func(name string, _ float64) bool { return strings.HasPrefix(name, prefix) })
	return left
}
