package e2e

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ogg-exporter/ogg_exporter/server/page"
	"github.com/ogg-exporter/ogg_exporter/status"
)

// clockJS lets a test decide when the time for an automatic refresh has come.
//
//go:embed testdata/clock.js
var clockJS string

// statusPage serves status pages as the exporter does, whose content a test decides.
type statusPage struct {
	*httptest.Server

	lag  atomic.Int64 // of REP2, in seconds
	down atomic.Bool
	asks atomic.Int64
}

func newStatusPage(t *testing.T) *statusPage {
	t.Helper()
	p := &statusPage{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *statusPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	p.asks.Add(1)
	if p.down.Load() {
		http.Error(w, "too many requests for the status at once", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Security-Policy", page.Policy())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Write(w, p.status(), page.Exporter{Probe: "/probe", Metrics: "/metrics", JSON: "/api/status.json"})
}

// status returns two problems, and many processes that are fine.
func (p *statusPage) status() *status.Status {
	read := time.Now()
	s := &status.Status{At: read, Version: "1", Summary: status.Summary{Problems: 2, OK: 30}}
	add := func(name, reported string, state status.State, lag int64) {
		seconds := float64(lag)
		s.Rows = append(s.Rows, status.Row{
			ServiceManager: "emea", Deployment: "london", Program: "replicat", Name: name, Status: reported, State: state, LagSeconds: &seconds, ReadAt: read,
		})
	}
	add("REP1", "abended", status.Problem, 10)
	add("REP2", "abended", status.Problem, p.lag.Load())
	for i := range 30 {
		add(fmt.Sprintf("EXT%02d", i), "running", status.OK, int64(i))
	}
	s.Rows[31].LagSeconds = nil
	s.Summary.Warnings = int(p.lag.Load() / 1000)
	for i := range 20 {
		name := fmt.Sprintf("EXT%02d", i)
		s.Pipelines = append(s.Pipelines, status.Pipeline{Pipeline: name + ">REP", State: status.OK, Hops: []status.Hop{{Kind: "extract", Name: name, State: status.OK}, {Kind: "replicat", Name: "REP", State: status.OK}}})
	}
	s.ServiceManagers = []status.ServiceManager{{Name: "emea", ReadAt: &read, State: status.OK}}
	return s
}

// rowNames is an expression for the names in the rows that are visible.
const rowNames = `[...document.querySelectorAll("#rows tr")].filter(r => r.checkVisibility()).map(r => r.querySelector("th").textContent)`

// names returns the names in the rows that are visible.
func (tb *tab) names(t *testing.T) []string { return eval[[]string](t, tb, rowNames) }

// become waits until an expression is true.
func (tb *tab) become(t *testing.T, expression string) {
	t.Helper()
	until(t, func() error {
		if !eval[bool](t, tb, expression) {
			return fmt.Errorf("not so: %s; said is %q", expression, eval[string](t, tb, `document.getElementById("said").textContent`))
		}
		return nil
	})
}

// press gives an element the focus and presses a key.
func (tb *tab) press(t *testing.T, element, key string) {
	t.Helper()
	eval[bool](t, tb, element+`.focus(), true`)
	must(t, chromedp.Do(tb, chromedp.KeyEvent(key)))
}

// enter enters a text to filter by.
func (tb *tab) enter(t *testing.T, text string) {
	t.Helper()
	eval[bool](t, tb, `document.getElementById("filter").focus(), document.getElementById("filter").select(), true`)
	must(t, chromedp.Do(tb, chromedp.KeyEvent(kb.Delete), chromedp.KeyEvent(text)))
}

// choose selects a state.
func (tb *tab) choose(t *testing.T, state string) {
	t.Helper()
	eval[bool](t, tb, fmt.Sprintf(`(() => { const s = document.getElementById("state"); s.value = %q; s.dispatchEvent(new Event("change")); return true })()`, state))
}

// header is an expression for the button that sorts by a column.
func header(column string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#table thead button")].find(b => b.textContent === %q)`, column)
}

// testFilter filters by text and state.
func testFilter(t *testing.T, tb *tab) {
	tb.enter(t, "rep2 ABENDED")
	if got := tb.names(t); !slices.Equal(got, []string{"REP2"}) {
		t.Errorf("filtered by text: %v", got)
	}
	if said := eval[string](t, tb, `document.getElementById("said").textContent`); said != "1 of 32 rows and 0 of 20 pipelines match" {
		t.Errorf("said %q", said)
	}
	tb.enter(t, "ext1")
	if got := tb.names(t); len(got) != 10 || !eval[bool](t, tb, `document.getElementById("folded").open`) {
		t.Errorf("filtered by text: %v", got)
	}
	tb.enter(t, "")
	tb.choose(t, "problem warning unknown")
	if got := tb.names(t); !slices.Equal(got, []string{"REP1", "REP2"}) {
		t.Errorf("filtered by state: %v", got)
	}
	tb.choose(t, "")
	if got := tb.names(t); len(got) != 32 {
		t.Errorf("not filtered: %v", got)
	}
}

// testSort sorts with the keyboard; what is not known is last.
func testSort(t *testing.T, tb *tab) {
	sorted := `document.querySelector("#table th[aria-sort]")`
	for _, c := range []struct{ column, order, first, last string }{
		{"Lag", "ascending", "EXT00", "EXT29"},
		{"Lag", "descending", "REP2", "EXT29"},
		{"Name", "ascending", "EXT00", "REP2"},
		{"Name", "descending", "REP2", "EXT00"},
		{"State", "ascending", "REP1", "EXT29"},
	} {
		tb.press(t, header(c.column), kb.Enter)
		got := tb.names(t)
		if got[0] != c.first || got[len(got)-1] != c.last || eval[string](t, tb, sorted+`.getAttribute("aria-sort")`) != c.order {
			t.Errorf("%s, %s: %v", c.column, c.order, got)
		}
	}
}

// testRefresh lets the time for a refresh come, which keeps what somebody is doing.
func testRefresh(t *testing.T, tb *tab, p *statusPage) {
	tb.press(t, header("Lag"), kb.Enter)
	tb.press(t, header("Lag"), kb.Enter)
	tb.choose(t, "problem")
	tb.enter(t, "rep")
	probe := `document.querySelector("#exporter a[href^='/probe']")`
	eval[bool](t, tb, probe+`.focus({ preventScroll: true }), window.scrollTo(0, 40), true`)
	before := p.asks.Load()
	p.lag.Store(7200)
	if n := eval[int](t, tb, `tick()`); n != 1 {
		t.Fatalf("%d refreshes are to come", n)
	}
	tb.become(t, `document.getElementById("rows").textContent.includes("02:00:00")`)
	if got := tb.names(t); !slices.Equal(got, []string{"REP2", "REP1"}) {
		t.Errorf("not filtered and sorted as before: %v", got)
	}
	for _, kept := range []string{
		`window.scrollY === 40`, `document.activeElement === ` + probe, `document.getElementById("filter").value === "rep"`,
		`document.title.startsWith("2 problems, 7 warnings")`, `document.getElementById("summary").textContent.includes("7 warnings")`,
	} {
		if !eval[bool](t, tb, kept) {
			t.Errorf("not so: %s", kept)
		}
	}
	if n := p.asks.Load() - before; n != 1 {
		t.Errorf("%d requests", n)
	}
	p.lag.Store(3600)
	tb.press(t, `document.getElementById("reload")`, kb.Enter)
	tb.become(t, `document.getElementById("rows").textContent.includes("01:00:00")`)
	if !eval[bool](t, tb, `document.activeElement.id === "reload"`) {
		t.Error("reloading loses the focus")
	}
	if n := eval[int](t, tb, `window.loads`); n != 1 {
		t.Errorf("the page was loaded %d times", n)
	}
}

// testPause: nothing is refreshed while somebody has paused that, or has selected a text.
func testPause(t *testing.T, tb *tab, p *statusPage) {
	tb.press(t, `document.getElementById("pause")`, " ")
	before := p.asks.Load()
	if n := eval[int](t, tb, `tick()`); n != 0 || !eval[bool](t, tb, `document.getElementById("pause").getAttribute("aria-pressed") === "true"`) {
		t.Errorf("%d refreshes are to come though it is paused", n)
	}
	tb.press(t, `document.getElementById("pause")`, " ")
	eval[bool](t, tb, `getSelection().selectAllChildren(document.querySelector("#rows th")), true`)
	if n := eval[int](t, tb, `tick()`); n != 1 || p.asks.Load() != before {
		t.Errorf("%d ticks, and %d requests", n, p.asks.Load()-before)
	}
	eval[bool](t, tb, `getSelection().removeAllRanges(), true`)
}

// testDown: a refresh that fails is said, with the time of what is still shown, and the next one mends it.
func testDown(t *testing.T, tb *tab, p *statusPage) {
	p.down.Store(true)
	eval[int](t, tb, `tick()`)
	tb.become(t, `document.getElementById("said").textContent.startsWith("Could not refresh (status 503). What is shown is of 20")`)
	if got := tb.names(t); len(got) != 2 {
		t.Errorf("shows %v", got)
	}
	p.down.Store(false)
	eval[int](t, tb, `tick()`)
	tb.become(t, `!document.getElementById("said").textContent.startsWith("Could not")`)
	tb.forgive(t, "status of 503")
}

// testKeyboard goes through the page with the Tab key alone: first comes the link that skips to the
// status, the focus can be seen, and whatever there is to use has the name that is beside it.
func testKeyboard(t *testing.T, tb *tab) {
	var passed []string
	for range 20 {
		must(t, chromedp.Do(tb, chromedp.KeyEvent(kb.Tab)))
		passed = append(passed, eval[string](t, tb, `document.activeElement.id || document.activeElement.textContent`))
		if outline := eval[string](t, tb, `getComputedStyle(document.activeElement).outlineStyle`); outline == "none" {
			t.Errorf("the focus on %s cannot be seen", passed[len(passed)-1])
		}
	}
	want := []string{"Skip to the status", "reload", "filter", "state", "pause", "folded-text", "all", "State", "Service Manager"}
	if !slices.Equal(passed[:len(want)], want) {
		t.Errorf("Tab goes through %v", passed)
	}
	tb.press(t, `document.querySelector(".skip")`, kb.Enter)
	tb.become(t, `document.activeElement.id === "main"`)
	names := tb.named(t)
	for _, name := range []string{"searchbox Filter", "combobox State", "button Pause", "link Reload", "button Lag age", "heading Pipelines", "region Processes, paths and services"} {
		if !slices.Contains(names, name) {
			t.Errorf("no %s in %v", name, names)
		}
	}
	if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "table As INFO ALL shows them") }) {
		t.Errorf("the table has no name in %v", names)
	}
}

