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
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// masking describes what a capture contains.
const masking = `Names of hosts, users, aliases and databases, IP addresses, certificates and the
secrets of the configuration are masked, each consistently throughout a Service
Manager. Private keys and the values of environment variables are removed. Names of
deployments, services, processes, paths, trails, schemas and tables, directories
and descriptions are kept. Review the files before you share them.`

// Write reads each Service Manager once and writes its answers to a numbered directory within
// dir, which must be empty or absent. Numbered, because a Service Manager may be named after
// its host. It reports on stdout what it wrote.
//
// Each request has its own file, and capture.json describes the whole. Failed requests are not
// an error: they are in the files too.
//
// Names of hosts, users, aliases, credential domains and databases, IP addresses, whatever
// identifies a certificate, and the secrets of the configuration are replaced by pseudonyms,
// each by the same one throughout the capture of a Service Manager, including file names.
// Certificates are replaced by others that expire at the same time. Private keys and the
// values of environment variables are removed. Names of deployments, services, processes,
// paths, trails, schemas and tables are kept; so are directories and free text, except for
// words that are masked elsewhere. Somebody should review the files before sharing them.
func Write(ctx context.Context, managers []config.ServiceManager, o ogg.Options, dir string, stdout io.Writer) error {
	if err := checkEmpty(dir); err != nil {
		return fmt.Errorf("--capture: %w", err)
	}
	if len(managers) == 0 {
		return errors.New("--capture: no Service Manager is configured; what is discovered in Oracle Cloud is not captured")
	}
	var errs []error
	for i, sm := range managers {
		into := filepath.Join(dir, fmt.Sprintf("service-manager-%d", i+1))
		n, err := writeOne(ctx, sm, o, into)
		if err != nil {
			errs = append(errs, fmt.Errorf("--capture: %w", err))
			continue
		}
		fmt.Fprintf(stdout, "Wrote %d requests to Service Manager %s to %s\n", n, sm.Name, into)
	}
	if len(errs) < len(managers) {
		fmt.Fprintln(stdout, masking)
	}
	return errors.Join(errs...)
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

// writeOne polls a Service Manager once and returns the number of requests. It uses a new
// client, because one that has polled before skips what it already knows.
func writeOne(ctx context.Context, sm config.ServiceManager, o ogg.Options, dir string) (int, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	client, err := ogg.NewClient(sm, o)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	var mu sync.Mutex
	var exchanges []ogg.Exchange
	inst := client.Poll(ogg.WithTrace(ctx, func(x ogg.Exchange) {
		x.Body = bytes.Clone(x.Body) // the buffer is reused
		mu.Lock()
		defer mu.Unlock()
		exchanges = append(exchanges, x)
	}))
	if errors.Is(ctx.Err(), context.Canceled) {
		return 0, fmt.Errorf("capture of service manager %s: %w", sm.Name, ctx.Err())
	}
	return writeExchanges(dir, sm, o.Collectors, inst, exchanges)
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

// writeExchanges writes the masked exchanges of a poll.
func writeExchanges(dir string, sm config.ServiceManager, collectors []string, inst *ogg.Installation, exchanges []ogg.Exchange) (int, error) {
	exchanges = sortedExchanges(exchanges)
	m := newMasker(sm, namesAsked(exchanges), occursIn(exchanges))
	answers := m.answers(exchanges)
	for known := -1; known != m.known(); answers = m.answers(exchanges) {
		known = m.known()
	}
	index := describe(sm, inst, m)
	index.Collectors = collectors
	index.Requests = len(answers)
	used := map[string]bool{captureIndex: true}
	for _, a := range answers {
		if a.Status == 0 {
			index.Unanswered++
		}
		if err := writeJSON(filepath.Join(dir, fileName(a, used)), a); err != nil {
			return 0, err
		}
	}
	return len(answers), writeJSON(filepath.Join(dir, captureIndex), index)
}

// describe returns the index of a capture.
func describe(sm config.ServiceManager, inst *ogg.Installation, m *masker) index {
	index := index{
		ServiceManager: m.text(sm.Name), Time: inst.Begin.UTC().Truncate(time.Second),
		Selection: map[string]string{},
	}
	for _, d := range inst.Deployments {
		if d.Build != nil && d.Build.Version != "" {
			index.Versions = append(index.Versions, d.Build.Version)
		}
	}
	slices.Sort(index.Versions)
	index.Versions = slices.Compact(index.Versions)
	for key, pattern := range sm.Patterns() {
		if expr := pattern.String(); expr != "" {
			index.Selection[key] = m.text(expr)
		}
	}
	return index
}

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

// rootsOfNames are the segments of a route that precede a name that a capture keeps.
var rootsOfNames = []string{"deployments", "services", "extracts", "replicats", "sources", "targets", "trails", "stream", "mpoints"}

// namesAsked returns the names in the requests that the capture keeps.
func namesAsked(exchanges []ogg.Exchange) []string {
	var names []string
	for _, x := range exchanges {
		names = append(names, x.Deployment, x.Microservice)
		path, _, _ := strings.Cut(x.Path, "?")
		segments := strings.Split(path, "/")
		for i, segment := range segments[1:] {
			if name, err := url.PathUnescape(segment); err == nil && slices.Contains(rootsOfNames, segments[i]) {
				names = append(names, name)
			}
		}
	}
	return names
}

// occursIn returns a function that reports whether a text, in lower case, occurs anywhere in
// the exchanges.
func occursIn(exchanges []ogg.Exchange) func(string) bool {
	texts := make([]string, 0, 2*len(exchanges))
	for _, x := range exchanges {
		texts = append(texts, lower(x.Deployment+" "+x.Path), lower(string(x.Body)))
	}
	return func(text string) bool {
		return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, text) })
	}
}

// known returns how many originals the masker has learned.
func (m *masker) known() int {
	return len(m.pseudonyms) + len(m.networks) + len(m.addresses) + len(m.certificates)
}

func (m *masker) answers(exchanges []ogg.Exchange) []capturedAnswer {
	answers := make([]capturedAnswer, len(exchanges))
	for i, x := range exchanges {
		answers[i] = m.answer(x)
	}
	return answers
}

// answer masks one exchange.
func (m *masker) answer(x ogg.Exchange) capturedAnswer {
	a := capturedAnswer{
		Method: x.Method, Deployment: m.text(x.Deployment), Microservice: m.text(x.Microservice), Path: m.text(x.Path),
		Status: x.Status, ContentType: x.ContentType,
	}
	if x.Err != nil {
		a.Error = m.text(x.Err.Error())
	}
	if len(x.Body) == 0 {
		return a
	}
	a.Body = m.body(x.Path, x.Body)
	if !isDocument(x.Body) {
		a.Body = quoted(string(a.Body))
	}
	return a
}

// quoted returns a text as a JSON string.
func quoted(text string) json.RawMessage {
	var r rewriter
	r.text(text)
	return r.out.Bytes()
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
		case r < 0x80 && isWord(r), r == '-', r == '.':
			return r
		default:
			return '-'
		}
	}
	base := strings.Map(safe, a.Deployment+"_"+a.Microservice+a.Path)
	base = strings.TrimLeft(base[:min(len(base), maxFileName)], ".-")
	name := base + ".json"
	for n := 2; used[lower(name)]; n++ {
		name = fmt.Sprintf("%s-%d.json", base, n)
	}
	used[lower(name)] = true
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
