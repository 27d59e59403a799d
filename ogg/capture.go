package ogg

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// captureIndex is the file of a capture that tells about the whole.
const captureIndex = "capture.json"

// capturedAnswer is the file of one request.
type capturedAnswer struct {
	Method       string `json:"method"`
	Deployment   string `json:"deployment"`
	Microservice string `json:"microservice"`
	// Path is that of Exchange.
	Path string `json:"path"`
	// Status is missing where there was no answer.
	Status      int    `json:"status,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	// Error is why the poll could do nothing with it.
	Error string `json:"error,omitempty"`
	// Body is a JSON object or array as it came, and a string of anything else.
	Body json.RawMessage `json:"body,omitempty"`
}

// capture is what captureIndex holds.
type capture struct {
	ServiceManager string    `json:"service_manager"`
	Time           time.Time `json:"time"`
	// Versions are those of the builds that were found.
	Versions []string `json:"versions,omitempty"`
	// Collectors are those that the client reads for; missing where for all.
	Collectors []string `json:"collectors,omitempty"`
	// Selection has the patterns of the configuration, by their keys.
	Selection map[string]string `json:"selection,omitempty"`
	Requests  int               `json:"requests"`
	// Unanswered is how many of them had no answer.
	Unanswered int `json:"unanswered"`
}

// Capture polls once, and writes what came of each request to a file of its own in
// dir, which it makes if it is not there, and capture.json about the whole. It
// returns how many requests there were. What could not be read is no error, but is
// in the files too. It fails where dir is not empty, when ctx is cancelled, and when
// a file cannot be written.
//
// The client should be new: one that polled before knows things that it does not
// ask for again.
//
// Each name of a host, user, alias, credential domain and database, each IP address
// and what identifies a certificate is replaced by a pseudonym, the same wherever
// it occurs in the capture, in paths too. So is what is secret in the configuration.
// Certificates are replaced by others that end when they do. Private keys and the
// values of environment variables are removed. The names of deployments, services,
// processes, paths, trails, schemas and tables stay, as do directories, but for
// words in them that are masked elsewhere, and all that people have written freely:
// somebody should look through it before it is given away.
func (c *Client) Capture(ctx context.Context, dir string) (int, error) {
	if err := makeEmpty(dir); err != nil {
		return 0, err
	}
	var mu sync.Mutex
	var exchanges []Exchange
	inst := c.Poll(WithTrace(ctx, func(x Exchange) {
		x.Body = bytes.Clone(x.Body) // which its reader may clear
		mu.Lock()
		defer mu.Unlock()
		exchanges = append(exchanges, x)
	}))
	if errors.Is(ctx.Err(), context.Canceled) {
		return 0, fmt.Errorf("capture of service manager %s: %w", c.config.Name, ctx.Err())
	}
	return c.writeCapture(dir, inst, exchanges)
}

// makeEmpty makes a directory that only its owner may read. It may be there, but
// not with anything in it.
func makeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(dir, 0o700)
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty", dir)
	default:
		return nil
	}
}

// writeCapture writes the masked exchanges of a poll.
func (c *Client) writeCapture(dir string, inst *Installation, exchanges []Exchange) (int, error) {
	exchanges = sortedExchanges(exchanges)
	m := newMasker(c.config, namesAsked(exchanges), occursIn(exchanges))
	answers := m.answers(exchanges)
	for known := -1; known != m.known(); answers = m.answers(exchanges) {
		known = m.known()
	}
	index := c.captureOf(inst, m)
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

// captureOf describes a capture.
func (c *Client) captureOf(inst *Installation, m *masker) capture {
	index := capture{
		ServiceManager: m.text(c.config.Name), Time: inst.Begin.UTC().Truncate(time.Second),
		Collectors: c.options.Collectors, Selection: map[string]string{},
	}
	for _, d := range inst.Deployments {
		if d.Build != nil && d.Build.Version != "" {
			index.Versions = append(index.Versions, d.Build.Version)
		}
	}
	slices.Sort(index.Versions)
	index.Versions = slices.Compact(index.Versions)
	for key, pattern := range c.config.Patterns() {
		if expr := pattern.String(); expr != "" {
			index.Selection[key] = m.text(expr)
		}
	}
	return index
}

// sortedExchanges returns the exchanges sorted by what was asked, of those that ask
// the same the last one that was answered.
func sortedExchanges(exchanges []Exchange) []Exchange {
	sorted := slices.SortedStableFunc(slices.Values(exchanges), func(a, b Exchange) int {
		return cmp.Or(
			cmp.Compare(a.Deployment, b.Deployment), cmp.Compare(a.Microservice, b.Microservice), cmp.Compare(a.Path, b.Path),
			cmp.Compare(min(b.Status, 1), min(a.Status, 1)), b.Begin.Compare(a.Begin),
		)
	})
	return slices.CompactFunc(sorted, func(a, b Exchange) bool {
		return a.Deployment == b.Deployment && a.Microservice == b.Microservice && a.Path == b.Path
	})
}

// namesAsked returns the names of deployments, services, processes, paths and
// trails in what was asked.
func namesAsked(exchanges []Exchange) []string {
	var names []string
	roots := []string{"deployments", "services", "extracts", "replicats", "sources", "targets", "trails", "mpoints"}
	for _, x := range exchanges {
		names = append(names, x.Deployment, x.Microservice)
		path, _, _ := strings.Cut(x.Path, "?")
		segments := strings.Split(path, "/")
		for i, segment := range segments[1:] {
			if name, err := url.PathUnescape(segment); err == nil && slices.Contains(roots, segments[i]) {
				names = append(names, name)
			}
		}
	}
	return names
}

// occursIn returns what reports whether a text, in lower case, is anywhere in the
// exchanges.
func occursIn(exchanges []Exchange) func(string) bool {
	texts := make([]string, 0, 2*len(exchanges))
	for _, x := range exchanges {
		texts = append(texts, lower(x.Deployment+" "+x.Path), lower(string(x.Body)))
	}
	return func(text string) bool {
		return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, text) })
	}
}

// known is how much the masker has learned.
func (m *masker) known() int {
	return len(m.pseudonyms) + len(m.networks) + len(m.addresses) + len(m.certificates)
}

// answers masks exchanges.
func (m *masker) answers(exchanges []Exchange) []capturedAnswer {
	answers := make([]capturedAnswer, len(exchanges))
	for i, x := range exchanges {
		answers[i] = m.answer(x)
	}
	return answers
}

// answer masks one exchange.
func (m *masker) answer(x Exchange) capturedAnswer {
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

// quoted returns a text as JSON.
func quoted(text string) json.RawMessage {
	var r rewriter
	r.text(text)
	return r.out.Bytes()
}

// maxFileName is how long the name of a file may be, before its ending.
const maxFileName = 120

// fileName returns a name for the file of an answer, which it adds to those that
// are used: of letters, digits and what every file system takes, and another one
// also where a file system does not tell upper from lower case.
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

// writeJSON writes a file that only its owner may read.
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
