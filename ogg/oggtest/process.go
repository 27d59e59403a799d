package oggtest

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ProcessType is Extract or Replicat, as the path segment under /services/v2.
type ProcessType string

// The types of processes.
const (
	Extract  ProcessType = "extracts"
	Replicat ProcessType = "replicats"
)

// noun returns the type in the singular.
func (t ProcessType) noun() string { return strings.TrimSuffix(string(t), "s") }

// Mode is the mode of an Extract or Replicat. Only Coordinated affects lists.
type Mode string

// The modes of Extracts (Classic, Integrated) and Replicats.
const (
	Classic            Mode = "classic"
	Integrated         Mode = "integrated"
	Parallel           Mode = "parallel"
	ParallelIntegrated Mode = "parallel integrated"
	Coordinated        Mode = "coordinated"
)

// PositionShape is the format of a process's position in info/status.
type PositionShape string

// The shapes of a position. SCN, timestamp, object and classic log are for Extracts; trail and file
// for Replicats. With PositionByRelease, it depends on the release and the type.
const (
	PositionByRelease  PositionShape = ""
	PositionNone       PositionShape = "none"        // no member position
	PositionSCN        PositionShape = "scn"         // 9096500
	PositionSCNString  PositionShape = "scn-string"  // "0.9096500"
	PositionTimestamp  PositionShape = "timestamp"   // "2026-01-15T09:27:00.000Z"
	PositionObject     PositionShape = "object"      // {"csn": …}
	PositionClassicLog PositionShape = "classic-log" // {"thread": 1, "sequence": …, "offset": …}, in an array
	PositionTrail      PositionShape = "trail"       // {"name": …, "path": …, "sequence": …, "offset": …}
	PositionFile       PositionShape = "file"        // a trail position without sequence
)

