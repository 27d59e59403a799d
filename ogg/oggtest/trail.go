package oggtest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Trail is a trail as the Administration Service reports it.
type Trail struct {
	// Name is as in Process.Trail: two letters, since 23ai with a path before them.
	Name string

	// Path is the trail's directory; generated if empty.
	Path string

	Description string

	// Remote says that another deployment's Extract writes the trail.
	Remote bool

	// Sequence and Offset are the end of the trail. SequenceMin and SequenceMax are its first and
	// last existing file; SequenceMax is at least Sequence. SequenceMinInUse and SequenceMaxInUse
	// are the first and last file that Replicats and distribution paths are reading.
	Sequence, Offset                   int64
	SequenceMin, SequenceMax           int64
	SequenceMinInUse, SequenceMaxInUse int64

	// SizeMB is the size of a full file in megabytes, 500 if 0, and SpaceUsed the bytes of all
	// files.
	SizeMB, SpaceUsed int64

	// ArchiveTask is the task that has archived the trail up to LastArchived (since 23ai); none if
	// empty.
	ArchiveTask  string
	LastArchived int64

	// Processes are the names of the processes that use it.
	Processes []string
}

// trailRoutes are the Administration Service's trails, since 21.3.
var trailRoutes = []route{
	{
		path: "/services/v2/trails", services: []string{"adminsrvr"}, has: func(p *profile) bool { return p.trails },
		describes: "trails", answer: (*exchange).trails,
	},
	{
		path: "/services/v2/trails/{trail}", services: []string{"adminsrvr"}, has: func(p *profile) bool { return p.trails },
		describes: "trail", answer: (*exchange).trail,
	},
}

// trails answers GET /services/v2/trails?details=… (since 21.3; details since 23ai, with any value).
// A name is what the item is requested by: with the path if the trail has one.
func (x *exchange) trails() (object, *failure) {
	p, items := x.server.profile, list{}
	detailed := p.trailNames && x.URL.Query().Has("details")
	for _, t := range x.dep.trails(p, x.now) {
		items = append(items, x.item(t.id(), when(detailed, member{"details", x.trailResource(t)})...))
	}
	return object{{"$schema", "ogg:trailCollection"}, {"items", items}}, nil
}

// trail answers GET /services/v2/trails/{trail} (since 21.3), with any name that Trail.answersTo
// accepts.
func (x *exchange) trail() (object, *failure) {
	p := x.server.profile
	name, query, _ := strings.Cut(x.vars["trail"], "?")
	path := x.URL.Query().Get("path")
	if q, err := url.ParseQuery(query); err == nil {
		path = cmp.Or(q.Get("path"), path)
	}
	all := x.dep.trailsThat(p, x.now, func(t Trail) bool { return t.answersTo(name, path) })
	if len(all) == 0 {
		return nil, notFound
	}
	return x.trailResource(all[0]), nil
}

// trailResource returns what GET /services/v2/trails/{trail} reports.
func (x *exchange) trailResource(t Trail) object {
	p := x.server.profile
	return join(
		object{{"$schema", "ogg:trail"}},
		x.trailName(t),
		when(p.trailNames, member{"description", t.Description}),
		t.end(),
		t.bounds(),
		when(p.trailNames, member{"sizeMB", number(t.sizeMB())}),
		when(p.trailNames, t.usage()...),
		when(p.trailNames && t.ArchiveTask != "", member{"sequenceLastArchived", list{object{
			{"taskName", t.ArchiveTask}, {"archiveTarget", "archive"}, {"sequence", number(t.LastArchived)},
		}}}),
		object{{"remote", t.Remote}},
		when(p.trailNames && len(t.Processes) > 0, member{"processRef", x.processReferences(t)}),
	)
}

// trailName returns the names of a trail, and its directory.
func (x *exchange) trailName(t Trail) object {
	dir, short := t.split()
	return join(
		object{{"name", short}},
		when(x.server.profile.trailNames, member{"trailName", t.Name}),
		object{{"path", cmp.Or(dir, t.Path)}},
	)
}

// end returns where the trail ends.
func (t Trail) end() object {
	return object{
		{"sequence", number(t.Sequence)},
		{"offset", number(t.Offset)},
		{"sequenceLength", number(9)},
		{"sequenceLengthFlip", false},
	}
}

// bounds returns the first and last files of a trail.
func (t Trail) bounds() object {
	return object{
		{"sequenceMin", number(t.SequenceMin)},
		{"sequenceMax", number(t.last())},
		{"sequenceMaxInUse", number(t.SequenceMaxInUse)},
	}
}

// usage returns what of a trail is still in use, and how much space it takes.
func (t Trail) usage() object {
	return object{
		{"sequenceMinInUse", number(t.SequenceMinInUse)},
		{"spaceUsed", number(t.SpaceUsed)},
	}
}

// sizeMB returns the size of a full file.
func (t Trail) sizeMB() int64 { return cmp.Or(t.SizeMB, trailFileSizeMB) }

// last returns the number of the last file.
func (t Trail) last() int64 { return max(t.Sequence, t.SequenceMax) }

// processReferences lists the processes that use a trail (since 23ai). The names of the types are
// not documented.
func (x *exchange) processReferences(t Trail) list {
	all := list{}
	for _, name := range t.Processes {
		var kind object
		if i := slices.IndexFunc(x.dep.processes, func(pr *process) bool { return pr.spec.Name == name }); i >= 0 {
			kind = object{{"processType", x.dep.processes[i].spec.Type.noun()}}
		}
		all = append(all, join(kind, object{{"processName", name}}))
	}
	return all
}

// split separates the name from the path before it.
func (t Trail) split() (dir, short string) {
	i := strings.LastIndexByte(t.Name, '/')
	return t.Name[:max(0, i)], t.Name[i+1:]
}

