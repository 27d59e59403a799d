package clients

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"go.yaml.in/yaml/v3"
)

// TestOpenTelemetry: all samples arrive in the OpenTelemetry Collector's receiver for Prometheus, as numbers and
// histograms of OpenTelemetry with their units and starts.
func TestOpenTelemetry(t *testing.T) {
	for name, c := range map[string]struct {
		config, format string
	}{
		"OpenMetrics": {"otel-collector.yml", openMetrics},
		"native":      {"otel-collector-native.yml", protobuf},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, sink := record(t), &consumertest.MetricsSink{}
			warnings := startReceiver(t, configured(t, c.config, r.address()), sink)
			until(t, func() error {
				if n := len(sink.AllMetrics()); n < 2 {
					return fmt.Errorf("it has sent %d batches", n)
				}
				return nil
			})
			arrived := fromOpenTelemetry(t, sink.AllMetrics()[1], r.address())
			exposed := r.exposed(t, c.format)
			if c.format == openMetrics {
				exposed.takeCreated()
			} else {
				for at := range exposed.native { // as an exponential histogram alone
					name, _, _ := strings.Cut(at, "{")
					exposed.samples = without(exposed.samples, name+"_")
				}
				clear(exposed.created) // protobuf's are for the feature gate EnableCreatedTimestampZeroIngestion
			}
			same(t, "samples", exposed.samples, arrived.samples, identical)
			same(t, "native histograms", exposed.native, arrived.native, sameNative)
			// Go's own gauge has, in OpenMetrics, the name of Go's own counter go_memstats_alloc_bytes_total without _total.
			delete(arrived.families, "go_memstats_alloc_bytes")
			delete(exposed.families, "go_memstats_alloc_bytes")
			delete(arrived.families, "go_memstats_alloc_bytes_total")
			delete(exposed.families, "go_memstats_alloc_bytes_total")
			same(t, "metadata", asOpenTelemetry(exposed), arrived.families, func(a, b family) bool { return a == b })
			same(t, "starts", exposed.created, arrived.created, func(a, b float64) bool { return math.Abs(a-b) < 2e-3 })
			for _, warning := range warnings.All() {
				t.Errorf("it warns: %s %v", warning.Message, warning.ContextMap())
			}
		})
	}
}

// asOpenTelemetry returns the metadata as the receiver should have it: under the names of the samples, and in terms of
// OpenTelemetry.
func asOpenTelemetry(e *exposition) map[string]family {
	kinds := map[string]string{"gauge": "Gauge", "counter": "Sum", "histogram": "Histogram", "summary": "Summary"}
	units := map[string]string{"seconds": "s", "bytes": "By", "ratio": "1", "percent": "%"}
	all := map[string]family{}
	for name, f := range e.families {
		if f.kind == "counter" && !strings.HasSuffix(name, "_total") { // as OpenMetrics has it
			name += "_total"
		}
		all[name] = family{kinds[f.kind], f.help, cmp.Or(units[f.unit], f.unit)}
	}
	for at := range e.native {
		name, _, _ := strings.Cut(at, "{")
		all[name] = family{"ExponentialHistogram", all[name].help, all[name].unit}
	}
	return all
}

// startReceiver starts the receiver with what the configuration of a Collector says of it.
func startReceiver(t *testing.T, configuration string, sink *consumertest.MetricsSink) *observer.ObservedLogs {
	t.Helper()
	var all struct {
		Receivers map[string]map[string]any
	}
	must(t, yaml.Unmarshal([]byte(configuration), &all))
	factory := prometheusreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	must(t, confmap.NewFromStringMap(all.Receivers["prometheus"]).Unmarshal(config))
	core, warnings := observer.New(zap.WarnLevel)
	settings := receivertest.NewNopSettings(factory.Type())
	settings.Logger = zap.New(core)
	receiver, err := factory.CreateMetrics(t.Context(), settings, config, sink)
	must(t, err)
	must(t, receiver.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { must(t, receiver.Shutdown(t.Context())) })
	return warnings
}

// takeCreated takes the times of creation out of the samples: OpenTelemetry keeps them as the starts of its points.
func (e *exposition) takeCreated() {
	for at, began := range e.samples {
		name, labels, _ := strings.Cut(at, "{")
		if of, is := strings.CutSuffix(name, "_created"); is {
			if _, counter := e.samples[of+"_total{"+labels]; counter {
				of += "_total"
			}
			delete(e.samples, at)
			e.created[of+"{"+labels] = began
		}
	}
}

