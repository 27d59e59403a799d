package server_test

import (
	"crypto/sha256"
	"encoding/base64"
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
	needs := regexp.MustCompile(`(?i)<script|<link|<style|\sstyle=|<iframe|<img|<base|<form|<object|\son[a-z]+=|javascript:|@import|url\(`)
	for _, request := range []string{
		"GET /", "GET /api/status.json", "GET /metrics", "GET /probe?target=gg", "GET /probe?target=gg&debug=1", "GET /sd", "GET /-/healthy", "GET /-/ready", "POST /-/reload",
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
		if path == "/debug/pprof/" { // Go's own page can do without its style, which makes a column wider
			body = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(body, "")
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s", request, policy)
		}
		if found := needs.FindString(withoutAllowed(policy, body)); strings.HasPrefix(header.Get("Content-Type"), "text/html") && found != "" {
			t.Errorf("%s: the policy does not allow %s", request, found)
		}
	}
}

// withoutAllowed returns a page without the style, the script and the icon that the policy allows.
func withoutAllowed(policy, body string) string {
	body = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllStringFunc(body, func(element string) string {
		tag, inside, _ := strings.Cut(element[1:], ">")
		sum := sha256.Sum256([]byte(strings.TrimSuffix(inside, "</"+tag+">")))
		if strings.Contains(policy, tag+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			return ""
		}
		return element
	})
	if strings.Contains(policy, "img-src data:") {
		body = regexp.MustCompile(`<link id="icon" rel="icon" href="data:image/svg\+xml,[^"]*">`).ReplaceAllString(body, "")
	}
	return body
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
