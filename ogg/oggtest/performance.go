package oggtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// NoData is how the Performance Metrics Service answers if a process has the requested point, but
// no data for it: no transaction is open, it never ran, or no heartbeat flows.
type NoData string

// The answers without data. Which status they have is not known for any release.
const (
	NoDataMessage  NoData = ""          // 200 and a message, without response; 404 for a heartbeat
	NoDataNotFound NoData = "not-found" // 404 and the message
	NoDataEmpty    NoData = "empty"     // 200 and an empty list; like NoDataMessage if there is no list
)

// points is what a release does differently in the Performance Metrics Service.
type points struct {
	dataStore string // of pmsrvrStats
	buffer    string // the member of pmsrvrStats with the size of its buffer

	upserts          bool // operations also count upserts and unsupported
	notApplicable    bool // the processMode of services is NotApplicable instead of Unknown
	logStream        bool // open transactions have a logStreamId
	commitSCN        bool // open transactions have commitScn, zosLsn, flags, coUid
	numericSCN       bool // the scn of open transactions is a number
	appliers         bool // parallelReplicat has its newer members
	targetTables     bool // tables have a targetTableName
	heartbeat        bool // has the point heartbeat
	processHeartbeat bool // processes have lcrHeartbeatLag and lcrHeartbeatAge
	parents          bool // the workers of parallel Replicats are listed, and parentName
	watermarks       bool // positionEr has its newer members
	metadataRecords  bool // Extracts have totalMetadataRecords
	trailArrays      bool // trailOutput, and by analogy trailInput, are arrays
	serviceHealth    bool // has the point serviceHealth
	pathStatus       bool // distribution paths have status, lag, targetInitiated
	pathStreaming    bool // and dataStreaming, lastStarted
}

// noData says that a process has no data. The answer has no response.
var noData = &failure{http.StatusOK, "OGG-25166", "No data is available for the requested metric point."}

// point is a measurement point: GET /services/v2/mpoints/{item}/{name}.
type point struct {
	name string
	has  func(*profile) bool   // releases that have it; all if nil
	of   func(*monitored) bool // processes that have it
	tell func(*monitored) (object, *failure)
}

// performanceRoutes are the routes of all points. A process that lacks one answers 404.
var performanceRoutes = performanceRoutesOf(slices.Concat(
	processPoints,
	statisticsPoints,
	tablePoints,
	positionPoints,
	replicatPoints,
	heartbeatPoints,
	servicePoints,
	pathPoints,
))

func performanceRoutesOf(points []point) []route {
	pm := []string{"pmsrvr"}
	routes := []route{{path: "/services/v2/mpoints/processes", services: pm, describes: "processes", answer: (*exchange).monitoredProcesses}}
	for _, p := range points {
		routes = append(routes, route{
			path: "/services/v2/mpoints/{item}/" + p.name, services: pm, has: p.has, describes: p.name,
			answer: p.answer,
		})
	}
	return routes
}

// answer answers GET /services/v2/mpoints/{item}/{name}.
func (p point) answer(x *exchange) (object, *failure) {
	m := x.monitored(x.vars["item"])
	if m == nil || !p.of(m) {
		return nil, notFound
	}
	doc, f := object(nil), noData
	if !m.started.IsZero() || p.name == "process" {
		doc, f = p.tell(m)
	}
	switch {
	case f == noData && x.server.spec.NoData == NoDataNotFound:
		return nil, &failure{http.StatusNotFound, noData.code, noData.title}
	case f != nil:
		return nil, f
	}
	return m.distort(join(object{{"$schema", "mpoints:" + p.name}}, doc)), nil
}

// withoutResponse returns the answer of a process that has no data.
func (x *exchange) withoutResponse(r *route) answer {
	return x.encode(http.StatusOK, object{
		{"$schema", "api:standardResponse"},
		{"links", x.links(r.describes)},
		{"messages", append(x.notices(), x.server.profile.message(message{noData.code, "INFO", noData.title}, x.now))},
	})
}

// monitored is a process as the Performance Metrics Service knows it: an Extract, a Replicat, a
// worker of a Replicat, or a service.
type monitored struct {
	*exchange
	name, parent string
	kind, mode   string
	state        string
	process      *process // nil for a service
	service      *service // nil for an Extract or Replicat
	role         role
	part, parts  int // index and number of workers that share a Replicat's work
	seed         uint64

	started time.Time // zero if never
	changed time.Time // when it entered its state
	heard   time.Time // when the service last heard from it
	worked  time.Duration
}

