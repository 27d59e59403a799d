package oggtest

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"time"
)

// DistributionPath is a path of the Distribution Service: it reads a trail of its deployment and
// sends it to a Receiver Service.
type DistributionPath struct {
	// Name is a letter and up to 31 letters, digits, "-", "_" and ".".
	Name string

	Description string

	// Status is running if empty. A path that is stopped, killed, paused or uninitialized is
	// frozen. A state that the release lacks is reported as stopped (26ai has no paused). A status
	// that no release has is reported as it is, and the path keeps running, except with abended.
	Status string

	// Extract is the sourceExtractName; absent if empty. A path of an Extract in its deployment
	// reads that Extract's trail from where the Extract began writing it.
	Extract string

	// Trail is the trail to read, TrailPath its directory, and TargetTrail the trail written at the
	// other end. If empty, they are generated.
	Trail, TrailPath string
	TargetTrail      string

	// Target is the deployment with the receiver path of the same name. If empty, that is the only
	// other one that has such a path.
	Target string

	// Address is what the URI of the other end has in front of /v2: HOST:PORT/services, or behind a
	// reverse proxy HOST:PORT/services/DEPLOYMENT/recvsrvr. If empty, it is that of the other end if
	// that is simulated.
	Address string

	// TargetSizeMB is the size of a full file of the trail written at the other end, in megabytes;
	// 500 if 0.
	TargetSizeMB int64

	// TargetInitiated says that the Receiver Service started the path.
	TargetInitiated bool

	// Lag, LagSwing and LagPeriod are as in Process.
	Lag                 time.Duration
	LagSwing, LagPeriod time.Duration

	NeverStarted bool // lastStarted is null, no checkpoints; stopped if Status is empty
	UnknownLag   bool // info without lag and sinceLagReported
	NotRead      bool // nothing read yet: the offset of the input checkpoint is -2
	Critical     bool // listed in config/health

	// Started and Stopped are as in Process.
	Started, Stopped time.Duration

	// BytesPerSecond, TrailSizeMB and TrailKeep are as in Process, of a Replicat.
	BytesPerSecond, TrailSizeMB, TrailKeep int64
}

// pathType is the service of a path, or that the path is a data stream, as the path segment under
// /services/v2.
type pathType string

const (
	distribution pathType = "sources"
	receiver     pathType = "targets"
	dataStream   pathType = "stream"
)

// distPath is the current state of a path of either service; both call it ogg:distPath.
type distPath struct {
	spec DistributionPath
	seed uint64
	is   pathType
	of   *deployment
	work process // simulates the path: its lag, its progress in the trail, and whether it runs

	peer *distPath // the path at the other end; nil if it is not simulated
	read string    // the trail that the sender reads
	sent string    // the trail that the sender names as its target
}

// distributionPathRoutes are the Distribution Service's paths.
var distributionPathRoutes = pathRoutes(distribution, "distsrvr", nil)

// dataStreamRoutes are the Distribution Service's data streams. Of the kinds of information, only
// errors is known. The route of a single stream, which opens it, is left out.
var dataStreamRoutes = []route{
	{
		path: "/services/v2/stream", services: []string{"distsrvr"}, has: (*profile).hasDataStreams, describes: "dataStreamCollection",
		answer: func(x *exchange) (object, *failure) { return x.distPaths(dataStream) },
	},
	{
		path: "/services/v2/stream/{path}/info", services: []string{"distsrvr"}, has: (*profile).hasDataStreams, describes: "info",
		answer: (*exchange).dataStreamInfo,
	},
}

func (p *profile) hasDataStreams() bool { return p.dataStreams }

// dataStreamInfo answers GET /services/v2/stream/{stream}/info: the kinds of information.
func (x *exchange) dataStreamInfo() (object, *failure) {
	if x.dep.path(dataStream, x.vars["path"]) == nil {
		return nil, notFound
	}
	return collection(list{x.item("errors")}), nil
}

// pathRoutes returns the routes of one service. Some releases may lack those of info and
// checkpoints.
func pathRoutes(t pathType, service string, more func(*profile) bool) []route {
	bind := func(f func(*exchange, pathType) (object, *failure)) func(*exchange) (object, *failure) {
		return func(x *exchange) (object, *failure) { return f(x, t) }
	}
	services, root := []string{service}, "/services/v2/"+string(t)
	return []route{
		{path: root, services: services, describes: string(t), answer: bind((*exchange).distPaths)},
		{path: root + "/{path}", services: services, describes: "distPath", answer: bind((*exchange).distPath)},
		{path: root + "/{path}/info", services: services, has: more, describes: "distPathInfo", answer: bind((*exchange).distPathInfo)},
		{path: root + "/{path}/checkpoints", services: services, has: more, describes: "distPathCheckpoints", answer: bind((*exchange).distPathCheckpoints)},
	}
}

