// Package capture writes GoldenGate's answers to a directory, with secrets masked, for bug
// reports and for the exporter to replay. It exports only Write.
package capture

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// masking describes what a capture contains.
const masking = `Figures are kept. Texts keep the words that GoldenGate's documentation and messages use,
numbers of up to three digits, times and error codes. Every other word is replaced, the same
one alike everywhere: names of hosts, users, deployments, processes, tables, directories.
Review the files before you share them.`

// Write reads each Service Manager once and writes its answers to a numbered directory within
// dir, which must be empty or absent. Numbered, because a Service Manager may be named after
// its host. It reports on stdout what it wrote.
//
// Each request has its own file, and capture.json describes the whole. Failed requests are in the
// files too; they are an error only if a Service Manager answers none.
//
// What is kept is listed in vocabulary.go; all other words are replaced by pseudonyms, each by the
// same one throughout the capture, including file names, so that a replay is consistent.
// Certificates are replaced by others that expire at the same time, and private keys removed.
// Somebody should review the files before sharing them.
func Write(ctx context.Context, managers []config.ServiceManager, o ogg.Options, dir string, stdout io.Writer) error {
	if err := checkEmpty(dir); err != nil {
		return fmt.Errorf("--capture: %w", err)
	}
	if len(managers) == 0 {
		return errors.New("--capture: no Service Manager is configured; what is discovered in Oracle Cloud is not captured")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--capture: %w", err)
	}
	polls, errs := make([]poll, len(managers)), make([]error, len(managers))
	for i, sm := range managers {
		polls[i], errs[i] = pollOnce(ctx, sm, o)
	}
	m := newMasker(managers, replicatsAsked(polls))
	recorded := false
	for i, p := range polls {
		into := filepath.Join(dir, fmt.Sprintf("service-manager-%d", i+1))
		if errs[i] == nil {
			errs[i] = p.write(into, m)
		}
		if errs[i] == nil {
			recorded, errs[i] = true, p.report(into, stdout)
		}
		if errs[i] != nil {
			errs[i] = fmt.Errorf("--capture: %w", errs[i])
		}
	}
	if recorded {
		fmt.Fprintln(stdout, masking)
	}
	return errors.Join(errs...)
}

// report says what was written. It fails if nothing but failures could be.
func (p poll) report(into string, stdout io.Writer) error {
	fmt.Fprintf(stdout, "Recorded %d requests to Service Manager %s in %s\n", len(p.exchanges), p.sm.Name, into)
	if slices.ContainsFunc(p.exchanges, func(x ogg.Exchange) bool { return x.Status != 0 }) {
		return nil
	}
	return fmt.Errorf("service manager %s has not answered; %s says why", p.sm.Name, into)
}

// captureIndex is the name of the file that describes a capture.
const captureIndex = "capture.json"

