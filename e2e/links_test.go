package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`(?m)^#+ (.+)$`)
	codePattern    = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```")
	slugPattern    = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// TestLinks: each link within the documentation leads to a file, and to a heading in it.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, page := range append(pages, "../dashboards/runbooks.md", "../docs/dashboards.md", "../docs/migration.md") {
		for _, link := range linkPattern.FindAllStringSubmatch(prose(t, page), -1) {
			if !strings.Contains(link[1], "://") {
				checkLink(t, page, link[1])
			}
		}
	}
}

// TestContents: the contents of a page name each of its sections.
func TestContents(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"../README.md", "../OPERATIONS.md"} {
		text := prose(t, page)
		_, contents, _ := strings.Cut(text, "\nContents: ")
		contents, _, _ = strings.Cut(contents, "\n")
		for _, heading := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(contents, "](#"+anchor(heading[1])+")") {
				t.Errorf("%s: the contents lack %q", page, heading[1])
			}
		}
	}
}

// checkLink fails the test if a link on a page leads nowhere.
func checkLink(t *testing.T, page, link string) {
	t.Helper()
	path, fragment, _ := strings.Cut(link, "#")
	target := page
	if path != "" {
		target = filepath.Join(filepath.Dir(page), path)
	}
	if _, err := os.Stat(target); err != nil {
		t.Errorf("%s: link to %s: %v", page, link, err)
		return
	}
	if fragment == "" {
		return
	}
	for _, heading := range headingPattern.FindAllStringSubmatch(prose(t, target), -1) {
		if anchor(heading[1]) == fragment {
			return
		}
	}
	t.Errorf("%s: link to %s: there is no such heading", page, link)
}

// prose returns the text of a page without its blocks of code.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return codePattern.ReplaceAllString(string(text), "")
}

// anchor returns the anchor that GitHub gives a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(slugPattern.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