// Process is an Extract or a Replicat.
type Process struct {
	// Name has 1 to 8 characters, in upper case.
	Name string

	Type ProcessType // Extract if empty
	Mode Mode        // Integrated if empty

	Description string

	// ExtractType is the type of an Extract, such as ExtractInitialLoad. If empty, it is Classic or
	// Integrated, by the mode.
	ExtractType string

	// Parameters are the lines of its parameter file; some lines, one with Secret, if nil.
	Parameters []string

	// Managed are its own settings as a managed process; if nil, it has those of ManagedProfile, or
	// of DefaultProfile.
	Managed        *ManagedSettings
	ManagedProfile string

	// Threads is the number of threads of a Coordinated Replicat. They are listed as NAME001,
	// NAME002, … unless the release supports ?threads=none and the request has it.
	Threads int

	// Status is running if empty. A process that is stopped, killed or abended has no processId,
	// and its lag, position and lastStarted are frozen. A status that no release has is reported as
	// it is, and the process keeps running.
	Status string

	// Lag is the lag at the last checkpoint. It is constant unless one of the following fields
	// changes it.
	Lag time.Duration

	// LagGrowth is how many seconds of lag each second of the current run adds. If negative, the
	// lag shrinks to 0.
	LagGrowth float64

	// LagSwing adds a wave to the lag: it rises from 0 to LagSwing and falls again once per
	// LagPeriod (an hour if 0).
	LagSwing, LagPeriod time.Duration

	// BytesPerSecond is the average rate at which the source of an Extract produces trail; if 0, it
	// depends on the name; if negative, it is 0. For a Replicat it matters only if nothing that is
	// simulated writes its trail, as do OperationsPerSecond, OperationsSwing, Sequence, TrailSizeMB
	// and TrailKeep.
	BytesPerSecond int64

	// Trail is the trail's name and TrailPath its directory, both verbatim. If empty, they are
	// generated in the style of the release: two letters, since 23ai with a path before them.
	Trail, TrailPath string

	// Sequence is the first file of the trail.
	Sequence int64

	// TrailSizeMB is the size of a full file of the trail in megabytes; 500 if 0.
	TrailSizeMB int64

	// TrailKeep is how many files the purge of the trail leaves before the first one that is read;
	// 10 if 0. If negative, nothing is purged.
	TrailKeep int64

	// Position is the shape of the position in info/status.
	Position PositionShape

	Critical     bool // listed in config/health
	NeverStarted bool // lastStarted is null; stopped if Status is empty
	UnknownLag   bool // neither lag nor sinceLagReported; only for Extracts
	Stuck        bool // runs, but makes no checkpoints after Start
	Synchronized bool // only for Replicats since 21c

	// OperationsPerSecond is how many rows the source of an Extract changes on average; if 0, it
	// depends on the name; if negative, it is 0. OperationsSwing, 0 to 1, is by what fraction that
	// and BytesPerSecond rise and fall once per LagPeriod.
	OperationsPerSecond, OperationsSwing float64

	// DiscardsPerSecond and ConflictsPerSecond are the rates of failures. Extracts have no
	// conflicts.
	DiscardsPerSecond, ConflictsPerSecond float64

	// Tables is how many tables it maps; 4 if 0, none if negative.
	Tables int

	// Appliers is the number of appliers of a Parallel Replicat; 4 if 0. Performance Metrics lists
	// them since 23ai, along with two mappers; neither if negative. ListsWorkers says that older
	// releases list them too, without parentName: whether any does is not known.
	Appliers     int
	ListsWorkers bool

	// OpenTransactions is for Extracts. The oldest began OldestTransaction (an hour if 0) before
	// Start.
	OpenTransactions  int
	OldestTransaction time.Duration

	// RedoThreads is how many threads the log has that an Extract reads; 1 if 0, more in RAC.
	RedoThreads int

	// Heartbeat says that heartbeat records pass through the process (since 21.3), one per minute.
	Heartbeat bool

	// MonitoredStatus is Performance Metrics' processState, verbatim; if empty, it follows from
	// Status. Performance Metrics no longer hears from a process that is NotResponsive.
	MonitoredStatus string

	// Missing, Unavailable and Null name members of Performance Metrics' answers for the process
	// that are left out, -1 and null.
	Missing, Unavailable, Null []string

	// Started is how long before Start the process last started; about a day if 0.
	Started time.Duration

	// Stopped is how long before Start a process that is down went down; an hour if 0.
	Stopped time.Duration

	// RunsFor is how long each run lasts before the process stops by itself, as an initial load
	// does; without end if 0.
	RunsFor time.Duration

	// AbendsAfter is how long after Start the process abends by itself, once; never if 0.
	AbendsAfter time.Duration

	// ErrorCode and ErrorText are why it abends or has abended, as its report and its messages say;
	// if empty, an error with Secret in its text. OGG-01668 follows.
	ErrorCode, ErrorText string
}

// process is the current state of a Process, or what moves the data of a path.
type process struct {
	spec   Process
	seed   uint64
	letter int  // which of the names that are generated for its trail, if others are taken
	unread bool // a path that has not read anything

	in     *trailFiles // what it reads; nil for an Extract or receiver path
	out    *trailFiles // what it writes; nil for the others
	sender *process    // what sends to a receiver path; nil if it is not simulated
	own    *stream     // what an Extract captures, or a receiver path gets from what is not simulated

	run    run       // the latest one
	past   []run     // all others, the oldest first
	abends time.Time // when it abends by itself; zero if never
	silent time.Time // when Performance Metrics last heard from it; zero if just now
	oldest time.Time // when the oldest open transaction began
	added  time.Time // zero if it came with its deployment
	end    string    // the status with which the latest run ended, unless it did so by itself
}

// processRoutes are the Administration Service's Extracts and Replicats.
var processRoutes = slices.Concat(routesOf(Extract), routesOf(Replicat))

