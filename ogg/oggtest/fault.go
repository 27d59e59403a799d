package oggtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Target selects the requests that a Fault affects. An empty field matches anything.
type Target struct {
	Deployment string
	Service    string

	// Path is relative to the service, like "/services/v2/extracts": a pattern of path.Match, or a
	// path that also matches everything below it.
	Path string
}

// Fault is a failure to simulate. Latency, Header and Times can be combined with any other field.
// SlowBody, Truncated and WrongTypes modify the regular answer, or that of Body or Status. Of the
// remaining fields, the first one that is set takes effect.
type Fault struct {
	// Times is how often the fault occurs; if 0, until it is cleared.
	Times int

	// Latency is a delay before anything else, by the machine's clock.
	Latency time.Duration

	// Header is added to the answer.
	Header http.Header

	// Refused closes the port of every service of the Target, so that connections are refused, if
	// Path is empty and Times 0; otherwise it drops the connection before an answer. Behind the
	// NGINX front, the answer is 502 with an HTML page.
	Refused bool

	Reset           bool   // the connection is reset (RST) before an answer
	Hang            bool   // there is no answer until the client gives up or Close is called
	EndlessBody     bool   // 200 and a JSON body that never ends
	Redirect        string // redirects to this URL, with Status or 307
	Unauthorized401 bool   // as if the credentials were wrong
	Forbidden403    bool   // as if the role were too low
	Echo            bool   // what was sent, in plain text, with Status or 400
	HTML            bool   // an HTML page, like that of a login or proxy, with Status or 200

	// Hostile is what no GoldenGate does.
	Hostile Hostile

	// Status is the status of the answer; if 0 with a Body, 200. Without a Body, 400 and above
	// return GoldenGate's error body (503 that of a restarting service), others none.
	Status     int
	RetryAfter string // Retry-After header
	Body       string // raw; application/json unless Header says otherwise

	SlowBody   time.Duration // pause before each sixteenth of the body
	Truncated  bool          // closes the connection after half of the body
	WrongTypes bool          // gives every scalar in response another type
}

// Fault makes matching requests fail until the returned function is called, or as often as f.Times
// says. If several faults match, the oldest one takes effect. Note that Go's HTTP client retries by
// itself when a connection that it has used before is dropped without an answer.
func (s *Server) Fault(at Target, f Fault) func() {
	set := &fault{Fault: f, at: at, left: f.Times}
	var closed []*service
	if f.Refused && at.Path == "" && f.Times == 0 && s.front == nil {
		closed = s.refuse(at)
	}
	s.faults.add(set)
	return sync.OnceFunc(func() {
		s.faults.remove(set)
		s.change(func() {
			for _, svc := range closed {
				svc.refused--
			}
		})
	})
}

// refuse closes the ports of the services that match the target now, and returns the services.
func (s *Server) refuse(at Target) []*service {
	var closed []*service
	s.change(func() {
		for _, d := range s.deployments {
			for _, svc := range d.services {
				if at.includes(d, svc) {
					svc.refused++
					closed = append(closed, svc)
				}
			}
		}
	})
	return closed
}

// fault is an active Fault.
type fault struct {
	Fault
	at   Target
	left int // remaining of Times
}

// faults are the active faults, oldest first.
type faults struct {
	mu  sync.Mutex
	set []*fault
}

func (fs *faults) add(f *fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.set = append(fs.set, f)
}

func (fs *faults) remove(f *fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, o := range fs.set {
		if o == f {
			fs.set = append(fs.set[:i:i], fs.set[i+1:]...)
			return
		}
	}
}

// take returns the fault that a request meets, and counts it.
func (fs *faults) take(to destination) (*fault, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.set {
		if !f.at.matches(to) || f.Times > 0 && f.left == 0 {
			continue
		}
		f.left--
		return f, true
	}
	return nil, false
}

func (t Target) matches(to destination) bool {
	if !t.includes(to.dep, to.svc) {
		return false
	}
	if ok, err := path.Match(t.Path, to.path); t.Path == "" || ok && err == nil {
		return true
	}
	rest, ok := strings.CutPrefix(to.path, strings.TrimSuffix(t.Path, "/"))
	return ok && boundary(rest)
}

func (t Target) includes(d *deployment, svc *service) bool {
	return named(t.Deployment, d.spec.Name) && named(t.Service, svc.spec.Name)
}

// play applies the fault to a request.
func (f *fault) play(x *exchange) {
	if !x.wait(f.Latency) {
		x.drop(false)
	}
	switch {
	case f.Refused && x.server.front != nil:
		f.send(x, pageAnswer(http.StatusBadGateway))
	case f.Refused:
		x.drop(false)
	case f.Reset:
		x.drop(true)
	case f.Hang:
		x.hang()
	case f.EndlessBody:
		f.endless(x)
	case f.Hostile != "":
		x.hostile(f.Hostile)
	default:
		f.send(x, f.answer(x))
	}
}

