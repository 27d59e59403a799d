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

// resources lists the routes of all resources. A new resource is one file and one line here.
var resources = slices.Concat(
	versionRoutes,
	healthRoutes,
	summaryRoutes,
	deploymentRoutes,
	serviceRoutes,
	processRoutes,
	checkpointRoutes,
	reportRoutes,
	managedSettingsRoutes,
	taskRoutes,
	distributionPathRoutes,
	receiverPathRoutes,
	pathStatisticsRoutes,
	dataStreamRoutes,
	extractTrailRoutes,
	trailRoutes,
	certificateRoutes,
	heartbeatTableRoutes,
	performanceRoutes,
	messageRoutes,
)

// route is one GET endpoint.
type route struct {
	path      string              // "{name}" stands for one segment
	services  []string            // services that answer it; all if nil
	open      bool                // requires no credentials
	role      Role                // RoleUser if empty
	has       func(*profile) bool // releases that have it; all if nil
	describes string              // metadata-catalog item; no links if empty
	bare      bool                // the document is not wrapped in an envelope
	answer    func(*exchange) (object, *failure)
}

// failure is an error response.
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

// destination is the service that a request goes to, directly or through the NGINX front.
type destination struct {
	dep    *deployment
	svc    *service
	path   string // escaped, as the service sees it
	prefix string // what precedes "/v2" in links that the service generates
}

// exchange is a request that a service is handling.
type exchange struct {
	destination
	*http.Request
	server *Server
	writer http.ResponseWriter
	now    time.Time
	login  login
	vars   map[string]string // the route's {names}
	spans  map[string]span   // of messages; nil until they are needed
	leave  func()            // ends the request's time in flight
	status func(int)         // records the status in the request log
}

// answer is a complete HTTP response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// serve answers a request to a service.
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

// send writes an answer. Everything that a test may check afterwards is recorded before the client
// can see the answer.
func (x *exchange) send(a answer) {
	if x.server.spec.Gzip && strings.Contains(x.Header.Get("Accept-Encoding"), "gzip") && len(a.body) > 0 {
		a.header.Set("Content-Encoding", "gzip")
		a.body = Gzipped(a.body)
	}
	x.start(a)
	_, _ = x.writer.Write(a.body) // the client may have gone away
}

// Gzipped returns data in gzip.
func Gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return b.Bytes()
}

// start records an answer and writes its header.
func (x *exchange) start(a answer) {
	x.leave()
	x.status(a.status)
	maps.Copy(x.writer.Header(), a.header)
	x.date(x.writer.Header())
	if len(a.body) > 0 {
		x.writer.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.writer.WriteHeader(a.status)
}

// date adds a Date header if the clock of the host that answers is wrong: behind the front that is
// the front's, because NGINX replaces the header. What is right is the machine's clock, by which the
// client measures, and not the simulation's.
func (x *exchange) date(header http.Header) {
	x.server.mu.RLock()
	defer x.server.mu.RUnlock()
	svc := x.svc
	if x.server.front != nil {
		svc = x.server.find(serviceManager).find(serviceManager)
	}
	if skew := svc.spec.ClockSkew; skew != 0 {
		header.Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
	}
}

// answer computes the service's answer.
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

// refusal returns why a request is rejected before the resource is looked up; nil if it is not.
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

// route returns the route of the request and sets vars.
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

// Routes returns every route, such as /extracts/{extract}, relative to the version of the API,
// except for /services, which lists the versions.
func Routes() []string {
	var all []string
	for _, r := range resources {
		all = append(all, strings.TrimPrefix(r.path, apiVersion))
	}
	return all
}

// RouteOf returns the route that answers a path, such as /extracts/{extract} for /extracts/EXT1;
// empty if there is none. Both are relative to the version of the API,
// except for /services, which lists the versions.
func RouteOf(path string) string {
	for _, r := range resources {
		if r.path == path {
			return path
		}
		if _, ok := matches(r.path, apiVersion+path); ok {
			return strings.TrimPrefix(r.path, apiVersion)
		}
	}
	return ""
}

// apiVersion is the prefix of the paths of the API's version 2.
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

// fail returns an error in the format of the release.
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

// base returns the scheme and host that the client used.
func (x *exchange) base() string {
	if x.TLS != nil {
		return "https://" + x.Host
	}
	return "http://" + x.Host
}

// here returns the requested URL, without its query.
func (x *exchange) here() string { return x.base() + x.URL.EscapedPath() }

// links returns the links of the envelope: canonical and self as requested, describedby with the
// prefix.
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

// item returns an entry of the requested collection.
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

// notices returns the messages that accompany a successful answer.
func (x *exchange) notices() list {
	messages := list{}
	if x.server.spec.Notices {
		m := message{"OGG-00975", "INFO", x.svc.spec.Name + " answered the request."}
		messages = append(messages, x.server.profile.message(m, x.now))
	}
	return messages
}
