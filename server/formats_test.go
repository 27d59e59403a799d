package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
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
