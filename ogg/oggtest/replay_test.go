package oggtest_test

import (
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// folder writes files into a new folder, which has a capture.json in any case.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{"capture.json": `{"service_manager":"gg","selection":{"include_paths":"A.*"}}`}
	maps.Copy(all, files)
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReplay: what was recorded is answered as it was, for the whole of path and
// query, in the layout of NGINX and for anybody.
func TestReplay(t *testing.T) {
	t.Parallel()
	r, err := oggtest.Replay(folder(t, map[string]string{
		"a.json": `{"deployment":"ServiceManager","microservice":"ServiceManager","path":"/deployments","status":200,"content_type":"application/json","body":{"n": 1.40E14}}`,
		"b.json": `{"deployment":"a b","microservice":"adminsrvr","path":"/trails/ea?path=x%2Fy","status":200,"body":[]}`,
		"c.json": `{"deployment":"north","microservice":"distsrvr","path":"/sources","status":502,"content_type":"text/html","body":"<h1>\"no\"</h1>"}`,
		"d.json": `{"deployment":"north","microservice":"recvsrvr","path":"/targets","error":"connection refused"}`,
		"e.json": `{"deployment":"ServiceManager","microservice":"pluginsrvr","path":"/x","status":204}`,
		"README": "not an answer",
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	for path, want := range map[string]struct {
		status      int
		contentType string
		body        string
	}{
		"/services/ServiceManager/v2/deployments":           {200, "application/json", `{"n": 1.40E14}`},
		"/services/a%20b/adminsrvr/v2/trails/ea?path=x%2Fy": {200, "", `[]`},
		"/services/north/distsrvr/v2/sources":               {502, "text/html", `<h1>"no"</h1>`},
		"/services/ServiceManager/pluginsrvr/v2/x":          {204, "", ""},
		"/services/a%20b/adminsrvr/v2/trails/ea":            {404, "application/json", "OGG-12031"},
		"/services/north/distsrvr/v2/sources?x=1":           {404, "application/json", "OGG-12031"},
		"/services/v2/deployments":                          {404, "application/json", "OGG-12031"},
		"/":                                                 {404, "application/json", "OGG-12031"},
	} {
		answer, err := http.Get(r.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want.status || !strings.Contains(string(body), want.body) || want.contentType != "" && answer.Header.Get("Content-Type") != want.contentType {
			t.Errorf("%s: %d %s %s", path, answer.StatusCode, answer.Header.Get("Content-Type"), body)
		}
	}
	if answer, err := http.Get(r.URL() + "/services/north/recvsrvr/v2/targets"); err == nil {
		answer.Body.Close()
		t.Errorf("got %s where there was no answer", answer.Status)
	}
	if answer, err := http.Post(r.URL()+"/services/ServiceManager/v2/deployments", "", nil); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("POST: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
	if r.ServiceManager() != "gg" || r.Selection()["include_paths"] != "A.*" {
		t.Errorf("got %q, %v", r.ServiceManager(), r.Selection())
	}
	r.Close()
	if _, err := http.Get(r.URL() + "/"); err == nil {
		t.Error("it answers after Close")
	}
}

// TestReplayRefuses names the file that is wrong.
func TestReplayRefuses(t *testing.T) {
	t.Parallel()
	const good = `{"deployment":"a","microservice":"b","path":"/c","status":200,"body":{}}`
	for want, files := range map[string]map[string]string{
		"no recorded answer":             {},
		"capture.json":                   {"capture.json": `[]`, "a.json": good},
		"a.json: unexpected end":         {"a.json": `{"deployment":`},
		"a.json: the request is missing": {"a.json": `{"deployment":"a","status":200}`},
		"a.json: invalid status 7":       {"a.json": `{"deployment":"a","microservice":"b","path":"/c","status":7}`},
		"b.json: another file":           {"a.json": good, "b.json": good},
	} {
		if r, err := oggtest.Replay(folder(t, files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
			if err == nil {
				r.Close()
			}
		}
	}
	if _, err := oggtest.Replay(t.TempDir()); err == nil || !strings.Contains(err.Error(), "capture.json") {
		t.Errorf("without capture.json: %v", err)
	}
}