// fromOpenTelemetry returns what is in a batch, without the metrics about the scrape.
func fromOpenTelemetry(t *testing.T, batch pmetric.Metrics, instance string) *exposition {
	t.Helper()
	e := newExposition()
	for i := range batch.ResourceMetrics().Len() {
		resource := batch.ResourceMetrics().At(i)
		of := labelsOf(resource.Resource().Attributes())
		if of["service.name"] != "ogg" || of["service.instance.id"] != instance {
			t.Errorf("the resource is %v", of)
		}
		for j := range resource.ScopeMetrics().Len() {
			metrics := resource.ScopeMetrics().At(j).Metrics()
			for k := range metrics.Len() {
				m := metrics.At(k)
				if m.Name() != "up" && !strings.HasPrefix(m.Name(), "scrape_") {
					e.families[m.Name()] = family{m.Type().String(), m.Description(), m.Unit()}
					e.take(t, m)
				}
			}
		}
	}
	return e
}

// take takes the points of a metric.
func (e *exposition) take(t *testing.T, m pmetric.Metric) {
	t.Helper()
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		e.takeNumbers(m.Name(), m.Gauge().DataPoints(), false)
	case pmetric.MetricTypeSum:
		if s := m.Sum(); !s.IsMonotonic() || s.AggregationTemporality() != pmetric.AggregationTemporalityCumulative {
			t.Errorf("%s is not a counter", m.Name())
		}
		e.takeNumbers(m.Name(), m.Sum().DataPoints(), true)
	case pmetric.MetricTypeHistogram:
		for i := range m.Histogram().DataPoints().Len() {
			e.takeHistogram(m.Name(), m.Histogram().DataPoints().At(i))
		}
	case pmetric.MetricTypeExponentialHistogram:
		for i := range m.ExponentialHistogram().DataPoints().Len() {
			e.takeExponential(m.Name(), m.ExponentialHistogram().DataPoints().At(i))
		}
	case pmetric.MetricTypeSummary:
		for i := range m.Summary().DataPoints().Len() {
			e.takeSummary(m.Name(), m.Summary().DataPoints().At(i))
		}
	default:
		t.Errorf("%s is a %s", m.Name(), m.Type())
	}
}

// takeNumbers takes the points of a gauge or a counter.
func (e *exposition) takeNumbers(name string, points pmetric.NumberDataPointSlice, cumulative bool) {
	for i := range points.Len() {
		p := points.At(i)
		at := series(name, labelsOf(p.Attributes()))
		e.samples[at] = p.DoubleValue()
		if cumulative {
			e.begin(at, p.StartTimestamp(), p.Timestamp())
		}
	}
}

// begin takes the start of a series.
func (e *exposition) begin(at string, start, now pcommon.Timestamp) {
	if start != 0 && start != now {
		e.created[at] = float64(start) / 1e9
	}
}

// takeHistogram takes a histogram with given bounds, whose counts OpenTelemetry has for each bucket alone.
func (e *exposition) takeHistogram(name string, p pmetric.HistogramDataPoint) {
	labels := labelsOf(p.Attributes())
	e.begin(series(name, labels), p.StartTimestamp(), p.Timestamp())
	e.samples[series(name+"_sum", labels)] = p.Sum()
	e.samples[series(name+"_count", labels)] = float64(p.Count())
	count := uint64(0)
	for i := range p.BucketCounts().Len() {
		count += p.BucketCounts().At(i)
		le := "+Inf"
		if i < p.ExplicitBounds().Len() {
			le = strconv.FormatFloat(p.ExplicitBounds().At(i), 'g', -1, 64)
		}
		e.samples[series(name+"_bucket", with(labels, "le", le))] = float64(count)
	}
}

// takeExponential takes a native histogram. Its buckets are called by where they begin.
func (e *exposition) takeExponential(name string, p pmetric.ExponentialHistogramDataPoint) {
	at := series(name, labelsOf(p.Attributes()))
	e.begin(at, p.StartTimestamp(), p.Timestamp())
	n := nativeHistogram{float64(p.Count()), p.Sum(), float64(p.ZeroCount()), map[string]float64{}}
	for i := range p.Positive().BucketCounts().Len() {
		end := float64(int(p.Positive().Offset())+i+1) / math.Exp2(float64(p.Scale()))
		n.add(math.Exp2(end), float64(p.Positive().BucketCounts().At(i)))
	}
	e.native[at] = n
}

// takeSummary takes a summary.
func (e *exposition) takeSummary(name string, p pmetric.SummaryDataPoint) {
	labels := labelsOf(p.Attributes())
	e.samples[series(name+"_sum", labels)] = p.Sum()
	e.samples[series(name+"_count", labels)] = float64(p.Count())
	for i := range p.QuantileValues().Len() {
		q := p.QuantileValues().At(i)
		e.samples[series(name, with(labels, "quantile", strconv.FormatFloat(q.Quantile(), 'g', -1, 64)))] = q.Value()
	}
}

// labelsOf returns attributes as labels.
func labelsOf(attributes pcommon.Map) map[string]string {
	all := map[string]string{}
	for name, value := range attributes.All() {
		all[name] = value.AsString()
	}
	return all
}
