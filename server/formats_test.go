package server_test

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// TestFormats: a scrape is answered in the format that the client prefers, and name[] selects
// families.
func TestFormats(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	ask := func(accept, query string) (string, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/metrics"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", accept)
		status, header, body := e.do(t, request)
		if status != http.StatusOK || !strings.Contains(strings.Join(header.Values("Vary"), ","), "Accept") {
			t.Errorf("%s: %d, %v", accept, status, header)
		}
		return header.Get("Content-Type"), body
	}
	kind, text := ask("", "")
	if !strings.HasPrefix(kind, "text/plain; version=0.0.4") || !strings.Contains(text, "\n# TYPE ogg_up gauge\n") || !strings.Contains(text, "\ngo_goroutines ") {
		t.Errorf("text as %s:\n%.300s", kind, text)
	}
	kind, text = ask("application/openmetrics-text; version=1.0.0", "")
	if !strings.HasPrefix(kind, "application/openmetrics-text; version=1.0.0") || !strings.HasSuffix(text, "\n# EOF\n") || !strings.Contains(text, "\nogg_api_requests_created{") || !strings.Contains(text, "\nogg_api_request_duration_seconds_created{") ||
		!strings.Contains(text, "\n# UNIT ogg_process_lag_seconds seconds\n") {
		t.Errorf("OpenMetrics as %s:\n%.300s", kind, text)
	}
	kind, text = ask("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "")
	decoder := expfmt.NewDecoder(strings.NewReader(text), expfmt.NewFormat(expfmt.TypeProtoDelim))
	families := map[string]int{}
	for {
		var family dto.MetricFamily
		if decoder.Decode(&family) != nil {
			break
		}
		families[family.GetName()] = len(family.GetMetric())
	}
	if !strings.HasPrefix(kind, "application/vnd.google.protobuf") || families["ogg_up"] != 1 || families["ogg_deployment_up"] != 3 || families["go_goroutines"] != 1 {
		t.Errorf("protobuf as %s: %v", kind, families)
	}
	if _, text = ask("", "?name[]=ogg_up&name[]=go_goroutines"); strings.Count(text, "# TYPE ") != 2 {
		t.Errorf("two families:\n%s", text)
	}
}

// TestNativeHistogram: the time of requests is a classic histogram and, in protobuf, the same requests are a native
// one, too, with its creation; the text formats have the classic one alone.
func TestNativeHistogram(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporter(t, io.Discard, sm)
	const name, protobuf = "ogg_api_request_duration_seconds", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
	_, _, body := e.do(t, accepting(t, e.URL+"/metrics?name[]="+name, protobuf))
	var family dto.MetricFamily
	if err := expfmt.NewDecoder(strings.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim)).Decode(&family); err != nil {
		t.Fatal(err)
	}
	if len(family.GetMetric()) == 0 {
		t.Error("there is no histogram")
	}
	for _, m := range family.GetMetric() {
		h := m.GetHistogram()
		upTo := native(t, h)
		if all := upTo(math.MaxInt); h.GetSampleCount() == 0 || all != h.GetSampleCount() || h.GetCreatedTimestamp() == nil {
			t.Errorf("%d are in the native buckets: %v", all, h)
		}
		if len(h.GetBucket()) != len(ogg.DurationBuckets) {
			t.Errorf("it has no classic buckets: %v", h)
		}
		for _, b := range h.GetBucket() { // those that end at a power of 2 end where a native one ends
			end := math.Log2(b.GetUpperBound())
			if end == math.Trunc(end) && upTo(int(end)<<ogg.SparseSchema) != b.GetCumulativeCount() {
				t.Errorf("up to %gs: %d in native buckets, %d in the classic one", b.GetUpperBound(), upTo(int(end)<<ogg.SparseSchema), b.GetCumulativeCount())
			}
		}
	}
	for _, accept := range []string{"", "application/openmetrics-text; version=1.0.0"} {
		_, _, body := e.do(t, accepting(t, e.URL+"/metrics?name[]="+name, accept))
		if n := strings.Count(body, "\n"+name+"_bucket{"); n != (len(ogg.DurationBuckets)+1)*len(family.GetMetric()) {
			t.Errorf("%q has %d buckets:\n%s", accept, n, body)
		}
	}
}

// accepting returns a request for that format.
func accepting(t *testing.T, url, format string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", format)
	return request
}

// native returns how many observations are in the native buckets up to that index.
func native(t *testing.T, h *dto.Histogram) func(last int) uint64 {
	t.Helper()
	if h.GetSchema() != ogg.SparseSchema || h.GetZeroThreshold() != ogg.SparseZero || len(h.GetPositiveSpan()) == 0 {
		t.Errorf("it is not native: %v", h)
	}
	return func(last int) uint64 {
		all, at, n, deltas := int64(0), 0, int64(0), h.GetPositiveDelta()
		for _, span := range h.GetPositiveSpan() {
			at += int(span.GetOffset())
			for range span.GetLength() {
				if n += deltas[0]; at <= last {
					all += n
				}
				at, deltas = at+1, deltas[1:]
			}
		}
		return uint64(all) + h.GetZeroCount()
	}
}