// distPaths answers GET /services/v2/sources, /services/v2/targets and /services/v2/stream. Items have a status since
// 21.3.
func (x *exchange) distPaths(t pathType) (object, *failure) {
	p, items := x.server.profile, list{}
	for _, dp := range x.dep.paths[t] {
		items = append(items, x.item(dp.spec.Name, when(p.pathItemState, member{"status", dp.status(p)})...))
	}
	return collection(items), nil
}

// distPath answers GET /services/v2/sources/{distpath} and /services/v2/targets/{path}: the
// configuration, with status but without lag.
func (x *exchange) distPath(t pathType) (object, *failure) {
	dp := x.dep.path(t, x.vars["path"])
	if dp == nil {
		return nil, notFound
	}
	p := x.server.profile
	var begin any = "now"
	if p.pathBegin {
		begin = object{{"$schema", "type:position/atTrailRBA"}, {"sequence", number(0)}, {"offset", number(0)}}
	}
	source, target := x.pathURIs(dp)
	return join(
		object{
			{"$schema", "ogg:distPath"},
			{"name", dp.spec.Name},
			{"description", dp.spec.Description},
			{"status", dp.status(p)},
			{"begin", begin},
			{"source", object{{"uri", source}}},
			{"target", object{
				{"uri", target},
				{"authenticationMethod", object{{"domain", "Network"}, {"alias", "oggnet"}}},
				{"details", object{
					{"trail", object{{"seqLength", number(9)}, {"sizeMB", number(dp.target().size / 1_000_000)}}},
					{"encryption", object{{"algorithm", "NONE"}}},
					{"compression", object{{"enabled", false}}},
				}},
			}},
		},
		when(p.pathInitiator, member{"targetInitiated", dp.spec.TargetInitiated}),
		when(p.pathEncryption, member{"encryptionProfile", "LocalWallet"}),
		object{{"options", object{
			{"eofDelayCSecs", number(100)},
			{"checkpointFrequency", number(10)},
			{"critical", dp.spec.Critical},
			{"streaming", true},
			{"autoRestart", object{{"delay", number(2)}, {"retries", number(9)}}},
		}}},
	), nil
}

// pathURIs returns where a path reads and writes, from the point of view of the requested service.
// Unless the other end is simulated, its host does not exist.
func (x *exchange) pathURIs(dp *distPath) (source, target string) {
	p := x.server.profile
	scheme := "ws"
	if x.server.spec.TLS {
		scheme = "wss"
	}
	sender, receiving := x.server.inURI(x.dep, distribution), "target.example:9014/services"
	if x.svc.spec.Name == receiver.service() {
		sender, receiving = "source.example:9013/services", x.server.inURI(x.dep, receiver)
		sender = cmp.Or(dp.spec.Address, x.server.inURI(dp.peer.owner(), distribution), sender)
	} else {
		receiving = cmp.Or(dp.spec.Address, x.server.inURI(dp.peer.owner(), receiver), receiving)
	}
	return "trail://" + sender + "/v2/sources?trail=" + url.QueryEscape(dp.input(x.dep, p)),
		scheme + "://" + receiving + "/v2/targets?trail=" + url.QueryEscape(dp.output(x.dep, p))
}

// inURI returns what the URI of a path has in front of the version of the API; empty if the deployment
// has no such service.
func (s *Server) inURI(d *deployment, t pathType) string {
	if d == nil {
		return ""
	}
	for _, svc := range d.services {
		if svc.spec.Name != t.service() {
			continue
		}
		if s.front != nil {
			return s.front.address + prefix(d, svc)
		}
		return fmt.Sprintf("%s:%d/services", svc.address(), svc.listeningPort())
	}
	return ""
}

// owner returns the deployment of the path.
func (dp *distPath) owner() *deployment {
	if dp == nil {
		return nil
	}
	return dp.of
}