// testUse uses a page with the keyboard.
func testUse(t *testing.T, browser context.Context) {
	p := newStatusPage(t)
	p.lag.Store(60)
	tb := openTab(t, browser, clockJS)
	tb.show(t, p.URL, 1280, false)
	must(t, chromedp.Do(tb, chromedp.EmulateViewport(1280, 300))) // so that there is something to scroll
	testKeyboard(t, tb)
	testFilter(t, tb)
	testSort(t, tb)
	testRefresh(t, tb, p)
	testPause(t, tb, p)
	testDown(t, tb, p)
	tb.silent(t)
}

// testWithoutScript: the page has all that it shows without its script, and a link to reload it.
func testWithoutScript(t *testing.T, browser context.Context) {
	p := newStatusPage(t)
	tb := openTab(t, browser, "")
	_, err := chromedp.Call(tb, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	must(t, err)
	tb.show(t, p.URL, 400, true)
	tb.readable(t, 400)
	if got := tb.names(t); len(got) != 32 || got[0] != "REP1" {
		t.Errorf("shows %v", got)
	}
	names := tb.named(t)
	if !slices.Contains(names, "link Reload") || slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "button ") }) {
		t.Errorf("it has %v", names)
	}
	before := p.asks.Load()
	must(t, chromedp.Do(tb, chromedp.Click("#reload")))
	until(t, func() error {
		if p.asks.Load() == before {
			return errors.New("the link does not reload")
		}
		return nil
	})
	tb.silent(t)
}
