package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// What the pictures show: the time for which Prometheus has scraped the demo, how often it does, which is
// seldom enough for a busy machine, and the time between two points of a graph.
const (
	previewSpan = time.Minute
	previewStep = 3 * time.Second
)

// previewHeight is that of the window, into which a whole dashboard fits: what is outside of it is not drawn.
const previewHeight = 16_000

// optional are the collectors that are off by default, and have panels.
var optional = []string{"--collector.heartbeat.table", "--collector.message.codes", "--collector.table", "--collector.worker"}

// previewed are the pictures of a dashboard, with the variables that are chosen, where one is not enough:
// each of its panels has to have data in one of them.
var previewed = map[string]map[string]url.Values{
	"process": {
		"process":             {"var-service_manager": {"emea"}, "var-deployment": {"london"}, "var-process": {"EXTORD"}},
		"process-replicat":    {"var-service_manager": {"emea"}, "var-deployment": {"frankfurt"}, "var-process": {"REPORD"}},
		"process-coordinated": {"var-service_manager": {"emea"}, "var-deployment": {"frankfurt"}, "var-process": {"REPDWH"}},
		"process-abended":     {"var-service_manager": {"emea"}, "var-deployment": {"frankfurt"}, "var-process": {"REPBILL"}},
	},
}

// TestPreview draws the dashboards with Grafana's own components, from what Prometheus has scraped of the
// demo, into DIRECTORY/NAME-THEME-WIDTH.png. `make preview` runs it, and sets
//
//	PREVIEW             the DIRECTORY
//	PREVIEW_DASHBOARDS  names of dashboards, else all are drawn
//	PREVIEW_LOOKS       such as dark-1600, else all four
//	PREVIEW_PROMETHEUS  the URL of another Prometheus server, whose data is then drawn
//	PREVIEW_DOCS        a directory for smaller pictures of the dashboards, NAME.png
func TestPreview(t *testing.T) {
	directory := os.Getenv("PREVIEW")
	if directory == "" {
		t.Skip("make preview runs it")
	}
	p := preview{directory: directory, browser: startBrowser(t)}
	p.prometheus, p.to = startPreviewed(t)
	p.url = p.serve(t)
	t.Run("broken", p.testBroken)
	names := dashboardNames(t)
	if len(names) == 0 {
		t.Error("no dashboards")
	}
	for _, name := range names {
		for _, look := range wanted("PREVIEW_LOOKS", "dark-1600", "dark-1200", "light-1600", "light-1200") {
			t.Run(name+"-"+look, func(t *testing.T) {
				t.Parallel()
				p.testDashboard(t, name, look)
			})
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
	if words := strings.Fields(os.Getenv(name)); len(words) > 0 {
		return words
	}
	return otherwise
}

// dashboardNames are those of the dashboards to draw.
func dashboardNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../dashboards/*.json")
	must(t, err)
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".json")
	}
	return wanted("PREVIEW_DASHBOARDS", files...)
}

// startPreviewed builds the page, while Prometheus scrapes the demo, and returns that server and when it
// had scraped for long enough.
func startPreviewed(t *testing.T) (string, time.Time) {
	t.Helper()
	if other := os.Getenv("PREVIEW_PROMETHEUS"); other != "" {
		buildPreview(t)
		return other, time.Now()
	}
	interval := previewStep.String()
	objectives, err := filepath.Abs("../dashboards/rules/slo.yml")
	must(t, err)
	s := startScraping(t, neededProgram(t, "prometheus", "package prometheus"), startListening(t, buildExporter(t), append(optional, "--demo")...),
		"scrape_interval: "+interval+", scrape_timeout: "+interval+", evaluation_interval: "+interval, "rule_files: ['"+fastRules(t, time.Second)+"/*.yml', '"+objectives+"']\n")
	buildPreview(t)
	until(t, func() error {
		long := previewSpan + 5*previewStep // so that there are rates from the beginning
		n, err := s.count("query", url.Values{"query": {fmt.Sprintf("up == 1 and up offset %s", long)}})
		if err == nil && n == 0 {
			err = fmt.Errorf("it has not scraped for %s", long)
		}
		return err
	})
	return s.url, time.Now()
}

// buildPreview builds the page.
func buildPreview(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("make", "--no-print-directory", "-C", "..", "preview-page").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// serve serves the page, the dashboards and the API of Prometheus.
func (p preview) serve(t *testing.T) string {
	t.Helper()
	prometheus, err := url.Parse(p.prometheus)
	must(t, err)
	built := filepath.Join(p.directory, "_page")
	modules := filepath.Join(built, "node_modules")
	mux := http.NewServeMux()
	for prefix, directory := range map[string]string{
		"/": built, "/dashboards/": "../dashboards", "/tests/": "testdata/preview",
		"/public/build/": filepath.Join(modules, "@grafana/ui/dist/public"),
	} {
		mux.Handle(prefix, http.StripPrefix(prefix, http.FileServer(http.Dir(directory))))
	}
	for name, weight := range map[string]string{"Regular": "400", "Medium": "500"} { // the library has no fonts
		mux.HandleFunc("/public/fonts/inter/Inter-"+name+".woff2", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, filepath.Join(modules, "@fontsource/inter/files/inter-latin-"+weight+"-normal.woff2"))
		})
	}
	mux.Handle("/api/v1/", httputil.NewSingleHostReverseProxy(prometheus))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// testDashboard draws a dashboard, and checks that it has data and that everything can be read.
func (p preview) testDashboard(t *testing.T, name, look string) {
	pictures := previewed[name]
	if pictures == nil {
		pictures = map[string]url.Values{name: {}}
	}
	empty := map[emptyPanel]int{} // with the number of pictures in which they have no data
	for picture, chosen := range pictures {
		tb := openTab(t, p.browser, "")
		d := p.open(t, tb, "/dashboards/"+name+".json", look, chosen)
		p.keep(t, tb, picture, look)
		if docs := os.Getenv("PREVIEW_DOCS"); docs != "" && picture == name {
			p.illustrate(t, name, look, docs)
		}
		for _, problem := range d.Problems {
			t.Errorf("%s: %s", picture, problem)
		}
		for _, panel := range d.Empty {
			empty[panel]++
		}
		tb.silent(t)
	}
	for panel, n := range empty {
		if n == len(pictures) && !slices.Contains(withoutData, name+".json: "+panel.Title) {
			t.Errorf("%s has no data", panel.Title)
		}
	}
}

// drawn is what the page says of what it has drawn.
type drawn struct {
	Problems []string
	Empty    []emptyPanel
}

// emptyPanel is a panel without data.
type emptyPanel struct {
	ID    int
	Title string
}

// open opens a dashboard and waits until it is drawn.
func (p preview) open(t *testing.T, tb *tab, path, look string, chosen url.Values) drawn {
	t.Helper()
	theme, width, _ := strings.Cut(look, "-")
	pixels, err := strconv.ParseInt(width, 10, 64)
	must(t, err)
	address := url.Values{
		"dashboard": {path}, "theme": {theme}, "step": {strconv.Itoa(int(previewStep.Seconds()))},
		"from": {strconv.FormatInt(p.to.Add(-previewSpan).Unix(), 10)}, "to": {strconv.FormatInt(p.to.Unix(), 10)},
	}
	must(t, chromedp.Do(tb, chromedp.EmulateViewport(pixels, previewHeight), chromedp.Navigate(p.url+"/?"+address.Encode()+"&"+chosen.Encode())))
	until(t, func() error {
		if !eval[bool](t, tb, `Boolean(window.preview?.drawn)`) {
			return fmt.Errorf("%s is not drawn", path)
		}
		return nil
	})
	var d drawn
	must(t, json.Unmarshal([]byte(eval[string](t, tb, `JSON.stringify(window.preview)`)), &d))
	return d
}

// keep writes a picture of the whole page.
func (p preview) keep(t *testing.T, tb *tab, name, look string) {
	t.Helper()
	width, height := eval[float64](t, tb, `document.documentElement.clientWidth`), eval[float64](t, tb, `document.getElementById("main").offsetHeight`)
	if height > previewHeight {
		t.Errorf("%s is %.0f pixels high, and the window %d", name, height, previewHeight)
	}
	picture, err := chromedp.Call(tb, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip: &page.Viewport{Width: width, Height: height, Scale: 1},
	})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(p.directory, name+"-"+look+".png"), picture.Data, 0o600))
}

// illustrate writes a smaller picture into the documentation.
func (p preview) illustrate(t *testing.T, name, look, docs string) {
	t.Helper()
	picture, err := os.ReadFile(filepath.Join(p.directory, name+"-"+look+".png"))
	must(t, err)
	small, err := smaller(picture)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(docs, name+".png"), small, 0o600))
}

// brokenProblems are those of testdata/preview/broken.json: one of each kind.
var brokenProblems = []string{
	"a title that nobody can read: the title is cut: a title that nobody can read",
	"annotation wrong: 1:5: parse error: unclosed left parenthesis",
	"cannot be drawn: it cannot be drawn: Cannot read properties of null (reading 'legend')",
	"failing query: query A: 1:5: parse error: unclosed left parenthesis",
	"link to nothing: a link of process is /d/there?var-there=${__data.fields.nonesuch:percentencode}",
	"long name: the text is cut: a name that is much longer than its place",
	"narrow column: the cell is cut: a rather long name",
	"narrow column: the header is cut: process",
	"no rows: no row of the table is drawn",
	`not filled in: query A: something is not filled in: up{job="$nothing"}`,
	"repeated: repeated panels cannot be drawn",
	"unknown settings: the setting custom.nonesuch is unknown",
	"unknown settings: the setting nonesuch is unknown",
	"unknown transformation: the transformation nonesuch is unknown",
	"unknown type: the type nonesuch is unknown",
	"wide table: the table is wider than its panel: process, Value",
}

// testBroken: whatever can be wrong with a dashboard is found.
func (p preview) testBroken(t *testing.T) {
	tb := openTab(t, p.browser, "")
	d := p.open(t, tb, "/tests/broken.json", "dark-1600", nil)
	slices.Sort(d.Problems)
	must(t, difference("problems", d.Problems, brokenProblems))
	if want := []emptyPanel{{2, "failing query"}, {3, "no data"}, {4, "not filled in"}}; !slices.Equal(d.Empty, want) {
		t.Errorf("panels without data: %v, want %v", d.Empty, want)
	}
	if tb.wrote() == nil {
		t.Error("the console has nothing of the panel that cannot be drawn")
	}
}

// smaller returns the upper part of a PNG picture, with the 256 colors that are the most frequent ones.
func smaller(picture []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	bounds := from.Bounds().Intersect(image.Rect(0, 0, 1600, 1740))
	colorAt := func(x, y int) color.RGBA { return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA) }
	uses := map[color.RGBA]int{}
	eachPixel(bounds, func(x, y int) { uses[colorAt(x, y)]++ })
	colors := slices.SortedFunc(maps.Keys(uses), func(a, b color.RGBA) int { return uses[b] - uses[a] })
	var palette color.Palette
	for _, c := range colors[:min(len(colors), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range colors {
		nearest[c] = uint8(palette.Index(c))
	}
	to := image.NewPaletted(bounds, palette)
	eachPixel(bounds, func(x, y int) { to.SetColorIndex(x, y, nearest[colorAt(x, y)]) })
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to)
	return out.Bytes(), err
}

func eachPixel(bounds image.Rectangle, use func(x, y int)) {
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			use(x, y)
		}
	}
}
