package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// previewSpan is how long Prometheus scrapes the demo before dashboards are drawn, and what they show.
const previewSpan = time.Minute

// TestPreview draws the dashboards with Grafana's own components, from what Prometheus has scraped of the
// demo, into DIRECTORY/NAME-THEME-WIDTH.png. `make preview` runs it, and sets
//
//	PREVIEW             the DIRECTORY, which has the page in _page
//	PREVIEW_DASHBOARDS  names of dashboards, else all are drawn
//	PREVIEW_LOOKS       such as dark-1600, else all four
//	PREVIEW_PROMETHEUS  the URL of another Prometheus server, whose data is then drawn
func TestPreview(t *testing.T) {
	directory := os.Getenv("PREVIEW")
	if directory == "" {
		t.Skip("make preview runs it")
	}
	p := preview{directory: directory, browser: startBrowser(t)}
	p.to, p.prometheus = startPreviewed(t)
	p.url = p.serve(t)
	for _, name := range p.names(t) {
		for _, look := range wanted("PREVIEW_LOOKS", "dark-1600", "dark-1200", "light-1600", "light-1200") {
			t.Run(name+"-"+look, func(t *testing.T) { p.draw(t, name, look) })
		}
	}
}

// preview draws dashboards.
type preview struct {
	directory       string
	url, prometheus string
	browser         context.Context
	to              time.Time // where the time range ends
}

// wanted returns the words of an environment variable, or what is the default.
func wanted(name string, otherwise ...string) []string {
	if words := strings.Fields(os.Getenv(name)); words != nil {
		return words
	}
	return otherwise
}

// startPreviewed returns a Prometheus server that has scraped the demo, and when.
func startPreviewed(t *testing.T) (time.Time, string) {
	t.Helper()
	if other := os.Getenv("PREVIEW_PROMETHEUS"); other != "" {
		return time.Now(), other
	}
	exporter := startListening(t, buildExporter(t), "--demo")
	s := startScraping(t, neededProgram(t, "prometheus", "package prometheus"), exporter,
		"scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s", "rule_files: ['"+fastRules(t)+"/*.yml']\n")
	from := time.Now()
	until(t, func() error {
		to := strconv.FormatInt(from.Add(previewSpan).Unix(), 10)
		n, err := s.count("query", url.Values{"query": {"up offset 1s"}, "time": {to}})
		if err == nil && (n == 0 || time.Since(from) < previewSpan) {
			err = errors.New("it has yet to scrape for long enough")
		}
		return err
	})
	return time.Now(), s.url
}

// serve serves the page, the dashboards and the API of Prometheus.
func (p preview) serve(t *testing.T) string {
	t.Helper()
	prometheus, err := url.Parse(p.prometheus)
	must(t, err)
	files := func(prefix, directory string) (string, http.Handler) {
		return prefix, http.StripPrefix(prefix, http.FileServer(http.Dir(directory)))
	}
	built := filepath.Join(p.directory, "_page")
	modules := filepath.Join(built, "node_modules")
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", httputil.NewSingleHostReverseProxy(prometheus))
	mux.Handle(files("/dashboards/broken", "testdata/preview"))
	mux.Handle(files("/dashboards/", "../dashboards"))
	mux.Handle(files("/public/build/", filepath.Join(modules, "@grafana/ui/dist/public")))
	mux.Handle(files("/", built))
	for name, weight := range map[string]string{"Regular": "400", "Medium": "500"} { // the library has no fonts
		mux.HandleFunc("/public/fonts/inter/Inter-"+name+".woff2", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, filepath.Join(modules, "@fontsource/inter/files/inter-latin-"+weight+"-normal.woff2"))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// names are those of the dashboards to draw.
func (p preview) names(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../dashboards/*.json")
	must(t, err)
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return wanted("PREVIEW_DASHBOARDS", files...)
}

// drawn is what the page says of itself.
type drawn struct {
	Problems, Empty []string
}

// draw draws a dashboard.
func (p preview) draw(t *testing.T, name, look string) {
	theme, width, _ := strings.Cut(look, "-")
	pixels, err := strconv.ParseInt(width, 10, 64)
	must(t, err)
	tb := openTab(t, p.browser, "")
	d := p.open(t, tb, name, theme, pixels)
	tb.picture(t, filepath.Join(p.directory, name+"-"+look+".png"), pixels)
	for _, problem := range d.Problems {
		t.Error(problem)
	}
	for _, panel := range d.Empty {
		if !slices.Contains(withoutData, name+".json: "+panel) {
			t.Errorf("%s has no data", panel)
		}
	}
	tb.silent(t)
}

// open opens a dashboard and waits until it is drawn.
func (p preview) open(t *testing.T, tb *tab, name, theme string, width int64) drawn {
	t.Helper()
	address := url.Values{
		"dashboard": {name}, "theme": {theme}, "step": {"1"},
		"from": {strconv.FormatInt(p.to.Add(-previewSpan).Unix(), 10)}, "to": {strconv.FormatInt(p.to.Unix(), 10)},
	}
	must(t, chromedp.Do(tb, chromedp.EmulateViewport(width, 900), chromedp.Navigate(p.url+"/?"+address.Encode())))
	until(t, func() error {
		if eval[bool](t, tb, `Boolean(window.preview?.drawn)`) {
			return nil
		}
		return fmt.Errorf("%s is not drawn", name)
	})
	var d drawn
	must(t, json.Unmarshal([]byte(eval[string](t, tb, `JSON.stringify(window.preview)`)), &d))
	return d
}

// picture writes a picture of the whole page.
func (tb *tab) picture(t *testing.T, file string, width int64) {
	t.Helper()
	height := eval[int64](t, tb, `document.documentElement.scrollHeight`)
	must(t, chromedp.Do(tb, chromedp.EmulateViewport(width, height)))
	picture, err := chromedp.Call(tb, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	must(t, err)
	must(t, os.WriteFile(file, picture.Data, 0o600))
}