// capturedAnswer is the file of one request.
type capturedAnswer struct {
	Method       string `json:"method"`
	Deployment   string `json:"deployment"`
	Microservice string `json:"microservice"`
	// Path is as in ogg.Exchange.
	Path string `json:"path"`
	// Status is missing without an answer.
	Status      int    `json:"status,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	// Error is why the request failed.
	Error string `json:"error,omitempty"`
	// Body is the JSON object or array that was received, or anything else as a string.
	Body json.RawMessage `json:"body,omitempty"`
}

// index is the content of captureIndex.
type index struct {
	ServiceManager string    `json:"service_manager"`
	Time           time.Time `json:"time"`
	// Versions are those of the deployments' builds.
	Versions []string `json:"versions,omitempty"`
	// Collectors are those that were read for; missing for all.
	Collectors []string `json:"collectors,omitempty"`
	// Selection has the configured patterns, by key.
	Selection map[string]string `json:"selection,omitempty"`
	Requests  int               `json:"requests"`
	// Unanswered is how many requests had no answer.
	Unanswered int `json:"unanswered"`
}

// poll is what one Service Manager answered.
type poll struct {
	sm         config.ServiceManager
	collectors []string
	inst       *ogg.Installation
	exchanges  []ogg.Exchange
}

// pollOnce polls a Service Manager once. It uses a new client, because one that has polled before
// skips what it already knows.
func pollOnce(ctx context.Context, sm config.ServiceManager, o ogg.Options) (poll, error) {
	p := poll{sm: sm, collectors: o.Collectors}
	client, err := ogg.NewClient(sm, o)
	if err != nil {
		return p, err
	}
	defer client.Close()
	var mu sync.Mutex
	p.inst = client.Poll(ogg.WithTrace(ctx, func(x ogg.Exchange) {
		x.Body = bytes.Clone(x.Body) // the buffer is reused
		mu.Lock()
		defer mu.Unlock()
		p.exchanges = append(p.exchanges, x)
	}))
	if errors.Is(ctx.Err(), context.Canceled) {
		return p, fmt.Errorf("capture of service manager %s: %w", sm.Name, ctx.Err())
	}
	p.exchanges = sortedExchanges(p.exchanges)
	return p, nil
}

// checkEmpty fails unless the directory is empty or absent.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty", dir)
	default:
		return nil
	}
}

// write writes the masked answers to a new directory.
func (p poll) write(dir string, m *masker) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	index := p.describe(m)
	used := map[string]bool{captureIndex: true}
	for _, x := range p.exchanges {
		if x.Status == 0 {
			index.Unanswered++
		}
		a := m.answer(x)
		if err := writeJSON(filepath.Join(dir, fileName(a, used)), a); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(dir, captureIndex), index)
}

// describe returns the index of the capture.
func (p poll) describe(m *masker) index {
	index := index{
		ServiceManager: m.text(p.sm.Name), Time: p.inst.Begin.UTC().Truncate(time.Second),
		Collectors: p.collectors, Selection: map[string]string{}, Requests: len(p.exchanges),
	}
	for _, d := range p.inst.Deployments {
		if d.Build != nil && d.Build.Version != "" {
			index.Versions = append(index.Versions, m.string("version", d.Build.Version))
		}
	}
	slices.Sort(index.Versions)
	index.Versions = slices.Compact(index.Versions)
	names := namesIn(p.exchanges)
	for key, pattern := range p.sm.Patterns() {
		if !pattern.IsZero() {
			index.Selection[key] = m.selection(pattern, names)
		}
	}
	return index
}

// selection returns a regular expression for the pseudonyms of the names that a pattern matches.
func (m *masker) selection(pattern *config.Pattern, names []string) string {
	var selected []string
	for _, name := range names {
		if pattern.MatchString(name) {
			selected = append(selected, regexp.QuoteMeta(m.text(name)))
		}
	}
	if len(selected) == 0 {
		return "[^\\s\\S]" // matches nothing
	}
	return strings.Join(selected, "|")
}

// namesIn returns the names in the answers, sorted.
func namesIn(exchanges []ogg.Exchange) []string {
	found := map[string]bool{}
	for _, x := range exchanges {
		for _, match := range namePattern.FindAllSubmatch(x.Body, -1) {
			var name string
			if json.Unmarshal(match[1], &name) == nil {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// namePattern matches the members that name deployments, processes and paths.
var namePattern = regexp.MustCompile(`"(?:name|deploymentName|processName|pathName)"\s*:\s*("(?:[^"\\]|\\.)*")`)

// sortedExchanges returns the exchanges sorted by request; of identical requests, only the
// last one with an answer.
func sortedExchanges(exchanges []ogg.Exchange) []ogg.Exchange {
	sorted := slices.SortedStableFunc(slices.Values(exchanges), func(a, b ogg.Exchange) int {
		return cmp.Or(
			cmp.Compare(a.Deployment, b.Deployment), cmp.Compare(a.Microservice, b.Microservice), cmp.Compare(a.Path, b.Path),
			cmp.Compare(min(b.Status, 1), min(a.Status, 1)), b.Begin.Compare(a.Begin),
		)
	})
	return slices.CompactFunc(sorted, func(a, b ogg.Exchange) bool {
		return a.Deployment == b.Deployment && a.Microservice == b.Microservice && a.Path == b.Path
	})
}

// replicatsAsked returns the names of the Replicats in requests.
func replicatsAsked(polls []poll) []string {
	var names []string
	for _, p := range polls {
		for _, x := range p.exchanges {
			path, _ := strings.CutPrefix(x.Path, "/replicats/")
			name, _, _ := strings.Cut(path, "/")
			if plain, err := url.PathUnescape(name); err == nil && path != x.Path {
				names = append(names, plain)
			}
		}
	}
	return names
}

// answer masks one exchange.
func (m *masker) answer(x ogg.Exchange) capturedAnswer {
	a := capturedAnswer{
		Method: x.Method, Deployment: m.text(x.Deployment), Microservice: m.text(x.Microservice), Path: m.path(x.Path),
		Status: x.Status, ContentType: m.text(x.ContentType),
	}
	if x.Err != nil {
		a.Error = m.text(x.Err.Error())
	}
	if len(x.Body) == 0 {
		return a
	}
	a.Body = m.body(x.Body)
	if !isDocument(x.Body) {
		a.Body = quoted(string(a.Body))
	}
	return a
}

// maxFileName is the longest name of a file, without its extension.
const maxFileName = 120

// fileName returns a name for the file of an answer, and adds it to used. The name is valid on
// every file system, and unique even if the file system ignores case.
func fileName(a capturedAnswer, used map[string]bool) string {
	safe := func(r rune) rune {
		switch {
		case r == '/':
			return '_'
		case r == '_', r == '-', r == '.', r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return r
		default:
			return '-'
		}
	}
	base := strings.Map(safe, a.Deployment+"_"+a.Microservice+a.Path)
	base = strings.TrimLeft(base[:min(len(base), maxFileName)], ".-")
	name := base + ".json"
	for n := 2; used[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d.json", base, n)
	}
	used[strings.ToLower(name)] = true
	return name
}

// writeJSON writes content to a file that only its owner may read.
func writeJSON(file string, content any) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(content); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, out.Bytes(), 0o600)
}