// id returns the trail in a URL: ea, or ea?path=north%2Femployees.
func (t Trail) id() string {
	dir, short := t.split()
	if dir == "" {
		return short
	}
	return short + "?path=" + url.QueryEscape(dir)
}

// answersTo reports whether a request means this trail: by its whole name, or by its last part and
// the path before it.
func (t Trail) answersTo(name, path string) bool {
	dir, short := t.split()
	return name == t.Name && path == "" || name == short && path == cmp.Or(dir, t.Path)
}

// trails returns the deployment's trails: those that are written or read, and those of its
// specification. Of several with one name, it is the first.
func (d *deployment) trails(p *profile, now time.Time) []Trail {
	return d.trailsThat(p, now, func(Trail) bool { return true })
}

// trailsThat returns those that are wanted by name and path. Only their figures are computed.
func (d *deployment) trailsThat(p *profile, now time.Time, wanted func(Trail) bool) []Trail {
	var all []Trail
	for _, t := range d.used {
		named := func(o Trail) bool { return o.Name == t.name }
		if wanted(Trail{Name: t.name, Path: t.path}) && !slices.ContainsFunc(all, named) && !slices.ContainsFunc(d.spec.Trails, named) {
			all = append(all, d.trail(t, now))
		}
	}
	for _, t := range d.spec.Trails {
		t.Path, t.SequenceMinInUse = cmp.Or(t.Path, d.dataHome(p)), cmp.Or(t.SequenceMinInUse, t.SequenceMaxInUse)
		if wanted(t) {
			all = append(all, t)
		}
	}
	return all
}

// trail returns what is known of a trail at a moment.
func (d *deployment) trail(t *trailFiles, now time.Time) Trail {
	r := Trail{Name: t.name, Path: t.path, Remote: true, SizeMB: t.size / 1_000_000, SequenceMin: t.oldest(now), SpaceUsed: t.spaceUsed(now)}
	r.Sequence, r.Offset = t.end(now)
	r.SequenceMinInUse, r.SequenceMaxInUse = t.inUse(now)
	for _, pr := range d.processes {
		writes := pr.out != nil && pr.out.place == t.place
		r.Remote = r.Remote && !writes
		if writes || pr.in == t {
			r.Processes = append(r.Processes, pr.spec.Name)
		}
	}
	return r
}

// link finds out who writes and who reads each trail, and which distribution path feeds each
// receiver path. A trail that its writer has left, and a receiver path that its sender has left,
// keep what they have.
func (s *Server) link() {
	for _, d := range s.deployments {
		for _, dp := range d.paths[receiver] {
			if sender, of := s.senderOf(d, dp); sender != nil {
				dp.peer, sender.peer = sender, dp
				dp.work.sender = &sender.work
				sender.sent = dp.spec.TargetTrail
				dp.read, dp.sent = sender.input(of, s.profile), sender.output(of, s.profile)
				dp.work.spec.TrailSizeMB = cmp.Or(dp.spec.TrailSizeMB, sender.spec.TargetSizeMB)
			}
		}
	}
	for _, d := range s.deployments {
		d.link(s.profile)
	}
	for _, d := range s.deployments {
		for _, dp := range d.paths[receiver] {
			if dp.work.feedsItself() {
				dp.work.sender = nil
			}
		}
	}
}

// senderOf returns the distribution path that sends to a receiver path, and its deployment: one
// of the same name that has the deployment as its target, or else the only one that has no target
// and belongs to another deployment.
func (s *Server) senderOf(d *deployment, receives *distPath) (sender *distPath, of *deployment) {
	found := 0
	for _, o := range s.deployments {
		dp := o.path(distribution, receives.spec.Name)
		switch {
		case dp == nil || dp.spec.Target == "" && o == d:
		case dp.spec.Target == d.spec.Name:
			return dp, o
		case dp.spec.Target == "":
			sender, of = dp, o
			found++
		}
	}
	if found != 1 {
		return nil, nil
	}
	return sender, of
}

// feedsItself reports whether what a path sends comes back to it.
func (pr *process) feedsItself() bool {
	seen := map[*process]bool{}
	for up := pr.upstream(); up != nil && !seen[up]; up = up.upstream() {
		seen[up] = true
	}
	return seen[pr]
}

// link sets the trails of a deployment, in the order of their first use.
func (d *deployment) link(p *profile) {
	before := map[*trailFiles]*process{}
	for _, t := range d.files {
		before[t], t.writer, t.readers = t.writer, nil, nil
	}
	d.used = nil
	for _, pr := range d.processes {
		t := d.use(pr, pr.trailName(d, p), p)
		if pr.spec.Type == Replicat {
			t.read(pr)
		} else {
			t.write(pr)
		}
	}
	for _, dp := range slices.Concat(d.paths[distribution], d.paths[dataStream]) {
		d.use(&dp.work, dp.input(d, p), p).read(&dp.work)
	}
	for _, dp := range d.paths[receiver] {
		d.use(&dp.work, dp.output(d, p), p).write(&dp.work)
	}
	for _, t := range d.files {
		t.writer = cmp.Or(t.writer, before[t])
		t.fill()
	}
}

// use returns the trail that a process reads or writes.
func (d *deployment) use(pr *process, name string, p *profile) *trailFiles {
	path := cmp.Or(pr.spec.TrailPath, d.dataHome(p))
	at := place{name, strings.TrimSuffix(path, "/")}
	t := d.files[at]
	if t == nil {
		t = &trailFiles{place: at, path: path}
		if d.files == nil {
			d.files = map[place]*trailFiles{}
		}
		d.files[at] = t
	}
	if !slices.Contains(d.used, t) {
		d.used = append(d.used, t)
	}
	return t
}
