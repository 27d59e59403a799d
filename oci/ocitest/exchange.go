package ocitest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The prefixes of all paths: of the control plane, and of the service Identity, which has the same
// address here.
const (
	version         = "/20200407"
	identityVersion = "/20160918"
)

// Request is a request that reached the simulation.
type Request struct {
	Method string
	// Path is the path without the API's version.
	Path  string
	Query map[string]string
	// UserAgent is the User-Agent header.
	UserAgent string
	// Status is the HTTP status of the answer; 0 if there was none.
	Status int
}

// Requests returns the requests so far, in the order in which they were answered.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// failure is an error in OCI's format.
type failure struct {
	status        int
	code, message string
}

var (
	notAuthenticated = &failure{http.StatusUnauthorized, "NotAuthenticated", "The required information to complete authentication was not provided or was incorrect."}
	notFound         = &failure{http.StatusNotFound, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found."}
)

type answer struct {
	status int
	body   []byte
	next   string
	retry  string
	date   time.Time
	id     string
	hang   bool
	drop   bool
	half   bool
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	a := s.answer(r)
	if a.hang {
		select {
		case <-r.Context().Done():
		case <-s.done:
		}
		return
	}
	if a.drop {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Date", a.date.UTC().Format(http.TimeFormat))
	h.Set("Opc-Request-Id", a.id)
	if a.next != "" {
		h.Set("Opc-Next-Page", a.next)
	}
	if a.retry != "" {
		h.Set("Retry-After", a.retry)
	}
	if a.half {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
		a.body = a.body[:len(a.body)/2]
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client has gone away
}

// answer returns the answer, and records the request.
func (s *Server) answer(r *http.Request) answer {
	query := map[string]string{}
	for name, values := range r.URL.Query() {
		query[name] = values[0]
	}
	route := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, version), identityVersion)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.decide(r, route, query)
	a.date, a.id = s.now(), "REQ"+strconv.Itoa(len(s.requests)+1)
	s.requests = append(s.requests, Request{r.Method, route, query, r.UserAgent(), a.status})
	return a
}

// decide returns the answer. The caller holds s.mu.
func (s *Server) decide(r *http.Request, route string, query map[string]string) answer {
	f := s.take(route, query["compartmentId"])
	switch {
	case f.Hang:
		return answer{hang: true}
	case f.Drop:
		return answer{drop: true}
	case f.Body != "":
		return answer{status: max(f.Status, http.StatusOK), body: []byte(f.Body), retry: f.RetryAfter}
	case f.Status != 0:
		a := fail(&failure{f.Status, f.Code, f.Message})
		a.retry = f.RetryAfter
		return a
	case verify(r, s.keys, s.now()) != nil:
		return fail(notAuthenticated)
	case r.Method != http.MethodGet:
		return fail(notFound)
	case r.URL.Path == identityVersion+"/compartments":
		return s.compartments(query, f)
	case !strings.HasPrefix(r.URL.Path, version+"/"):
		return fail(notFound)
	}
	a := s.resource(route, query, f)
	a.half = f.BreakOff
	return a
}

// lists are the lists of a compartment, by route.
var lists = map[string]func(p *ControlPlane, compartment string, query map[string]string) []object{
	"/deployments":       listDeployments,
	"/deploymentBackups": listBackups,
	"/connections":       listConnections,
	"/pipelines":         listPipelines,
}

// resource returns the requested resource. The caller holds s.mu.
func (s *Server) resource(route string, query map[string]string, f *Fault) answer {
	if list, is := lists[route]; is {
		return s.page(list(&s.plane, query["compartmentId"], query), query["compartmentId"], query, f)
	}
	if id, is := strings.CutPrefix(route, "/deployments/"); is {
		o, compartment := getDeployment(&s.plane, id)
		if !s.readable(compartment) {
			return fail(notFound)
		}
		return ok(f.spoil(o))
	}
	if rest, is := strings.CutSuffix(route, "/runningProcesses"); is {
		items, compartment := listProcesses(&s.plane, strings.TrimPrefix(rest, "/pipelines/"))
		return s.page(items, compartment, query, f)
	}
	return fail(notFound)
}

// compartments answers GET /compartments of the service Identity for a whole tenancy: the
// compartments that the user may read, but not the tenancy itself. The caller holds s.mu.
func (s *Server) compartments(query map[string]string, f *Fault) answer {
	root := query["compartmentId"]
	if root != TenancyID || query["compartmentIdInSubtree"] != "true" || query["accessLevel"] != "ACCESSIBLE" {
		return fail(notFound)
	}
	var items []object
	for _, id := range slices.Sorted(maps.Keys(s.plane.Parents)) {
		if s.readable(id) {
			items = append(items, object{"id": id, "compartmentId": s.plane.Parents[id], "name": id, "lifecycleState": "ACTIVE"})
		}
	}
	return s.pageOf(items, query, f)
}

// readable reports whether the user may read a compartment. The caller holds s.mu.
func (s *Server) readable(compartment string) bool {
	return slices.Contains(s.plane.Compartments, compartment)
}

// page returns one page of a list of a compartment. The caller holds s.mu.
func (s *Server) page(items []object, compartment string, query map[string]string, f *Fault) answer {
	if !s.readable(compartment) {
		return fail(notFound)
	}
	return s.pageOf(items, query, f)
}

// pageOf returns one page of a list. Its token is the index of its first item, plus a "+" if the
// empty page before it has been sent. The caller holds s.mu.
func (s *Server) pageOf(items []object, query map[string]string, f *Fault) answer {
	size := s.plane.PageSize
	if size == 0 {
		size = 100
	}
	if limit, err := strconv.Atoi(query["limit"]); err == nil {
		size = min(size, limit)
	}
	token, full := strings.CutSuffix(query["page"], "+")
	begin, _ := strconv.Atoi(token)
	begin = min(begin, len(items))
	end := min(begin+size, len(items))
	next := ""
	if end < len(items) {
		next = strconv.Itoa(end)
	}
	if s.plane.EmptyPages && !full {
		end, next = begin, strconv.Itoa(begin)+"+"
	}
	page := slices.Clone(f.Entries)
	if page == nil {
		page = []any{}
	}
	for _, o := range items[begin:end] {
		page = append(page, f.spoil(o))
	}
	a := ok(object{"items": page})
	if a.next = next; f.SamePage {
		a.next = "0"
	}
	return a
}

func ok(o object) answer {
	body, _ := json.Marshal(o) // every value in it can be encoded
	return answer{status: http.StatusOK, body: body}
}

func fail(f *failure) answer {
	a := ok(object{"code": f.code, "message": f.message})
	a.status = f.status
	return a
}
