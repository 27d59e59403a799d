package oggtest

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// resources lists the routes of every resource. A new resource is one file and one line here.
var resources = slices.Concat(
	versionRoutes,
	healthRoutes,
	summaryRoutes,
	deploymentRoutes,
	serviceRoutes,
	processRoutes,
	distributionPathRoutes,
	receiverPathRoutes,
	trailRoutes,
	certificateRoutes,
	heartbeatTableRoutes,
	performanceRoutes,
)

// route is one GET endpoint.
type route struct {
	path      string              // "{name}" stands for one segment
	services  []string            // which answer it; nil: every service
	open      bool                // needs no credentials
	role      Role                // RoleUser when empty
	has       func(*profile) bool // which releases; nil: all
	describes string              // metadata-catalog item; no links when empty
	bare      bool                // the document is not wrapped in an envelope
	answer    func(*exchange) (object, *failure)
}

// failure is an error answer.
type failure struct {
	status      int
	code, title string
}

var (
	notFound     = &failure{http.StatusNotFound, "OGG-12031", "The requested resource does not exist."}
	badMethod    = &failure{http.StatusMethodNotAllowed, "OGG-12004", "The request method is not allowed for the resource."}
	malformed    = &failure{http.StatusUnauthorized, "OGG-12061", "The Authorization header is malformed."}
	unauthorized = &failure{http.StatusUnauthorized, "OGG-12063", "The request has no valid authorization information."}
	forbidden    = &failure{http.StatusForbidden, "OGG-12062", "The user is authenticated but not authorized for the resource."}
	restarting   = &failure{http.StatusServiceUnavailable, "OGG-12043", "The service is restarting, and the request cannot be processed."}
)

// destination is where a request goes: directly, or through the NGINX front.
type destination struct {
	dep    *deployment
	svc    *service
	path   string // escaped, as the service sees it
	prefix string // what stands before "/v2" in the links that the service makes up
}

// exchange is a request under way at a service.
type exchange struct {
	destination
	*http.Request
	server *Server
	writer http.ResponseWriter
	now    time.Time
	login  login
	vars   map[string]string // the route's {names}
	leave  func()            // no longer in flight
	status func(int)         // into the request log
}

// answer is a complete HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// serve answers one request at one service.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, to destination) {
	x := &exchange{destination: to, Request: r, server: s, writer: w, now: s.clock.Now()}
	x.leave = to.svc.load.enter()
	defer x.leave()
	s.mu.RLock()
	a := to.dep.account
	s.mu.RUnlock()
	x.login = s.login(r, a)
	x.status = s.log.add(x.request(r))
	if f, ok := s.faults.take(to); ok {
		f.play(x)
		return
	}
	x.send(x.answer())
}

// send writes an answer. What a test may look at afterwards is recorded before the client
// can have the answer.
func (x *exchange) send(a answer) {
	if x.server.spec.Gzip && strings.Contains(x.Header.Get("Accept-Encoding"), "gzip") && len(a.body) > 0 {
		a.header.Set("Content-Encoding", "gzip")
		a.body = Gzipped(a.body)
	}
	x.start(a)
	_, _ = x.writer.Write(a.body) // the client may be gone
}

// Gzipped returns data in gzip.
func Gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return b.Bytes()
}

