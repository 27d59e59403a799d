package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// mutator is between the exporter and a simulation, and changes answers on their way. What it
// does to the answer to a request depends only on the seed, on the request, and on how often the
// same was asked before.
type mutator struct {
	*http.Transport        // to the simulation
	to              string // scheme and host of the simulation

	mu    sync.Mutex
	seed  uint64
	share float64        // of the answers that are changed
	asked map[string]int // since the seed was set
	done  []string       // what was changed since then
}

// begin sets the seed and which share of the answers is changed from now on.
func (m *mutator) begin(seed uint64, share float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seed, m.share, m.asked, m.done = seed, share, map[string]int{}, nil
}

// changes returns how many answers were changed since begin.
func (m *mutator) changes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.done)
}

// mutations lists what was changed since begin.
func (m *mutator) mutations() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.done, "\n")
}

// draw returns what the fate of the answer to a request is drawn from; nil leaves it as it is.
func (m *mutator) draw(r *http.Request) *rand.Rand {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[r.RequestURI]++
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s %d", r.RequestURI, m.asked[r.RequestURI])
	rng := rand.New(rand.NewPCG(m.seed, h.Sum64()))
	if rng.Float64() >= m.share {
		return nil
	}
	return rng
}

func (m *mutator) note(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = append(m.done, fmt.Sprintf(format, args...))
}

// mutated is an answer that is being changed.
type mutated struct {
	request *http.Request
	status  int
	header  http.Header
	body    []byte
	cut     int // where the connection is closed; -1 if it is not
}

// ServeHTTP implements http.Handler.
func (m *mutator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, m.to+r.RequestURI, nil)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	request.Header = r.Header.Clone()
	answer, err := m.RoundTrip(request)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	a := &mutated{r, answer.StatusCode, answer.Header, body, -1}
	if rng := m.draw(r); rng != nil {
		names := slices.Sorted(maps.Keys(mutationsByName))
		for range 1 + rng.IntN(3) {
			name := names[rng.IntN(len(names))]
			m.note("%s: %s", r.RequestURI, name)
			mutationsByName[name](rng, a)
		}
	}
	a.send(w)
}

// send writes the answer by hand, because net/http would correct it.
func (a *mutated) send(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }()
	var out bytes.Buffer
	_, _ = fmt.Fprintf(&out, "HTTP/1.1 %03d X\r\nConnection: close\r\n", a.status)
	if a.header.Get("Content-Length") == "" {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	_ = a.header.Write(&out)
	out.WriteString("\r\n")
	out.Write(a.body)
	text := out.Bytes()
	if a.cut >= 0 {
		text = text[:a.cut%(len(text)+1)]
	}
	_, _ = conn.Write(text)
}

// mutationsByName are the ways in which an answer is changed.
var mutationsByName = map[string]func(*rand.Rand, *mutated){
	"a node is gone":          tree(func(_ *rand.Rand, n node) { n.remove() }),
	"a node has another type": tree(func(rng *rand.Rand, n node) { n.set(odd(rng)) }),
	"a node is moved":         moved,
	"a node is deep":          tree(func(rng *rand.Rand, n node) { n.set(deep(n.value, 1+rng.IntN(20_000))) }),
	"a list is multiplied":    tree(func(rng *rand.Rand, n node) { n.set(multiplied(n.value, 2+rng.IntN(300))) }),
	"a member is doubled":     tree(func(rng *rand.Rand, n node) { n.set(doubled(rng, n.value)) }),
	"a text is long":          tree(func(rng *rand.Rand, n node) { n.set(strings.Repeat("x", 1+rng.IntN(100_000))) }),
	"bytes are flipped":       flipped,
	"the body is cut":         func(rng *rand.Rand, a *mutated) { a.body = a.body[:rng.IntN(len(a.body)+1)] },
	"the body comes twice":    func(_ *rand.Rand, a *mutated) { a.body = slices.Repeat(a.body, 2) },
	"the connection is cut":   func(rng *rand.Rand, a *mutated) { a.cut = rng.IntN(1 << 16) },
	"another status": func(rng *rand.Rand, a *mutated) {
		a.status = pick(rng, 0, 99, 101, 201, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 405, 408, 410, 429, 500, 501, 502, 503, 504, 600, 999)
	},
	"a header": func(rng *rand.Rand, a *mutated) {
		name := pick(rng, "Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Location", "Retry-After", "WWW-Authenticate", "Set-Cookie", "Date", "X-Other")
		a.header.Set(name, pick(rng, "", "gzip", "br", "0", "-1", "7", "1e9", "chunked", "/services/v2/other", "http://127.0.0.2:1/", "text/html", "Digest realm=", "Basic realm=\"x\"", "Fri, 31 Dec 1999 23:59:59 GMT", strings.Repeat("y", 70_000)))
	},
	"it is late":     func(rng *rand.Rand, _ *mutated) { time.Sleep(time.Duration(rng.IntN(3000)) * time.Millisecond) },
	"it never comes": func(_ *rand.Rand, a *mutated) { <-a.request.Context().Done() },
	"it echoes the login": func(rng *rand.Rand, a *mutated) {
		title, _ := json.Marshal("malformed: " + a.request.Header.Get("Authorization"))
		a.status, a.body = pick(rng, 400, 401, 403, 500), fmt.Appendf(nil, `{"messages":[{"code":"OGG-12061","severity":"ERROR","title":%s}]}`, title)
	},
}

