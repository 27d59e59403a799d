// Package docs_test holds the pages to what they promise: each link leads somewhere, each page can be
// found. It needs nothing but Go, so `make lint` runs it.
package docs_test

import (
	"io/fs"
	"os"
	"path"
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
	// readmeSize is how much of README.md somebody reads in ten minutes, in bytes.
	readmeSize = 12_000
)

var (
	// linkPattern finds links and images in Markdown, also those in the text of another link, and in HTML.
	linkPattern    = regexp.MustCompile(`\]\(\s*([^)\s]+)|^\[[^\]]+\]:\s*(\S+)|<(?:a|img)\s[^>]*(?:href|src)="([^"]+)"`)
	imagePattern   = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`^(#+) (.+)$`)
	slugPattern    = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	// namePattern finds files of this repository by their address on the web, and pages by their path.
	namePattern = regexp.MustCompile(regexp.QuoteMeta(repository) + `(?:blob|tree|raw)/main/([\w./#-]*\w)|(?:[\w.-]+/)*[\w-]+\.md\b(?:#[\w-]+)?`)
	webPattern  = regexp.MustCompile(`https?://[^\s"')>]+`)
)

// page is a page of the documentation without its blocks of code.
type page struct {
	lines    []string
	headings []string // of the second level
	anchors  []string
}

// site is the repository: the texts of its files, and its pages, by path.
type site struct {
	texts map[string]string
	pages map[string]page
}

// TestDocs: see the parts.
func TestDocs(t *testing.T) {
	s := readSite(t)
	if len(s.pages) < 20 {
		t.Fatalf("only %d pages were found", len(s.pages))
	}
	t.Run("links", s.testLinks)
	t.Run("names", s.testNames)
	t.Run("found", s.testFound)
	t.Run("pictures", s.testPictures)
	t.Run("contents", s.testContents)
	t.Run("once", s.testOnce)
	t.Run("metrics", s.testMetrics)
	t.Run("short", s.testShort)
}