// answer returns the answer that the fault sets.
func (f *fault) answer(x *exchange) answer {
	switch {
	case f.Redirect != "":
		return answer{cmp.Or(f.Status, http.StatusTemporaryRedirect), http.Header{"Location": {f.Redirect}}, nil}
	case f.Unauthorized401:
		return x.fail(unauthorized)
	case f.Forbidden403:
		return x.fail(forbidden)
	case f.Echo:
		var text bytes.Buffer
		_ = x.Write(&text)
		return answer{cmp.Or(f.Status, http.StatusBadRequest), http.Header{"Content-Type": {"text/plain"}}, text.Bytes()}
	case f.HTML:
		page := "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>\n"
		return answer{cmp.Or(f.Status, http.StatusOK), http.Header{"Content-Type": {"text/html"}}, []byte(page)}
	case f.Body != "":
		return answer{cmp.Or(f.Status, http.StatusOK), http.Header{"Content-Type": {"application/json"}}, []byte(f.Body)}
	case f.Status != 0 && f.Status < http.StatusBadRequest:
		return answer{f.Status, http.Header{}, nil}
	case f.Status != 0:
		return x.fail(failureOf(f.Status))
	}
	return x.answer()
}

func failureOf(status int) *failure {
	for _, f := range []*failure{notFound, badMethod, unauthorized, forbidden, restarting} {
		if f.status == status {
			return f
		}
	}
	return &failure{status, "OGG-12004", http.StatusText(status)}
}

// send sends an answer as the fault says.
func (f *fault) send(x *exchange, a answer) {
	if f.WrongTypes {
		a.body = wrongTypes(a.body)
	}
	maps.Copy(a.header, f.headers())
	if f.RetryAfter != "" {
		a.header.Set("Retry-After", f.RetryAfter)
	}
	switch {
	case f.Truncated:
		x.start(a)
		x.push(a.body[:len(a.body)/2])
		x.drop(false)
	case f.SlowBody > 0:
		f.slow(x, a)
	default:
		x.send(a)
	}
}

// headers returns the fault's headers in canonical form.
func (f *fault) headers() http.Header {
	h := http.Header{}
	for name, values := range f.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return h
}

func (f *fault) slow(x *exchange, a answer) {
	x.start(a)
	size := len(a.body)/16 + 1
	for rest := a.body; len(rest) > 0 && x.wait(f.SlowBody); {
		part := rest[:min(size, len(rest))]
		rest = rest[len(part):]
		if !x.push(part) {
			return
		}
	}
}

// endless keeps adding items to a collection until the client has had enough.
func (f *fault) endless(x *exchange) {
	head := http.Header{"Content-Type": {"application/json"}}
	maps.Copy(head, f.headers())
	x.start(answer{status: cmp.Or(f.Status, http.StatusOK), header: head})
	item := []byte(`{"$schema":"ogg:collectionItem","name":"ENDLESS","status":"running"},`)
	chunk := bytes.Repeat(item, 1000)
	for ok := x.push([]byte(`{"$schema":"api:standardResponse","response":{"items":[`)); ok; {
		ok = x.wait(time.Millisecond) && x.push(chunk) // a deadline may come before the client has enough
	}
}

// hostile lets a hostile peer answer.
func (x *exchange) hostile(h Hostile) {
	x.server.running.Add(1) // nobody counts a connection that is taken over
	defer x.server.running.Done()
	x.leave()
	behaviors[h](&peer{Request: x.Request, writer: x.writer, start: x.status, done: x.server.done})
}

// push writes and flushes. It reports false if the client has gone away.
func (x *exchange) push(part []byte) bool {
	if _, err := x.writer.Write(part); err != nil {
		return false
	}
	return http.NewResponseController(x.writer).Flush() == nil
}

// wait waits, and reports false if the client goes away or the simulation is closed.
func (x *exchange) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	if d <= 0 {
		return x.Context().Err() == nil && !x.server.ended()
	}
	select {
	case <-t.C:
		return true
	case <-x.Context().Done():
	case <-x.server.done:
	}
	return false
}

// hang waits for the client to go away.
func (x *exchange) hang() {
	select {
	case <-x.Context().Done():
	case <-x.server.done:
	}
	x.drop(false)
}

// drop closes or resets the connection without completing the answer. It does not return.
func (x *exchange) drop(reset bool) {
	x.leave()
	if reset {
		if conn, _, err := http.NewResponseController(x.writer).Hijack(); err == nil {
			_ = abortive(conn).Close()
		}
	}
	panic(http.ErrAbortHandler)
}

// abortive returns the connection beneath TLS, set so that closing it resets it.
func abortive(conn net.Conn) net.Conn {
	for {
		c, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = c.NetConn()
	}
	if c, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = c.SetLinger(0)
	}
	return conn
}

func (s *Server) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// wrongTypes gives every scalar below response another type. A body that is not JSON stays as it
// is.
func wrongTypes(body []byte) []byte {
	var doc map[string]any
	if json.Unmarshal(body, &doc) != nil {
		return body
	}
	if _, ok := doc["response"]; !ok {
		doc["links"], doc["messages"] = "none", map[string]any{}
	} else {
		doc["response"] = wrongType(doc["response"])
	}
	wrong, err := json.Marshal(doc)
	if err != nil {
		return body
	}
	return wrong
}

func wrongType(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = wrongType(value)
		}
	case []any:
		for i, value := range v {
			v[i] = wrongType(value)
		}
	case string:
		return []any{len(v)}
	case bool:
		return map[string]any{"value": strconv.FormatBool(v)}
	case float64:
		return map[string]any{"value": v}
	case nil:
		return []any{}
	}
	return v
}