func pick[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// flipped changes a few bytes.
func flipped(rng *rand.Rand, a *mutated) {
	a.body = bytes.Clone(a.body)
	for range min(len(a.body), 1+rng.IntN(8)) {
		a.body[rng.IntN(len(a.body))] ^= 1 << rng.IntN(8)
	}
}

// odd is a value that is not what was expected.
func odd(rng *rand.Rand) any {
	return pick[any](rng, nil, true, false, json.Number("0"), json.Number("-1"), json.Number("1e308"), json.Number("1e999"), json.Number(strings.Repeat("9", 400)),
		"", " ", "NaN", "Infinity", "running", "RUNNING", "yesterday", "2026-11-20", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
		"a\nb", "a\"b\\", "a\x00b", "\u202ea", "\xff", "<script>alert(1)</script>", "../..", "a/b", "%2e%2e", "north", "south", "ServiceManager", "EXT1",
		[]any{}, []any{nil}, []any{[]any{}}, map[string]any{}, map[string]any{"": nil}, map[string]any{"name": "EXT1", "value": json.Number("7")})
}

// deep is a value within so many lists.
func deep(value any, n int) any {
	text, _ := json.Marshal(value)
	return json.RawMessage(strings.Repeat("[", n) + string(text) + strings.Repeat("]", n))
}

// multiplied is a list several times over, or a list of the value that often.
func multiplied(value any, n int) any {
	if list, is := value.([]any); is && len(list) > 0 {
		return slices.Repeat(list, n)
	}
	return slices.Repeat([]any{value}, n)
}

// doubled is an object that has a member twice, the second time with another value.
func doubled(rng *rand.Rand, value any) any {
	object, is := value.(map[string]any)
	if !is || len(object) == 0 {
		return multiplied(value, 2)
	}
	names := slices.Sorted(maps.Keys(object))
	name, _ := json.Marshal(names[rng.IntN(len(names))])
	text, _ := json.Marshal(object)
	other, _ := json.Marshal(odd(rng))
	return json.RawMessage(fmt.Sprintf("%s,%s:%s}", text[:len(text)-1], name, other))
}

// node is a value in a tree of JSON.
type node struct {
	value  any
	set    func(any)
	remove func()
}

// tree returns a mutation of one node of the body, which stays as it is if it is not JSON.
func tree(change func(*rand.Rand, node)) func(*rand.Rand, *mutated) {
	return func(rng *rand.Rand, a *mutated) {
		root, nodes := parsed(a.body)
		if len(nodes) == 0 {
			return
		}
		change(rng, nodes[rng.IntN(len(nodes))])
		a.body, _ = json.Marshal(root["root"])
	}
}

// moved puts a node in the place of another one.
func moved(rng *rand.Rand, a *mutated) {
	root, nodes := parsed(a.body)
	if len(nodes) == 0 {
		return
	}
	text, _ := json.Marshal(nodes[rng.IntN(len(nodes))].value) // a copy, for no tree has itself in it
	nodes[rng.IntN(len(nodes))].set(json.RawMessage(text))
	a.body, _ = json.Marshal(root["root"])
}

// parsed returns the tree of a body, as the member root, and its nodes.
func parsed(body []byte) (map[string]any, []node) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil, nil
	}
	root := map[string]any{"root": value}
	return root, nodesOf(root)
}

// nodesOf returns what is in a value, except for the links, which nobody reads.
func nodesOf(value any) []node {
	var nodes []node
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "links" && name != "$schema" {
				nodes = append(nodes, node{v[name], func(to any) { v[name] = to }, func() { delete(v, name) }})
				nodes = append(nodes, nodesOf(v[name])...)
			}
		}
	case []any:
		for i, element := range v {
			nodes = append(nodes, node{element, func(to any) { v[i] = to }, func() { v[i] = nil }})
			nodes = append(nodes, nodesOf(element)...)
		}
	}
	return nodes
}