// readSite reads the repository, except what is built, what tests read, and what is no text.
func readSite(t *testing.T) site {
	t.Helper()
	s := site{texts: map[string]string{}, pages: map[string]page{}}
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
		if !utf8.Valid(text) {
			return err
		}
		s.texts[name] = string(text)
		if path.Ext(name) == ".md" {
			s.pages[name] = parse(string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// parse takes a page apart. Of headings that are the same, GitHub numbers the anchors.
func parse(text string) page {
	var p page
	seen := map[string]int{}
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
			continue
		}
		if code {
			continue
		}
		p.lines = append(p.lines, line)
		heading := headingPattern.FindStringSubmatch(line)
		if heading == nil {
			continue
		}
		a := anchor(heading[2])
		seen[a]++
		if n := seen[a]; n > 1 {
			a += "-" + strconv.Itoa(n-1)
		}
		p.anchors = append(p.anchors, a)
		if heading[1] == "##" {
			p.headings = append(p.headings, heading[2])
		}
	}
	return p
}

// anchor returns the anchor that GitHub gives a heading. Of a link in it, only the text counts.
func anchor(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	return strings.ReplaceAll(slugPattern.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// links returns what a page links to and shows, and is in this repository.
func (p page) links() []string {
	var links []string
	for _, line := range p.lines {
		for _, m := range linkPattern.FindAllStringSubmatch(line, -1) {
			link := m[1] + m[2] + m[3]
			if !strings.Contains(link, "://") && !strings.HasPrefix(link, "mailto:") {
				links = append(links, link)
			}
		}
	}
	return links
}

// leads returns why a link on a page leads nowhere.
func (s site) leads(from, link string) string {
	file, fragment, _ := strings.Cut(link, "#")
	target := from
	if file != "" {
		target = path.Join(path.Dir(from), file)
	}
	if _, err := os.Stat(path.Join("..", target)); err != nil || strings.HasPrefix(target, "../") {
		return "there is no such file"
	}
	if fragment != "" && !slices.Contains(s.pages[target].anchors, fragment) {
		return "there is no such heading"
	}
	return ""
}

// testLinks: each link on a page leads to a file, and to a heading in it.
func (s site) testLinks(t *testing.T) {
	for name, p := range s.pages {
		for _, link := range p.links() {
			if why := s.leads(name, link); why != "" {
				t.Errorf("%s: link to %s: %s", name, link, why)
			}
		}
	}
}

// testNames: each page that anything names exists, with the section that it names: alerts name their runbooks, the
// exporter and its unit name pages, and issue templates have addresses on the web.
func (s site) testNames(t *testing.T) {
	found := 0
	for name, text := range s.texts {
		if name == "LICENSES.txt" || name == "docs/links_test.go" {
			continue
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(line, ".md") && !strings.Contains(line, repository) {
				continue
			}
			for _, m := range namePattern.FindAllStringSubmatch(withoutOthers(line), -1) {
				found++
				if !s.named(name, m[0], m[1]) {
					t.Errorf("%s names %s, which does not exist", name, m[0])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d names were found", found)
	}
}

// named says whether what a file names exists: onWeb, as seen from the top, or a path from there or from the file.
func (s site) named(file, name, onWeb string) bool {
	if onWeb != "" {
		return s.leads("README.md", onWeb) == ""
	}
	return s.leads("README.md", name) == "" || s.leads(file, name) == ""
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

// testFound: each page and picture in docs can be found: the index has each page, README.md leads to the index, and
// some page shows each picture.
func (s site) testFound(t *testing.T) {
	linked := map[string]bool{}
	for name, p := range s.pages {
		for _, link := range p.links() {
			file, _, _ := strings.Cut(link, "#")
			target := path.Join(path.Dir(name), file)
			if path.Ext(target) != ".md" || name == "docs/README.md" || name == "README.md" && target == "docs/README.md" {
				linked[target] = true
			}
		}
	}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, _ fs.DirEntry, err error) error {
		name = path.Join("docs", name)
		if ext := path.Ext(name); (ext == ".md" || ext == ".png") && !linked[name] {
			t.Errorf("%s: the index docs/README.md does not link to it, or no page shows it", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// testPictures: each picture has a text for those who cannot see it.
func (s site) testPictures(t *testing.T) {
	for name, p := range s.pages {
		for _, m := range imagePattern.FindAllStringSubmatch(strings.Join(p.lines, "\n"), -1) {
			if len(strings.Fields(m[1])) < 4 {
				t.Errorf("%s: the text for the picture %s is %q", name, m[2], m[1])
			}
		}
	}
}

// testContents: the contents of a page, if it has some, name each of its sections.
func (s site) testContents(t *testing.T) {
	for name, p := range s.pages {
		i := slices.IndexFunc(p.lines, func(line string) bool { return strings.HasPrefix(line, "Contents: ") })
		for _, heading := range p.headings {
			if i >= 0 && !strings.Contains(p.lines[i], "](#"+anchor(heading)+")") {
				t.Errorf("%s: the contents lack %q", name, heading)
			}
		}
	}
}

// testOnce: the scrape configurations stand once; README.md has the shortest, and docs/clients.md what others than
// Prometheus need around it.
func (s site) testOnce(t *testing.T) {
	for name := range s.pages {
		n := strings.Count(s.texts[name], "scrape_configs:")
		if name != "docs/prometheus.md" && name != "docs/clients.md" && n > 0 && (name != "README.md" || n > 1) {
			t.Errorf("%s has scrape configurations: link to docs/prometheus.md", name)
		}
	}
}

// testMetrics: METRICS.md has each metric that a page names. A name that ends in _ stands for several.
func (s site) testMetrics(t *testing.T) {
	others := []string{ // programs, users, deployments, jobs, groups of rules and labels
		"ogg_deployment", "ogg_exporter", "ogg_monitor", "ogg_monitoring", "ogg_oci", "ogg_overrides", "ogg_performance", "ogg_slo_overrides", "ogg_test_", "ogg_thresholds",
	}
	metrics := s.texts["METRICS.md"]
	for name := range s.pages {
		if name == "CHANGELOG.md" {
			continue // names what there was
		}
		for _, metric := range regexp.MustCompile(`\bogg_[a-z]+(?:_[a-z][a-z0-9]*)*_?`).FindAllString(s.texts[name], -1) {
			whole := regexp.MustCompile(`_(?:bucket|sum|count)$`).ReplaceAllString(metric, "")
			known := strings.Contains(metrics, "`"+metric+"`") || strings.Contains(metrics, "`"+whole+"`") || strings.HasSuffix(metric, "_") && strings.Contains(metrics, "`"+metric)
			if !known && !slices.Contains(others, metric) {
				t.Errorf("%s names the metric %s, which does not exist", name, metric)
			}
		}
	}
}

// testShort keeps README.md what somebody reads before anything else.
func (s site) testShort(t *testing.T) {
	if n := len(s.texts["README.md"]); n > readmeSize {
		t.Errorf("README.md has %d bytes, more than %d: move something to docs", n, readmeSize)
	}
}