// distPathInfo answers GET …/{path}/info, at the Receiver Service since 19c. The process is the
// service's. lastStarted is null before the first start, and the lag may be unknown.
func (x *exchange) distPathInfo(t pathType) (object, *failure) {
	dp := x.dep.path(t, x.vars["path"])
	if dp == nil {
		return nil, notFound
	}
	now := dp.work.at(x.now)
	var started any
	if !dp.work.run.started.IsZero() {
		started = dp.work.run.started
	}
	return join(
		object{{"$schema", "ogg:distPathInfo"}},
		when(!dp.spec.UnknownLag,
			member{"lag", number(now.lag / time.Second)},
			member{"sinceLagReported", number(max(0, x.now.Sub(now.checkpoint)) / time.Second)},
		),
		object{
			{"lastStarted", started},
			{"processId", number(x.dep.pid(x.svc))},
			{"threadId", number(140_000_000_000_000 + int64(dp.seed%1_000_000_000_000))},
		},
		when(dp.spec.Extract != "", member{"sourceExtractName", dp.spec.Extract}),
		object{{"sourceDatabaseName", "ORCLPDB1"}, {"sourceDatabaseInstance", "ORCL"}},
		when(x.server.profile.pathEncryption, member{"encryptionProfile", "LocalWallet"}),
	), nil
}

// distPathCheckpoints answers GET …/{path}/checkpoints, at the Receiver Service since 19c: one pair
// of trails, and nothing before the first start.
func (x *exchange) distPathCheckpoints(t pathType) (object, *failure) {
	dp := x.dep.path(t, x.vars["path"])
	if dp == nil {
		return nil, notFound
	}
	p := x.server.profile
	from, to := dp.directories(x.dep.dataHome(p))
	positions := func(directory, trail string, in files, unread bool) list {
		place := object{{"path", directory}, {"name", trail}}
		return list{object{
			{"starting", join(place, checkpoint(in, unread, dp.work.at(dp.work.run.started)))},
			{"current", join(place, checkpoint(in, unread, dp.work.at(x.now)))},
		}}
	}
	return join(
		object{{"$schema", "ogg:distPathCheckpoints"}},
		when(!dp.work.run.started.IsZero(), member{"current", object{
			{"input", positions(from, dp.input(x.dep, p), dp.origin(), dp.spec.NotRead)},
			{"output", positions(to, dp.output(x.dep, p), dp.target(), false)},
		}}),
	), nil
}

// checkpoint is a position in a trail, with the time when it was recorded.
func checkpoint(in files, unread bool, at progress) object {
	sequence, offset := in.position(at.bytes)
	if unread {
		offset = -2
	}
	return object{{"sequence", number(sequence)}, {"offset", number(offset)}, {"timestamp", at.checkpoint}}
}

// directories returns where the trails are that the path reads and writes. If the other end is not
// simulated, it has the same directory.
func (dp *distPath) directories(home string) (from, to string) {
	own := cmp.Or(dp.work.spec.TrailPath, home)
	switch {
	case dp.peer == nil:
		return own, own
	case dp.is == receiver:
		return dp.peer.work.in.path, own
	}
	return own, dp.peer.work.out.path
}

// origin returns how the trail is cut into files that the path reads, here or at the other end.
func (dp *distPath) origin() files {
	if dp.is == receiver && dp.peer != nil {
		dp = dp.peer
	}
	return dp.work.files()
}

// target returns how the trail is cut into files that is written, here or at the other end.
func (dp *distPath) target() files {
	switch {
	case dp.is == receiver:
		return dp.work.files()
	case dp.peer != nil:
		return dp.peer.work.files()
	}
	return files{first: dp.work.files().first, size: megabytes(dp.spec.TargetSizeMB)}
}

// status returns the path's status as the release reports it.
func (dp *distPath) status(p *profile) string { return known(dp.spec.Status, p.lacksPathStates) }

// input and output return the trails that the path reads and writes.
func (dp *distPath) input(d *deployment, p *profile) string {
	return cmp.Or(dp.spec.Trail, dp.read, dp.work.trailName(d, p))
}

func (dp *distPath) output(d *deployment, p *profile) string {
	return cmp.Or(dp.spec.TargetTrail, dp.sent, dp.input(d, p))
}

// motion returns the process status that corresponds to a path's status: whether it moves.
func motion(status string) string {
	if down(status) || status == "paused" || status == "uninitialized" {
		return "stopped"
	}
	return "running"
}

// to changes the status of a path, as of now.
func (dp *distPath) to(status string, now time.Time) {
	dp.spec.Status = status
	dp.work.to(motion(status), now)
}

