package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/server"
)

// TestHeaders: every answer, errors too, says how little a browser may do with it, and the
// pages need no more.
func TestHeaders(t *testing.T) {
	t.Parallel()
	_, sm := simulate(t, "gg", twoDeployments(false))
	e := newExporterWith(t, io.Discard, server.Options{EnableDebug: true, EnablePprof: true}, sm)
	e.configure(sm)
	needs := regexp.MustCompile(`(?i)<script|<link|<iframe|<img|<base|<form|<object|\son[a-z]+=|javascript:|@import|url\(`)
	for _, request := range []string{
		"GET /", "GET /metrics", "GET /probe?target=gg", "GET /probe?target=gg&debug=1", "GET /sd", "GET /-/healthy", "GET /-/ready", "POST /-/reload",
		"GET /debug/pprof/", "GET /debug/pprof/cmdline", "GET /debug/pprof/goroutine?debug=1", "GET /debug/pprof/heap", "GET /debug/pprof/nothing",
		"GET /nothing", "GET /probe", "GET /probe?target=x", "POST /metrics", "GET /-/reload", "GET //metrics", "HEAD /metrics",
	} {
		method, path, _ := strings.Cut(request, " ")
		_, header, body := e.ask(t, method, path)
		policy := header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: no %s in %q", request, part, policy)
			}
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", request, header)
		}
		if header.Get("Content-Type") == "" && method != http.MethodHead {
			t.Errorf("%s: no type", request)
		}
		if found := needs.FindString(body); strings.HasPrefix(header.Get("Content-Type"), "text/html") && found != "" {
			t.Errorf("%s: the policy does not allow %s", request, found)
		}
	}
}

// TestHeadersKept: what --web.config.file sets stays.
func TestHeadersKept(t *testing.T) {
	t.Parallel()
	const policy = "default-src 'self'"
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Security-Policy", policy)
	newExporter(t, io.Discard).Config.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if got := answer.Header().Values("Content-Security-Policy"); len(got) != 1 || got[0] != policy {
		t.Errorf("got %q", got)
	}
}
