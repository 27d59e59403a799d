package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a browser.
type tab struct {
	context.Context

	mu      sync.Mutex
	console []string // what the page wrote
}

// startBrowser starts Chromium, which ends with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	// Its data is in a directory of chromedp, which knows that processes of a browser that has ended still write there.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(neededProgram(t, "chromium", "package chromium")))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(endAllocator)
	browser, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	must(t, chromedp.Do(browser))
	return browser
}

// openTab opens a tab, with a script that runs before those of its pages.
func openTab(t *testing.T, browser context.Context, before string) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	limited, endLimit := context.WithTimeout(ctx, 3*time.Minute) // enough for the slowest machine
	t.Cleanup(endLimit)
	tb := &tab{Context: limited}
	must(t, chromedp.Listen(ctx, tb.hear))
	_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: before})
	must(t, err)
	return tb
}

// hear keeps what is written to the console.
func (tb *tab) hear(event any) {
	var line string
	switch e := event.(type) {
	case *log.EventEntryAdded: // such as a violation of the policy
		line = fmt.Sprint(e.Entry.Level, ": ", e.Entry.Text, " ", e.Entry.URL)
	case *runtime.EventConsoleAPICalled:
		line = fmt.Sprint(e.Type)
	case *runtime.EventExceptionThrown:
		line = e.ExceptionDetails.Text
	default:
		return
	}
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.console = append(tb.console, line)
}

// show shows a page, in a window of that width.
func (tb *tab) show(t *testing.T, url string, width int64, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	must(t, err)
	must(t, chromedp.Do(tb, chromedp.EmulateViewport(width, 900), chromedp.Navigate(url), chromedp.WaitReady("#main")))
}

// eval returns the value of an expression, which may be a promise.
func eval[T any](t *testing.T, tb *tab, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tb, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// silent checks that nothing was written to the console: no error, and no violation of the policy.
func (tb *tab) silent(t *testing.T) {
	t.Helper()
	for _, line := range tb.wrote() {
		t.Errorf("the console has %s", line)
	}
}

// wrote returns what was written to the console since it was last asked.
func (tb *tab) wrote() []string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	lines := tb.console
	tb.console = nil
	return lines
}

// forgive waits for a line with the text on the console, which may come a moment after its cause, and drops it.
func (tb *tab) forgive(t *testing.T, text string) {
	t.Helper()
	until(t, func() error {
		tb.mu.Lock()
		defer tb.mu.Unlock()
		is := func(line string) bool { return strings.Contains(line, text) }
		if !slices.ContainsFunc(tb.console, is) {
			return fmt.Errorf("the console lacks %q: %q", text, tb.console)
		}
		tb.console = slices.DeleteFunc(tb.console, is)
		return nil
	})
}

// keep writes a picture of the page, at most 3,000 pixels high, into the directory in SCREENSHOTS.
func (tb *tab) keep(t *testing.T, name string, width int64) {
	t.Helper()
	tb.keepDownTo(t, name, width, eval[float64](t, tb, `document.documentElement.scrollHeight`))
}

// keepDownTo is keep for the upper part of the page.
func (tb *tab) keepDownTo(t *testing.T, name string, width int64, height float64) {
	t.Helper()
	directory := os.Getenv("SCREENSHOTS")
	if directory == "" {
		return
	}
	must(t, os.MkdirAll(directory, 0o750))
	height = min(height, 3000)
	beyond := true
	picture, err := chromedp.Call(tb, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip: &page.Viewport{Width: float64(width), Height: height, Scale: 1}, CaptureBeyondViewport: &beyond,
	})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(directory, name+".png"), picture.Data, 0o600))
}

// named checks that whatever somebody can use has a name in the accessibility tree, and returns those
// names with their roles.
func (tb *tab) named(t *testing.T) []string {
	t.Helper()
	tree, err := chromedp.Call(tb, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	must(t, err)
	var all []string
	for _, node := range tree.Nodes {
		role, name := textOf(node.Role), textOf(node.Name)
		if node.Ignored || !slices.Contains([]string{"button", "link", "searchbox", "combobox", "table", "region", "heading", "columnheader", "rowheader"}, role) {
			continue
		}
		all = append(all, role+" "+name)
		if name == "" {
			t.Errorf("a %s has no name", role)
		}
	}
	return all
}

// textOf returns a value of the accessibility tree that is a text.
func textOf(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

//go:embed testdata/contrast.js
var contrastJS string

// readable checks that the page is not wider than the window, and that all of its texts differ enough
// from what is behind them.
func (tb *tab) readable(t *testing.T, width int64) {
	t.Helper()
	if wide := eval[int64](t, tb, `document.documentElement.scrollWidth`); wide > width {
		t.Errorf("the page is %d pixels wide: %v", wide, eval[[]string](t, tb, fmt.Sprintf(
			`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d).map(e => e.outerHTML.slice(0, 80)).slice(0, 5)`, width)))
	}
	for _, pale := range eval[[]string](t, tb, contrastJS) {
		t.Errorf("little contrast: %s", pale)
	}
}

// TestPage shows status pages in a browser, and uses them.
func TestPage(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	demo := startListening(t, buildExporter(t), "--demo")
	demo.scrape(t, `ogg_up{service_manager="cloud/sales"} 1`)
	t.Run("readme", func(t *testing.T) { testPageOfReadme(t, browser, demo.url) })
	t.Run("looks", func(t *testing.T) { testLooks(t, browser, demo.url) })
	t.Run("use", func(t *testing.T) { testUse(t, browser) })
	t.Run("without script", func(t *testing.T) { testWithoutScript(t, browser) })
}

// testLooks shows pages: they are readable, in light and in dark, on wide and on narrow screens, and what
// can be used has a name.
func testLooks(t *testing.T, browser context.Context, demo string) {
	all := pages(t)
	all["demo"] = demo
	for name, url := range all {
		for _, width := range []int64{1280, 400} {
			for look, dark := range map[string]bool{"light": false, "dark": true} {
				t.Run(fmt.Sprint(name, " ", look, " ", width), func(t *testing.T) {
					tb := openTab(t, browser, "")
					tb.show(t, url, width, dark)
					tb.readable(t, width)
					tb.named(t)
					if n := eval[int](t, tb, `document.querySelectorAll("img, iframe, main script, main style").length`); n > 0 {
						t.Errorf("%d elements that the page does not have", n)
					}
					tb.keep(t, fmt.Sprint(name, "-", look, "-", width), width)
					tb.silent(t)
				})
			}
		}
	}
}

// testPageOfReadme shows what is in docs/status.png: what is not fine in the demo.
func testPageOfReadme(t *testing.T, browser context.Context, demo string) {
	tb := openTab(t, browser, "")
	tb.show(t, demo, 1280, false)
	tb.choose(t, "problem warning unknown")
	names := tb.names(t)
	for _, name := range []string{"REPBILL", "REPHR", "archive", "madrid"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in %v", name, names)
		}
	}
	if weakest := eval[string](t, tb, `document.querySelector(".lane:not([hidden]) .weakest").textContent`); !strings.Contains(weakest, "REPBILL") || !strings.Contains(weakest, "down") {
		t.Errorf("the weakest hop is %q", weakest)
	}
	tb.keepDownTo(t, "status", 1280, eval[float64](t, tb, `document.getElementById("table").getBoundingClientRect().bottom + 16`))
}
