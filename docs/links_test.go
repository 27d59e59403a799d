// Package docs_test holds the pages to what they promise: each link leads somewhere, each page can be
// found. It needs nothing but Go, so `make lint` runs it.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	// repository is where the files can be seen on the web.
	repository = "https://github.com/ogg-exporter/ogg_exporter/"
	// readmeSize is how much of README.md somebody reads in ten minutes.
	readmeSize = 12_000
)

var (
	codePattern = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```$")
	// linkPattern finds links and images in Markdown, also those in the text of another link, and in HTML.
	linkPattern    = regexp.MustCompile(`\]\(\s*([^)\s]+)|(?m)^\[[^\]]+\]:\s*(\S+)|<(?:a|img)\s[^>]*(?:href|src)="([^"]+)"`)
	imagePattern   = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`(?m)^#+ (.+)$`)
	slugPattern    = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	// namePattern finds files of this repository by their address on the web, and pages by their path.
	namePattern = regexp.MustCompile(regexp.QuoteMeta(repository) + `(?:blob|tree|raw)/main/([\w./#-]*\w)|(?:[\w.-]+/)*[\w-]+\.md\b(?:#[\w-]+)?`)
	webPattern  = regexp.MustCompile(`https?://[^\s"')>]+`)
)

// tree has the text of each file of the repository by its path.
type tree map[string]string

// readTree reads the repository, except what is built, what tests read, and what is no text.
func readTree(t *testing.T) tree {
	t.Helper()
	all := tree{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "dist", "node_modules", "testdata"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 || !info.Mode().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if utf8.Valid(text) {
			all[name] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pages returns the pages of documentation, by path.
func (all tree) pages() []string {
	var pages []string
	for name := range all {
		if path.Ext(name) == ".md" {
			pages = append(pages, name)
		}
	}
	slices.Sort(pages)
	return pages
}

// links returns what a page links to and shows, and is in this repository.
func (all tree) links(page string) []string {
	var links []string
	for _, m := range linkPattern.FindAllStringSubmatch(prose(all[page]), -1) {
		link := m[1] + m[2] + m[3]
		if !strings.Contains(link, "://") && !strings.HasPrefix(link, "mailto:") {
			links = append(links, link)
		}
	}
	return links
}

// TestLinks: each link on a page leads to a file, and to a heading in it.
func TestLinks(t *testing.T) {
	all := readTree(t)
	if pages := all.pages(); len(pages) < 20 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	for _, page := range all.pages() {
		for _, link := range all.links(page) {
			if why := all.leads(page, link); why != "" {
				t.Errorf("%s: link to %s: %s", page, link, why)
			}
		}
	}
}

// TestNames: each page that anything names exists, with the section that it names: alerts name their runbooks, the
// exporter and its unit name pages, and issue templates have addresses on the web. The changelog names what there was.
func TestNames(t *testing.T) {
	all := readTree(t)
	found := 0
	for name, text := range all {
		if name == "CHANGELOG.md" || name == "LICENSES.txt" || name == "docs/links_test.go" {
			continue
		}
		for _, m := range namePattern.FindAllStringSubmatch(withoutOthers(text), -1) {
			found++
			if m[1] != "" && all.leads("README.md", m[1]) != "" ||
				m[1] == "" && all.leads("README.md", m[0]) != "" && all.leads(name, m[0]) != "" {
				t.Errorf("%s names %s, which does not exist", name, m[0])
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d names were found", found)
	}
}

// withoutOthers returns a text without addresses on the web that are not of this repository.
func withoutOthers(text string) string {
	return webPattern.ReplaceAllStringFunc(text, func(address string) string {
		if strings.HasPrefix(address, repository) {
			return address
		}
		return ""
	})
}

// leads returns why a link on a page leads nowhere.
func (all tree) leads(page, link string) string {
	file, fragment, _ := strings.Cut(link, "#")
	target := page
	if file != "" {
		target = path.Join(path.Dir(page), file)
	}
	if _, err := os.Stat(filepath.Join("..", target)); err != nil || strings.HasPrefix(target, "../") {
		return "there is no such file"
	}
	if fragment != "" && !slices.Contains(anchors(all[target]), fragment) {
		return "there is no such heading"
	}
	return ""
}

// TestFound: each page and picture in docs can be found: the index has each page, README.md leads to the index, and
// some page shows each picture.
func TestFound(t *testing.T) {
	all := readTree(t)
	linked := map[string]bool{}
	for _, page := range all.pages() {
		for _, link := range all.links(page) {
			file, _, _ := strings.Cut(link, "#")
			target := path.Join(path.Dir(page), file)
			if path.Ext(target) != ".md" || page == "docs/README.md" || page == "README.md" && target == "docs/README.md" {
				linked[target] = true
			}
		}
	}
	_ = filepath.WalkDir(".", func(name string, _ fs.DirEntry, _ error) error {
		name = path.Join("docs", filepath.ToSlash(name))
		if ext := path.Ext(name); (ext == ".md" || ext == ".png") && !linked[name] {
			t.Errorf("%s: the index docs/README.md does not link to it, or no page shows it", name)
		}
		return nil
	})
}

// TestPictures: each picture has a text for those who cannot see it.
func TestPictures(t *testing.T) {
	all := readTree(t)
	for _, page := range all.pages() {
		for _, m := range imagePattern.FindAllStringSubmatch(prose(all[page]), -1) {
			if len(strings.Fields(m[1])) < 4 {
				t.Errorf("%s: the text for the picture %s is %q", page, m[2], m[1])
			}
		}
	}
}

// TestContents: the contents of a page, if it has some, name each of its sections.
func TestContents(t *testing.T) {
	all := readTree(t)
	for _, page := range all.pages() {
		_, contents, ok := strings.Cut(prose(all[page]), "\nContents: ")
		contents, _, _ = strings.Cut(contents, "\n")
		for _, heading := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(prose(all[page]), -1) {
			if ok && !strings.Contains(contents, "](#"+anchor(heading[1])+")") {
				t.Errorf("%s: the contents lack %q", page, heading[1])
			}
		}
	}
}

// TestReadmeIsShort keeps README.md what somebody reads before anything else.
func TestReadmeIsShort(t *testing.T) {
	if n := len(readTree(t)["README.md"]); n > readmeSize {
		t.Errorf("README.md has %d bytes, more than %d: move something to docs", n, readmeSize)
	}
}

// prose returns the text of a page without its blocks of code.
func prose(text string) string { return codePattern.ReplaceAllString(text, "") }

// anchors returns the anchors that GitHub gives the headings of a page; one that comes again gets a number.
func anchors(text string) []string {
	var all []string
	seen := map[string]int{}
	for _, heading := range headingPattern.FindAllStringSubmatch(prose(text), -1) {
		a := anchor(heading[1])
		if n := seen[a]; n > 0 {
			all = append(all, a+"-"+strconv.Itoa(n))
		} else {
			all = append(all, a)
		}
		seen[a]++
	}
	return all
}

// anchor returns the anchor that GitHub gives a heading. Of a link in it, only the text counts.
func anchor(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	return strings.ReplaceAll(slugPattern.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