func routesOf(t ProcessType) []route {
	bind := func(f func(*exchange, ProcessType) (object, *failure)) func(*exchange) (object, *failure) {
		return func(x *exchange) (object, *failure) { return f(x, t) }
	}
	admin, root := []string{"adminsrvr"}, "/services/v2/"+string(t)
	return []route{
		{path: root, services: admin, describes: string(t), answer: bind((*exchange).processes)},
		{path: root + "/{process}", services: admin, describes: t.noun(), answer: bind((*exchange).definition)},
		{path: root + "/{process}/info", services: admin, describes: "info", answer: bind((*exchange).processInfo)},
		{path: root + "/{process}/info/status", services: admin, describes: t.noun() + "Status", answer: bind((*exchange).processStatus)},
	}
}

// processes answers GET /services/v2/extracts and /services/v2/replicats. Items have a status since
// 21.3.
func (x *exchange) processes(t ProcessType) (object, *failure) {
	p, items := x.server.profile, list{}
	threads := !p.threadsParameter || x.URL.Query().Get("threads") != "none"
	for _, pr := range x.dep.processes {
		if pr.spec.Type != t {
			continue
		}
		status := when(p.processItemState, member{"status", pr.status(x.now)})
		items = append(items, x.item(pr.spec.Name, status...))
		for n := 1; threads && n <= pr.threads(); n++ {
			items = append(items, x.item(pr.thread(n), status...))
		}
	}
	return collection(items), nil
}

// processInfo answers GET …/{process}/info: the available kinds of information.
func (x *exchange) processInfo(t ProcessType) (object, *failure) {
	if pr, _ := x.named(t); pr == nil {
		return nil, notFound
	}
	return collection(list{x.item("status"), x.item("checkpoints"), x.item("reports")}), nil
}

// processStatus answers GET …/{process}/info/status. lastStarted is null before the first start,
// processId is absent while the process is down, and an Extract may not know its lag.
func (x *exchange) processStatus(t ProcessType) (object, *failure) {
	pr, now := x.named(t)
	if pr == nil {
		return nil, notFound
	}
	var started any
	if !pr.run.started.IsZero() {
		started = pr.run.started
	}
	position, known := pr.position(x.dep, x.server.profile, now)
	return join(
		object{{"$schema", "ogg:" + t.noun() + "Status"}, {"status", pr.status(x.now)}},
		when(pr.running(x.now), member{"processId", number(pr.pid())}),
		object{{"lastStarted", started}},
		when(t == Replicat || !pr.spec.UnknownLag,
			member{"lag", number(now.lag / time.Second)},
			member{"sinceLagReported", number(max(0, x.now.Sub(now.checkpoint)) / time.Second)},
		),
		when(known, member{"position", position}),
		when(t == Replicat && x.server.profile.synchronized, member{"synchronized", pr.spec.Synchronized}),
	), nil
}

// named returns the requested process, or the one that has the requested thread, and its progress.
func (x *exchange) named(t ProcessType) (*process, progress) {
	name := x.vars["process"]
	for _, pr := range x.dep.processes {
		if n, ok := pr.answersTo(name); ok && pr.spec.Type == t {
			return pr, pr.threadAt(n, x.now)
		}
	}
	return nil, progress{}
}

// answersTo reports whether the name is that of the process, or of a thread: which one, from 1.
func (pr *process) answersTo(name string) (thread int, ok bool) {
	if name == pr.spec.Name {
		return 0, true
	}
	for n := 1; n <= pr.threads(); n++ {
		if pr.thread(n) == name {
			return n, true
		}
	}
	return 0, false
}

func (pr *process) threads() int {
	if pr.spec.Type == Replicat && pr.spec.Mode == Coordinated {
		return pr.spec.Threads
	}
	return 0
}

func (pr *process) thread(n int) string { return fmt.Sprintf("%s%03d", pr.spec.Name, n) }

// pid returns the process ID, which changes with each start.
func (pr *process) pid() int64 {
	return int64(1000 + (pr.seed+uint64(pr.run.starts)*7919)%30000) //nolint:gosec // small
}

