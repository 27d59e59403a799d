package server_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// TestCompression: a scraper gets the form that it asks for, and only that.
func TestCompression(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", oggtest.Installation{Release: oggtest.Release26ai, Deployments: []oggtest.Deployment{{Name: "north"}}})
	e := newExporter(t, io.Discard, sm)
	for accepted, want := range map[string]string{
		"": "", "identity": "", "br": "", "gzip": "gzip", "gzip;q=0": "", "zstd, gzip;q=0.5": "gzip",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", accepted)
		answer, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = answer.Body
		got := answer.Header.Get("Content-Encoding")
		if got == "gzip" {
			if body, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil || got != want || !strings.Contains(string(text), "ogg_up{") {
			t.Errorf("Accept-Encoding %q: got %q, want %q; %d bytes, %v", accepted, got, want, len(text), err)
		}
		_ = answer.Body.Close()
	}
}