// start writes an answer's head, after recording it.
func (x *exchange) start(a answer) {
	x.leave()
	x.status(a.status)
	maps.Copy(x.writer.Header(), a.header)
	if len(a.body) > 0 {
		x.writer.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.writer.WriteHeader(a.status)
}

// answer computes what the service says.
func (x *exchange) answer() answer {
	s := x.server
	if s.spec.WithoutServiceManager && x.svc.spec.Name == serviceManager {
		return pageAnswer(http.StatusNotFound)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := x.route()
	if f := x.refusal(r); f != nil {
		return x.fail(f)
	}
	doc, f := r.answer(x)
	if f == noData {
		return x.withoutResponse(r)
	}
	if f != nil {
		return x.fail(f)
	}
	if r.bare {
		return x.encode(http.StatusOK, doc)
	}
	links := list{}
	if r.describes != "" {
		links = x.links(r.describes)
	}
	return x.encode(http.StatusOK, object{
		{"$schema", "api:standardResponse"},
		{"links", links},
		{"messages", x.notices()},
		{"response", doc},
	})
}

// refusal says why a request is not even looked at; nil if it is.
func (x *exchange) refusal(r *route) *failure {
	switch {
	case x.svc.restarting(x.dep):
		return restarting
	case r != nil && r.open:
	case x.login.malformed:
		return malformed
	case !x.login.valid:
		return unauthorized
	}
	switch {
	case r == nil, r.has != nil && !r.has(x.server.profile):
		return notFound
	case x.Method != http.MethodGet:
		return badMethod
	case r.role != "" && !x.server.spec.Role.permits(r.role):
		return forbidden
	}
	return nil
}

// route finds the route of the request and sets vars.
func (x *exchange) route() *route {
	for i := range resources {
		r := &resources[i]
		if r.services != nil && !slices.Contains(r.services, x.svc.spec.Name) {
			continue
		}
		if vars, ok := matches(r.path, x.path); ok {
			x.vars = vars
			return r
		}
	}
	return nil
}

// RouteOf returns the route that answers a path, such as /extracts/{extract} for
// /extracts/EXT1; empty where none does. Both begin after the version of the API.
func RouteOf(path string) string {
	for _, r := range resources {
		if _, ok := matches(r.path, apiVersion+path); ok {
			return strings.TrimPrefix(r.path, apiVersion)
		}
	}
	return ""
}

// apiVersion is what the paths of the API's version 2 begin with.
const apiVersion = "/services/v2"

// matches compares an escaped path with a route's, segment by segment.
func matches(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	var vars map[string]string
	for i, w := range want {
		segment, err := url.PathUnescape(got[i])
		if err != nil {
			return nil, false
		}
		if name, ok := strings.CutPrefix(w, "{"); ok && segment != "" {
			if vars == nil {
				vars = map[string]string{}
			}
			vars[strings.TrimSuffix(name, "}")] = segment
		} else if w != segment {
			return nil, false
		}
	}
	return vars, true
}

// fail renders an error.
func (x *exchange) fail(f *failure) answer {
	p := x.server.profile
	body := object{{"messages", list{p.message(message{f.code, "ERROR", f.title}, x.now)}}}
	if p.bareErrors {
		body = append(object{{"links", list{}}}, body...)
	} else {
		body = append(object{{"$schema", "api:standardResponse"}, {"links", x.links("")}}, body...)
	}
	a := x.encode(f.status, body)
	switch f.status {
	case http.StatusUnauthorized:
		a.header["Www-Authenticate"] = x.server.challenges(x.login.stale)
	case http.StatusMethodNotAllowed:
		a.header.Set("Allow", http.MethodGet)
	}
	return a
}

func (x *exchange) encode(status int, doc object) answer {
	e := encoder{
		numbers: x.server.profile.numbers,
		times:   x.server.spec.Timestamps,
		sorted:  x.server.profile.sorted,
		unknown: x.server.spec.UnknownFields,
	}
	e.encode(doc)
	return answer{status, http.Header{"Content-Type": {"application/json"}}, e.out.Bytes()}
}

// base is the scheme and host by which the client came.
func (x *exchange) base() string {
	if x.TLS != nil {
		return "https://" + x.Host
	}
	return "http://" + x.Host
}

// here is the address that was asked, without its query.
func (x *exchange) here() string { return x.base() + x.URL.EscapedPath() }

// links are those of the envelope: canonical and self as asked, describedby with the prefix.
func (x *exchange) links(describes string) list {
	mediaType := "application/json"
	if accept := x.Header.Get("Accept"); strings.Contains(accept, "text/html") && !strings.Contains(accept, "json") {
		mediaType = "text/html"
	}
	links := list{link("canonical", x.here(), mediaType), link("self", x.here(), mediaType)}
	if describes != "" {
		links = append(links, link("describedby", x.catalog()+"/"+describes, "application/schema+json"))
	}
	return links
}

func (x *exchange) catalog() string { return x.base() + x.prefix + "/v2/metadata-catalog" }

// item is an entry of a collection at the address that was asked.
func (x *exchange) item(name string, more ...member) object {
	return join(object{
		{"links", list{
			link("parent", x.here(), "application/json"),
			link("canonical", x.here()+"/"+url.PathEscape(name), "application/json"),
		}},
		{"$schema", "ogg:collectionItem"},
		{"name", name},
	}, more)
}

func collection(items list) object {
	return object{{"$schema", "ogg:collection"}, {"items", items}}
}

// notices are the messages that accompany a successful answer.
func (x *exchange) notices() list {
	messages := list{}
	if x.server.spec.Notices {
		m := message{"OGG-00975", "INFO", x.svc.spec.Name + " answered the request."}
		messages = append(messages, x.server.profile.message(m, x.now))
	}
	return messages
}