// role is the role of a process in a Replicat.
type role int

const (
	whole   role = iota // the process that the Administration Service lists
	thread              // in a coordinated Replicat
	mapper              // of a parallel one
	applier             // of a parallel one
)

// monitoredProcesses answers GET /services/v2/mpoints/processes.
func (x *exchange) monitoredProcesses() (object, *failure) {
	all := make(list, 0, len(x.dep.processes)+len(x.dep.services))
	for _, pr := range x.dep.processes {
		for _, m := range x.family(pr) {
			all = append(all, m.distort(m.entry()))
		}
	}
	for _, svc := range x.dep.services {
		all = append(all, x.monitoredService(svc).entry())
	}
	return object{{"$schema", "mpoints:processes"}, {"processes", all}}, nil
}

// monitored returns the process that the service calls by this name.
func (x *exchange) monitored(name string) *monitored {
	for _, pr := range x.dep.processes {
		if !strings.HasPrefix(name, pr.spec.Name) {
			continue
		}
		for _, m := range x.family(pr) {
			if m.name == name {
				return m
			}
		}
	}
	for _, svc := range x.dep.services {
		if strings.ToUpper(svc.spec.Name) == name {
			return x.monitoredService(svc)
		}
	}
	return nil
}

// family returns an Extract or Replicat, followed by its workers.
func (x *exchange) family(pr *process) []*monitored {
	first := x.monitoredProcess(pr)
	all := []*monitored{first}
	add := func(role role, mode, format string, n int) {
		for i := range n {
			m := *first
			m.name, m.mode, m.role = fmt.Sprintf(format, pr.spec.Name, i+1), mode, role
			m.parent, m.part, m.parts = pr.spec.Name, i, n
			m.seed = seed(pr.spec.Name, m.name)
			all = append(all, &m)
		}
	}
	if pr.spec.parallel() {
		if n := pr.spec.appliers(); n > 0 && (pr.spec.ListsWorkers || x.server.profile.points.parents) {
			add(mapper, "ParallelMapper", "%sM%02d", 2)
			add(applier, "ParallelApplier", "%sA%02d", n)
		}
	}
	add(thread, first.mode, "%s%03d", pr.threads())
	return all
}

func (x *exchange) monitoredProcess(pr *process) *monitored {
	m := &monitored{
		exchange: x, process: pr, name: pr.spec.Name, seed: pr.seed,
		kind: capital(pr.spec.Type.noun()), mode: pr.spec.monitoredMode(), state: pr.monitoredState(x.now),
		started: pr.run.started, changed: pr.run.started, heard: x.now,
	}
	switch {
	case m.started.IsZero():
		m.changed = pr.run.created
		return m
	case !pr.running(x.now):
		m.heard, m.changed = pr.run.stopped, pr.run.stopped
	}
	if !pr.silent.IsZero() && pr.silent.Before(m.heard) {
		m.heard = pr.silent
		m.changed = pr.silent
	}
	m.heard = m.started.Add(max(0, m.heard.Sub(m.started)).Truncate(time.Second))
	m.worked = min(m.alive(), pr.run.runningTime(m.heard)).Truncate(time.Second)
	return m
}

// Terms of the Performance Metrics Service.
var (
	monitoredKinds = map[string]string{
		"adminsrvr": "AdminServer", "distsrvr": "DistServer", "recvsrvr": "RecvServer", "pmsrvr": "PMServer",
	}
	monitoredStates = map[string]string{
		"starting": "Starting", "restart": "Starting", "stopping": "Stopping",
		"stopped": "Stopped", "killed": "Killed", "abended": "Abend",
	}
	monitoredModes = map[Mode]string{
		Classic: "Classic", Integrated: "Integrated", Coordinated: "Coordinated",
		Parallel: "Parallel", ParallelIntegrated: "Parallel",
	}
)

