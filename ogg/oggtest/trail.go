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
	// last existing file; SequenceMax is at least Sequence. SequenceMaxInUse is the last file that
	// a Replicat or distribution path is reading, SequenceMinInUse the first; the same if 0.
	Sequence, Offset                           int64
	SequenceMin, SequenceMax, SequenceMaxInUse int64
	SequenceMinInUse                           int64

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
	all := x.dep.trails(p, x.now)
	i := slices.IndexFunc(all, func(t Trail) bool { return t.answersTo(name, path) })
	if i < 0 {
		return nil, notFound
	}
	return x.trailResource(all[i]), nil
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
		when(p.trailNames, member{"sizeMB", number(t.fileBytes() / 1_000_000)}),
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
		{"spaceUsed", number(t.spaceUsed())},
	}
}

// last returns the number of the last file.
func (t Trail) last() int64 { return max(t.Sequence, t.SequenceMax) }

// fileBytes returns the maximum size of a file.
func (t Trail) fileBytes() int64 { return trailFileSize }

// spaceUsed returns the size of all files: all are full except for the one that is written.
func (t Trail) spaceUsed() int64 {
	return max(0, t.last()-t.SequenceMin)*t.fileBytes() + t.Offset
}

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

// trails returns the deployment's trails: those that Extracts and receiver paths write, those that
// Replicats and distribution paths read, and those of its specification.
func (d *deployment) trails(p *profile, now time.Time) []Trail {
	const unread = -1
	var all []Trail
	use := func(by *process, name string, at progress, reads bool) *Trail {
		i := slices.IndexFunc(all, func(t Trail) bool { return t.Name == name })
		if i < 0 {
			i = len(all)
			path := cmp.Or(by.spec.TrailPath, d.dataHome(p))
			all = append(all, Trail{Name: name, Path: path, Remote: true, SequenceMin: by.spec.Sequence, SequenceMaxInUse: unread, SequenceMinInUse: unread})
		}
		all[i].use(by.spec.Sequence, at, reads)
		return &all[i]
	}
	for _, pr := range d.processes {
		t := use(pr, pr.trailName(d, p), workload(pr.spec, pr.seed, pr.run, now), pr.spec.Type == Replicat)
		t.Processes = append(t.Processes, pr.spec.Name)
		t.Remote = t.Remote && pr.spec.Type == Replicat
	}
	for _, dp := range d.paths[distribution] {
		use(&dp.work, dp.input(d, p), dp.progress(now), true)
	}
	for _, dp := range d.paths[receiver] {
		use(&dp.work, dp.output(d, p), dp.progress(now), false)
	}
	for i := range all {
		if all[i].SequenceMaxInUse == unread {
			all[i].SequenceMaxInUse, all[i].SequenceMinInUse = all[i].Sequence, all[i].Sequence
		}
	}
	for _, t := range d.spec.Trails {
		all = slices.DeleteFunc(all, func(o Trail) bool { return o.Name == t.Name })
		t.Path, t.SequenceMinInUse = cmp.Or(t.Path, d.dataHome(p)), cmp.Or(t.SequenceMinInUse, t.SequenceMaxInUse)
		all = append(all, t)
	}
	return all
}

// use records the progress of a process or path that began in file first. The trail ends at the
// furthest of them.
func (t *Trail) use(first int64, at progress, reads bool) {
	sequence, offset := trailPosition(at.bytes)
	sequence += first
	if sequence > t.Sequence || sequence == t.Sequence && offset > t.Offset {
		t.Sequence, t.Offset = sequence, offset
	}
	if reads && t.SequenceMinInUse < 0 {
		t.SequenceMinInUse = sequence
	}
	if reads {
		t.SequenceMaxInUse = max(t.SequenceMaxInUse, sequence)
		t.SequenceMinInUse = min(t.SequenceMinInUse, sequence)
	}
	t.SequenceMin = min(t.SequenceMin, first)
}