// position returns the position in its shape; false if there is none.
func (pr *process) position(d *deployment, p *profile, now progress) (any, bool) {
	shape := pr.spec.Position
	if shape == PositionByRelease {
		shape = p.extractPosition
		if pr.spec.Type == Replicat {
			shape = PositionTrail
		} else if pr.run.started.IsZero() {
			shape = PositionNone
		}
	}
	switch shape {
	case PositionSCN:
		return number(now.scn), true
	case PositionSCNString:
		return fmt.Sprintf("0.%d", now.scn), true
	case PositionTimestamp:
		return now.checkpoint, true
	case PositionObject:
		return object{{"csn", strconv.FormatInt(now.scn, 10)}}, true
	case PositionClassicLog:
		return list{object{{"thread", number(1)}, {"sequence", number(now.sequence)}, {"offset", number(now.offset)}}}, true
	case PositionTrail:
		return pr.trail(d, p, now), true
	case PositionFile:
		return slices.DeleteFunc(pr.trail(d, p, now), func(m member) bool { return m.name == "sequence" }), true
	case PositionByRelease, PositionNone:
	}
	return nil, false
}

// trail returns a trail position: {name, path, sequence, offset}.
func (pr *process) trail(d *deployment, p *profile, now progress) object {
	return object{
		{"name", pr.trailName(d, p)},
		{"path", cmp.Or(pr.spec.TrailPath, d.dataHome(p))},
		{"sequence", number(now.sequence)},
		{"offset", number(now.offset)},
	}
}

// dataHome returns the directory of the deployment's trails in the style of the release.
func (d *deployment) dataHome(p *profile) string {
	path := "/u02/ogg/" + d.spec.Name + "/var/lib/data"
	if p.trailSlash {
		path += "/"
	}
	return path
}

func (pr *process) trailName(d *deployment, p *profile) string {
	if pr.spec.Trail != "" {
		return pr.spec.Trail
	}
	name := pr.generated()
	if p.longTrails {
		return strings.ToLower(url.PathEscape(d.spec.Name)) + "/" + name
	}
	return name
}

// generated returns the two letters that name a trail which has no other name.
func (pr *process) generated() string {
	first, second := pr.spec.Type.noun()[0]+byte(pr.letter/26), 'a'+byte((pr.seed+uint64(pr.letter))%26) //nolint:gosec // letters
	return string([]byte{first, second})
}

var processName = regexp.MustCompile(`^[A-Z_$][A-Z0-9_$]{0,7}$`)

func (s *Server) addProcesses(d *deployment) error {
	for _, spec := range d.spec.Processes {
		if err := s.addProcess(d, spec); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) addProcess(d *deployment, spec Process) error {
	if !processName.MatchString(spec.Name) || d.process(spec.Name) != nil {
		return fmt.Errorf("process name %q is invalid or taken", spec.Name)
	}
	spec.Type, spec.Mode = cmp.Or(spec.Type, Extract), cmp.Or(spec.Mode, Integrated)
	if spec.NeverStarted {
		spec.Status = cmp.Or(spec.Status, "stopped")
	}
	spec.Status = cmp.Or(spec.Status, "running")
	pr := &process{spec: spec, seed: seed(d.spec.Name, spec.Name)}
	for d.writes(pr) && pr.letter < 26*16 {
		pr.letter++
	}
	pr.run = pr.history(s.clock.Now())
	if spec.Type == Extract {
		pr.own = pr.stream()
	}
	pr.observe(s.clock.Now())
	d.processes = append(d.processes, pr)
	return nil
}

// writes reports whether another Extract writes the trail whose name is generated for this one.
func (d *deployment) writes(pr *process) bool {
	return pr.spec.Type == Extract && pr.spec.Trail == "" && slices.ContainsFunc(d.processes, func(o *process) bool {
		return o.spec.Type == Extract && o.spec.Trail == "" && o.generated() == pr.generated()
	})
}

func (d *deployment) process(name string) *process {
	for _, pr := range d.processes {
		if pr.spec.Name == name {
			return pr
		}
	}
	return nil
}
