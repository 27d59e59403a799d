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
	// a Replicat or distribution path is reading.
	Sequence, Offset                           int64
	SequenceMin, SequenceMax, SequenceMaxInUse int64

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

// trails answers GET /services/v2/trails (since 21.3). A name is what the item is requested by:
// with the path if the trail has one.
func (x *exchange) trails() (object, *failure) {
	items := list{}
	for _, t := range x.dep.trails(x.server.profile, x.now) {
		items = append(items, x.item(t.id()))
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
	t := all[i]
	dir, short := t.split()
	processes := list{}
	for _, name := range t.Processes {
		processes = append(processes, name)
	}
	return join(
		object{{"$schema", "ogg:trail"}, {"name", short}},
		when(p.trailNames, member{"trailName", t.Name}),
		object{
			{"path", cmp.Or(dir, t.Path)},
			{"description", t.Description},
			{"sequence", number(t.Sequence)},
			{"sequenceMin", number(t.SequenceMin)},
			{"sequenceMax", number(max(t.Sequence, t.SequenceMax))},
			{"sequenceMaxInUse", number(t.SequenceMaxInUse)},
			{"offset", number(t.Offset)},
			{"sequenceLength", number(9)},
			{"sequenceLengthFlip", false},
		},
		when(p.trailNames, member{"sequenceLastArchived", list{}}),
		object{{"remote", t.Remote}, {"processRef", processes}},
	), nil
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
			all = append(all, Trail{Name: name, Path: path, Remote: true, SequenceMin: by.spec.Sequence, SequenceMaxInUse: unread})
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
			all[i].SequenceMaxInUse = all[i].Sequence
		}
	}
	for _, t := range d.spec.Trails {
		all = slices.DeleteFunc(all, func(o Trail) bool { return o.Name == t.Name })
		t.Path = cmp.Or(t.Path, d.dataHome(p))
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
	if reads {
		t.SequenceMaxInUse = max(t.SequenceMaxInUse, sequence)
	}
	t.SequenceMin = min(t.SequenceMin, first)
}