func (x *exchange) monitoredService(svc *service) *monitored {
	m := &monitored{
		exchange: x, service: svc, name: strings.ToUpper(svc.spec.Name), seed: seed(x.dep.spec.Name, svc.spec.Name),
		kind: cmp.Or(monitoredKinds[svc.spec.Name], "Server"), mode: "Unknown",
		state:   cmp.Or(monitoredStates[svc.spec.Status], "Running"),
		started: svc.started, changed: svc.started, heard: x.now,
	}
	if x.server.profile.points.notApplicable {
		m.mode = "Not Applicable"
	}
	if down(svc.spec.Status) {
		m.heard = svc.stopped
		if m.heard.IsZero() {
			m.heard = x.server.created
		}
		m.changed = m.heard
	}
	m.heard = m.started.Add(max(0, m.heard.Sub(m.started)).Truncate(time.Second))
	m.worked = m.alive()
	return m
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (p Process) monitoredMode() string { return cmp.Or(monitoredModes[p.Mode], "Unknown") }

func (p Process) parallel() bool {
	return p.Type == Replicat && (p.Mode == Parallel || p.Mode == ParallelIntegrated)
}

// appliers returns how many appliers a parallel Replicat has.
func (p Process) appliers() int {
	if p.Appliers == 0 {
		return 4
	}
	return max(0, p.Appliers)
}

// monitoredState returns processState, which is Registered before the first start.
func (pr *process) monitoredState(now time.Time) string {
	if pr.run.started.IsZero() {
		return cmp.Or(pr.spec.MonitoredStatus, "Registered")
	}
	return cmp.Or(pr.spec.MonitoredStatus, cmp.Or(monitoredStates[pr.status(now)], "Running"))
}

// observe sets what the service knows about a process that has just been added.
func (pr *process) observe(now time.Time) {
	age := pr.spec.OldestTransaction
	if age == 0 {
		age = time.Hour
	}
	pr.oldest = now.Add(-age)
	pr.hear(now)
}

// hear records whether the service still hears from the process.
func (pr *process) hear(now time.Time) {
	if pr.spec.MonitoredStatus != "NotResponsive" {
		pr.silent = time.Time{}
	} else if pr.silent.IsZero() {
		pr.silent = now
	}
}

// alive returns how long the process has run since its start, as far as the service knows.
func (m *monitored) alive() time.Duration {
	if m.started.IsZero() {
		return 0
	}
	return m.heard.Sub(m.started)
}

// pid returns the process ID of the latest run.
func (m *monitored) pid() number {
	switch {
	case m.process == nil:
		return number(m.dep.pid(m.service))
	case m.role == whole:
		return number(m.process.pid())
	}
	return number(m.process.pid() + 1 + m.spread(999))
}

// entry returns what /mpoints/processes and /mpoints/{item}/process report for a process.
func (m *monitored) entry() object {
	var started, heard any
	ran := !m.started.IsZero()
	if ran {
		started, heard = m.started, m.heard
	}
	lag, age, flows := m.heartbeat()
	p, spans := m.server.profile.points, m.messageSpans()
	return join(
		object{
			{"processName", m.name},
			{"processType", m.kind},
			{"processMode", m.mode},
			{"processState", m.state},
		},
		when(ran, member{"processId", m.pid()}),
		when(m.service != nil && m.state == "Running", member{"portNumber", m.port()}),
		object{
			{"startTime", started},
			{"stateTime", m.changed},
			{"lastHeartbeat", heard},
			{"firstMessage", number(spans[m.name].first)},
			{"lastMessage", number(spans[m.name].last)},
		},
		when(p.processHeartbeat && flows, member{"lcrHeartbeatLag", milliseconds(lag)}, member{"lcrHeartbeatAge", milliseconds(age)}),
		when(p.parents && m.parent != "", member{"parentName", m.parent}),
	)
}

func (m *monitored) port() number {
	if m.service == nil {
		return 0
	}
	return number(m.service.listeningPort())
}

func milliseconds(d time.Duration) number { return number(d.Milliseconds()) }

// distort applies the process's Missing, Unavailable and Null.
func (m *monitored) distort(doc object) object {
	if m.process == nil {
		return doc
	}
	p := m.process.spec
	if len(p.Missing)+len(p.Unavailable)+len(p.Null) > 0 {
		doc, _ = p.distort(doc).(object)
	}
	return doc
}

func (p Process) distort(v any) any {
	switch v := v.(type) {
	case list:
		for i := range v {
			v[i] = p.distort(v[i])
		}
	case object:
		v = slices.DeleteFunc(v, func(m member) bool { return slices.Contains(p.Missing, m.name) })
		for i, m := range v {
			switch {
			case slices.Contains(p.Unavailable, m.name):
				v[i].value = number(-1)
			case slices.Contains(p.Null, m.name):
				v[i].value = nil
			default:
				v[i].value = p.distort(m.value)
			}
		}
		return v
	}
	return v
}
