package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// prometheusCase is a way to run Prometheus.
type prometheusCase struct {
	program func(*testing.T) string
	config  string
	flags   []string
	format  string // in which it gets the exposition
	classic bool   // whether it keeps the classic form of a histogram that is native, too
	native  bool   // whether it keeps the native one
	created bool   // whether it keeps when a counter began as a sample of its own
	zeroes  bool   // whether it stores a 0 where a counter began
	units   bool   // whether it knows the units
}

// TestPrometheus: all samples arrive in Prometheus 2 and 3, in each format that these ask for, with the metadata.
func TestPrometheus(t *testing.T) {
	two := func(t *testing.T) string { t.Helper(); return installed(t, "prometheus") }
	three := func(t *testing.T) string {
		t.Helper()
		path, err := prometheus3Program()
		must(t, err)
		return path
	}
	for name, c := range map[string]prometheusCase{
		"2": {program: two, config: "prometheus.yml", format: openMetrics, classic: true, created: true, units: true},
		// It takes the native histogram in place of the classic one, and its protobuf has no units.
		"2 native": {program: two, config: "prometheus.yml", format: protobuf, native: true, flags: []string{"--enable-feature=native-histograms"}},
		"3":        {program: three, config: "prometheus.yml", format: openMetrics, classic: true, created: true, units: true},
		"3 native": {program: three, config: "prometheus-native.yml", format: protobuf, classic: true, native: true, units: true},
		"3 created": {
			program: three, config: "prometheus-native.yml", format: protobuf, classic: true, native: true, units: true,
			zeroes: true, flags: []string{"--enable-feature=created-timestamp-zero-ingestion"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := c.program(t)
			r := record(t)
			p := start(t, program, append(c.flags, "--config.file="+configFile(t, c.config, r.address()),
				"--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0")...)
			api := "http://" + p.says(t, `msg="Listening on" (?:component=web )?address=(\S+)`) + "/api/v1/"
			until(t, func() error { return scrapedTwice(api) })
			arrived, exposed := fromPrometheus(t, api), r.exposed(t, c.format)
			c.compare(t, exposed, arrived)
			if n := zeroes(t, api); (n > 0) != c.zeroes || c.zeroes && n != exposed.count("ogg_api_requests_total") {
				t.Errorf("%d counters of requests begin with 0", n)
			}
			if odd := p.warnings(`(?i)level=(warn|error)`); len(odd) > 0 {
				t.Errorf("it warns:\n%s", strings.Join(odd, "\n"))
			}
		})
	}
}

// compare compares what was exposed with what has arrived.
func (c prometheusCase) compare(t *testing.T, exposed, arrived *exposition) {
	t.Helper()
	samples := exposed.samples
	for at := range exposed.native {
		if name, _, _ := strings.Cut(at, "{"); !c.classic {
			samples = without(samples, name+"_")
		}
	}
	same(t, "samples", samples, arrived.samples, identical)
	if (len(exposed.native) > 0) != c.native {
		t.Errorf("%d native histograms are exposed", len(exposed.native))
	}
	same(t, "native histograms", exposed.native, arrived.native, sameNative)
	began := 0
	for name := range samples {
		if strings.HasPrefix(name, "ogg_api_") && strings.Contains(name, "_created{") {
			began++
		}
	}
	if (began > 0) != c.created {
		t.Errorf("%d samples say when something began", began)
	}
	families := maps.Clone(exposed.families)
	if !c.units {
		for name, f := range families {
			f.unit = ""
			families[name] = f
		}
	}
	same(t, "metadata", families, arrived.families, func(a, b family) bool { return a == b })
}

// scrapedTwice reports whether a target was scraped twice.
func scrapedTwice(api string) error {
	var got struct{ Data vector }
	if err := get(api+"query?query="+url.QueryEscape(`sum_over_time(up{job="ogg"}[5m])`), &got); err != nil {
		return err
	}
	if len(got.Data.Result) != 1 || number(got.Data.Result[0].Value[1]) < 2 {
		return fmt.Errorf("it has not scraped twice: %v", got.Data.Result)
	}
	return nil
}

// zeroes returns how many counters of requests, which show once there was a request, have a sample of 0.
func zeroes(t *testing.T, api string) int {
	t.Helper()
	var got struct{ Data vector }
	must(t, get(api+"query?query="+url.QueryEscape(`min_over_time(ogg_api_requests_total{job="ogg"}[1h]) == 0`), &got))
	return len(got.Data.Result)
}

// vector is what a query of the present returns.
type vector struct{ Result []sample }

// sample is one of its samples: with a time and a value, or with a time and a histogram.
type sample struct {
	Metric    map[string]string
	Value     [2]any
	Histogram []json.RawMessage
}

// native returns the native histogram.
func (s sample) native() (nativeHistogram, error) {
	var h struct {
		Count, Sum float64 `json:",string"`
		Buckets    [][]any // the kind of the bounds, the bounds, and a count
	}
	err := json.Unmarshal(s.Histogram[1], &h)
	n := nativeHistogram{count: h.Count, sum: h.Sum, buckets: map[string]float64{}}
	for _, bucket := range h.Buckets {
		from, end, count := number(bucket[1]), number(bucket[2]), number(bucket[3])
		if from <= 0 {
			n.zeroes += count
		} else {
			n.add(end, count)
		}
	}
	return n, err
}

// number reads a number in a string.
func number(written any) float64 {
	text, _ := written.(string)
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return -1
	}
	return value
}

// fromPrometheus returns what Prometheus has of the job, without the labels of the target and the metrics of its own
// about the scrape.
func fromPrometheus(t *testing.T, api string) *exposition {
	t.Helper()
	e := newExposition()
	var got struct{ Data vector }
	must(t, get(api+"query?query="+url.QueryEscape(`{job="ogg"}`), &got))
	for _, s := range got.Data.Result {
		name := s.Metric["__name__"]
		if name == "up" || strings.HasPrefix(name, "scrape_") {
			continue
		}
		at := series(name, withoutTarget(s.Metric))
		if len(s.Histogram) == 0 {
			e.samples[at] = number(s.Value[1])
			continue
		}
		n, err := s.native()
		must(t, err)
		e.native[at] = n
	}
	var known struct {
		Data map[string][]struct{ Type, Help, Unit string }
	}
	must(t, get(api+"metadata", &known))
	for name, of := range known.Data {
		if len(of) != 1 {
			t.Errorf("%s is described in %d ways: %v", name, len(of), of)
		}
		e.families[name] = family{of[0].Type, of[0].Help, of[0].Unit}
	}
	return e
}

// withoutTarget returns the labels of a sample that are not the target's.
func withoutTarget(labels map[string]string) map[string]string {
	left := maps.Clone(labels)
	delete(left, "__name__")
	delete(left, "job")
	delete(left, "instance")
	return left
}

// get reads JSON.
func get(from string, into any) error {
	answer, err := http.Get(from)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("%s: %.200s", answer.Status, body))
	}
	return json.Unmarshal(body, into)
}
