// Package capture writes what GoldenGate answers to a directory, with what is secret masked,
// so that a bug can be reported with it and the exporter can replay it. It exports Write
// alone.
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

// masking says what a capture shows and what it does not.
const masking = `Names of hosts, users, aliases and databases, IP addresses, certificates and what
is secret in the configuration are masked, each in one way throughout a Service
Manager. Private keys and the values of environment variables are removed. Names of
deployments, services, processes, paths, trails, schemas and tables, directories
and descriptions stay. Look through the files before you give them away.`

// Write reads each Service Manager once and writes what it answers to a directory of its own
// within dir, which must be empty or absent. It reports on stdout what it wrote. The
// directories have numbers, because the names of Service Managers may be those of hosts.
//
// Each request has a file of its own, and capture.json is about the whole. What could not be
// read is not an error, but is in the files, too.
//
// Each name of a host, user, alias, credential domain and database, each IP address and what
// identifies a certificate is replaced by a pseudonym, the same wherever it occurs in the
// capture of a Service Manager, in paths, too. So is what is secret in the configuration.
// Certificates are replaced by others that expire when they do. Private keys and the values of
// environment variables are removed. The names of deployments, services, processes, paths,
// trails, schemas and tables stay, as do directories, except for words in them that are masked
// elsewhere, and everything that people have written freely: somebody should look through it
// before it is given away.
func Write(ctx context.Context, managers []config.ServiceManager, o ogg.Options, dir string, stdout io.Writer) error {
	if err := checkEmpty(dir); err != nil {
		return fmt.Errorf("--capture: %w", err)
	}
	if len(managers) == 0 {
		return errors.New("--capture: there is no Service Manager in the configuration; what is found in Oracle Cloud is not captured")
	}
	var errs []error
	for i, sm := range managers {
		into := filepath.Join(dir, fmt.Sprintf("service-manager-%d", i+1))
		n, err := writeOne(ctx, sm, o, into)
		if err != nil {
			errs = append(errs, fmt.Errorf("--capture: %w", err))
			continue
		}
		fmt.Fprintf(stdout, "Wrote what came of %d requests to Service Manager %s to %s\n", n, sm.Name, into)
	}
	if len(errs) < len(managers) {
		fmt.Fprintln(stdout, masking)
	}
	return errors.Join(errs...)
}

// captureIndex is the file of a capture that tells about the whole.
const captureIndex = "capture.json"

// capturedAnswer is the file of one request.
type capturedAnswer struct {
	Method       string `json:"method"`
	Deployment   string `json:"deployment"`
	Microservice string `json:"microservice"`
	// Path is that of ogg.Exchange.
	Path string `json:"path"`
	// Status is missing where there was no answer.
	Status      int    `json:"status,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	// Error is why the poll could do nothing with it.
	Error string `json:"error,omitempty"`
	// Body is a JSON object or array as it came, and a string of anything else.
	Body json.RawMessage `json:"body,omitempty"`
}

// index is what captureIndex holds.
type index struct {
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

// writeOne polls a Service Manager once with a new client: one that polled before knows things
// that it does not ask for again. It returns how many requests there were.
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
		x.Body = bytes.Clone(x.Body) // which its reader may clear
		mu.Lock()
		defer mu.Unlock()
		exchanges = append(exchanges, x)
	}))
	if errors.Is(ctx.Err(), context.Canceled) {
		return 0, fmt.Errorf("capture of service manager %s: %w", sm.Name, ctx.Err())
	}
	return writeExchanges(dir, sm, o.Collectors, inst, exchanges)
}

// checkEmpty fails where the directory has something in it.
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

// describe describes a capture.
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

// sortedExchanges returns the exchanges sorted by what was asked, of those that ask
// the same the last one that was answered.
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

// rootsOfNames are the segments of a route before the name of an object that stays in a capture.
var rootsOfNames = []string{"deployments", "services", "extracts", "replicats", "sources", "targets", "trails", "mpoints"}

// namesAsked returns the names, in what was asked, that stay in the capture.
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

// occursIn returns what reports whether a text, in lower case, is anywhere in the
// exchanges.
func occursIn(exchanges []ogg.Exchange) func(string) bool {
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