// restart starts a new run.
func (dp *distPath) restart(now time.Time) {
	dp.work.start(now)
	dp.spec.Status, dp.work.spec.Status = "running", "running"
}

func (t pathType) service() string {
	if t == receiver {
		return "recvsrvr"
	}
	return "distsrvr"
}

// resource returns the name of such a path in config/health.
func (t pathType) resource() string {
	if t == receiver {
		return "recvPath"
	}
	return "distPath"
}

// pid returns the process ID of a service, which changes with each start.
func (d *deployment) pid(svc *service) int64 {
	return int64(1000 + (seed(d.spec.Name, svc.spec.Name)+uint64(svc.started.Unix()))%30000) //nolint:gosec // small
}

var pathName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,31}$`)

func (s *Server) addPaths(d *deployment) error {
	for _, spec := range d.spec.DistributionPaths {
		if err := s.addPath(d, distribution, spec); err != nil {
			return err
		}
	}
	for _, spec := range d.spec.ReceiverPaths {
		if err := s.addReceiverPath(d, spec); err != nil {
			return err
		}
	}
	for _, spec := range d.spec.DataStreams {
		path := DistributionPath{
			Name: spec.Name, Status: spec.Status, Extract: spec.Extract, Lag: spec.Lag,
			NeverStarted: spec.NeverStarted, UnknownLag: spec.UnknownLag, Started: spec.Started, Stopped: spec.Stopped,
		}
		if err := s.addPath(d, dataStream, path); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) addPath(d *deployment, t pathType, spec DistributionPath) error {
	if !pathName.MatchString(spec.Name) || d.path(t, spec.Name) != nil {
		return fmt.Errorf("path name %q is invalid or taken", spec.Name)
	}
	if spec.NeverStarted {
		spec.Status = cmp.Or(spec.Status, "stopped")
	}
	spec.Status = cmp.Or(spec.Status, "running")
	dp := &distPath{spec: spec, is: t, of: d, seed: seed(d.spec.Name, string(t)+"/"+spec.Name)}
	dp.work = process{seed: dp.seed, unread: spec.NotRead, spec: Process{
		Name: spec.Name, Type: Extract, Status: motion(spec.Status),
		Lag: spec.Lag, LagSwing: spec.LagSwing, LagPeriod: spec.LagPeriod,
		Trail: spec.Trail, TrailPath: spec.TrailPath, BytesPerSecond: spec.BytesPerSecond,
		TrailSizeMB: spec.TrailSizeMB, TrailKeep: spec.TrailKeep,
		NeverStarted: spec.NeverStarted, Started: spec.Started, Stopped: spec.Stopped,
	}}
	if e := d.process(spec.Extract); e != nil && t != receiver {
		dp.follow(e)
	}
	dp.work.run = dp.work.history(s.clock.Now())
	dp.work.own = dp.work.stream()
	if d.paths == nil {
		d.paths = map[pathType][]*distPath{}
	}
	d.paths[t] = append(d.paths[t], dp)
	return nil
}

// addReceiverPath adds a path, and what is before it if that belongs to another installation.
func (s *Server) addReceiverPath(d *deployment, spec ReceiverPath) error {
	if err := s.addPath(d, receiver, spec.path()); err != nil || spec.Remote == nil {
		return err
	}
	dp := d.path(receiver, spec.Name)
	extract := &process{spec: *spec.Remote, seed: seed(spec.RemoteDeployment, spec.Remote.Name)}
	extract.run = extract.history(s.clock.Now())
	extract.own = extract.stream()
	(&trailFiles{}).write(extract)
	dp.work.sender, dp.read = extract, spec.Remote.Trail
	return nil
}

// follow makes a path read the trail of an Extract, at its rate, unless the path is set up
// otherwise.
func (dp *distPath) follow(e *process) {
	w := &dp.work
	w.seed, w.letter, w.spec.Sequence = e.seed, e.letter, e.spec.Sequence
	w.spec.Trail, w.spec.TrailPath = cmp.Or(w.spec.Trail, e.spec.Trail), cmp.Or(w.spec.TrailPath, e.spec.TrailPath)
	w.spec.BytesPerSecond = cmp.Or(w.spec.BytesPerSecond, e.spec.BytesPerSecond)
	w.spec.Started = cmp.Or(w.spec.Started, e.spec.Started)
}

func (d *deployment) path(t pathType, name string) *distPath {
	for _, dp := range d.paths[t] {
		if dp.spec.Name == name {
			return dp
		}
	}
	return nil
}
