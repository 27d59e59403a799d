package ogg

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Trail is one trail of a deployment as a poll found it.
type Trail struct {
	// TrailPosition names the trail. Its Sequence is the number of the file with which the
	// trail begins, and its Offset the one that the Administration Service reports.
	TrailPosition
	// SequenceMin and SequenceMax are the numbers of the first and the last file that exist
	// in the deployment, SequenceMaxInUse that of the last one in use.
	SequenceMin, SequenceMax, SequenceMaxInUse wire.Number
	TrailFiles
	// Remote says whether the trail comes from another deployment; nil if not reported.
	Remote *bool
	// Users are the names of the processes that use the trail; none if not reported (before 23ai).
	Users []string

	id string // in the list
}

// TrailFiles is what both the Administration and the Distribution Service report about the files of
// a trail.
type TrailFiles struct {
	// SequenceMinInUse is the number of the first file in use.
	SequenceMinInUse wire.Number
	// FileMax is the size of a full file, and Size that of all files, in bytes.
	FileMax, Size wire.Number
}

// or returns the facts, and from other those that are unknown.
func (f TrailFiles) or(other TrailFiles) TrailFiles {
	return TrailFiles{cmp.Or(f.SequenceMinInUse, other.SequenceMinInUse), cmp.Or(f.FileMax, other.FileMax), cmp.Or(f.Size, other.Size)}
}

// trailFacts is what GET /trails/{t} reports about a trail.
type trailFacts struct {
	// Name has two characters. TrailName (23ai and later) is a display name, which need not
	// resemble it.
	Name      string `json:"name"`
	TrailName string `json:"trailName"`
	// Path is the directory, which may be relative to one that is not reported.
	Path             string      `json:"path"`
	Sequence         wire.Number `json:"sequence"`
	Offset           wire.Number `json:"offset"`
	SequenceMin      wire.Number `json:"sequenceMin"`
	SequenceMax      wire.Number `json:"sequenceMax"`
	SequenceMaxInUse wire.Number `json:"sequenceMaxInUse"`
	Remote           *bool       `json:"remote"`
	Users            trailUsers  `json:"processRef"`
	reportedFiles
}

// reportedFiles are TrailFiles in a response. GET /trails/{t} has them since 23ai.
type reportedFiles struct {
	SequenceMinInUse wire.Number `json:"sequenceMinInUse"`
	SizeMB           wire.Number `json:"sizeMB"`
	SpaceUsed        wire.Number `json:"spaceUsed"`
}

// files returns them in bytes. A file of no size, which cannot be, is of unknown size.
func (r reportedFiles) files() TrailFiles {
	f := TrailFiles{SequenceMinInUse: r.SequenceMinInUse, Size: r.SpaceUsed}
	if r.SizeMB != wire.NumberOf(0) {
		f.FileMax = r.SizeMB.Per(1e-6)
	}
	return f
}

// listedTrail is an item of GET /trails. Besides the name it may have the facts, which is not
// documented, and with ?details= have them in its details: surely since 23ai, and by the page of
// 21.3 since then.
type listedTrail struct {
	trailFacts
	details trailFacts
	odd     []wire.Odd // members of details
}

// trailsDetailed is the route of the list with details.
const trailsDetailed = "/trails?details=true"

// trailList is what GET /trails returns.
type trailList struct {
	Items []listedTrail `json:"items"`
}

// readTrails reads GET /trails with details and, for each trail whose item is not complete, GET
// /trails/{t} (21.3 and later; role User): 1 request, or 1 + T. It omits trails that cannot be read.
func readTrails(ctx context.Context, v *visit) ([]*Trail, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	list, err := listTrails(ctx, admin)
	if list == nil {
		return nil, err != nil, err
	}
	all, err := listed(admin, "/trails", "items", list.Items)
	if err != nil {
		return nil, true, err
	}
	items, duplicates := unique(all, listedTrail.id)
	trails, errs := make([]*Trail, len(items)), make([]error, len(items))
	admin.OnEach(errs, func(i int) (err error) {
		trails[i], err = readTrail(ctx, admin, items[i])
		return err
	})
	trails = slices.DeleteFunc(trails, func(t *Trail) bool { return t == nil })
	return trails, true, wire.Join(duplicates, wire.Summarize(errs, "trails"))
}

// listTrails reads the list with details. A release that does not know the parameter may reject it:
// it is asked without, and with it only from time to time.
func listTrails(ctx context.Context, admin *rest.Endpoint) (*trailList, error) {
	list, err := rest.GetIfPresent[trailList](ctx, admin, trailsDetailed)
	if rest.HasStatus(err, http.StatusBadRequest) {
		wire.Remembered[wire.Lacking](admin.Memory()).NoteYet(trailsDetailed, admin.Now())
		list, err = nil, nil
	}
	if list != nil || err != nil {
		return list, err
	}
	return rest.GetIfPresent[trailList](ctx, admin, "/trails")
}

// readTrail returns a trail from its item, or from GET /trails/{t}. What is odd in details that are
// complete costs nothing else.
func readTrail(ctx context.Context, admin *rest.Endpoint, item listedTrail) (*Trail, error) {
	facts, complete := item.facts()
	var err error
	if item.details.complete() && len(item.odd) > 0 {
		err = &wire.OddError{URL: admin.Base() + trailsDetailed, Odd: item.odd}
	}
	if !complete {
		if facts, err = rest.Get[trailFacts](ctx, admin, item.route()); err != nil {
			return nil, err
		}
	}
	name, dir := item.address()
	return &Trail{
		TrailPosition: TrailPosition{
			Sequence: facts.Sequence, Offset: facts.Offset,
			location: locate(cmp.Or(facts.Path, dir), cmp.Or(facts.Name, name)),
		},
		SequenceMin: facts.SequenceMin, SequenceMax: facts.SequenceMax, SequenceMaxInUse: facts.SequenceMaxInUse,
		TrailFiles: facts.files(), Remote: facts.Remote, Users: facts.Users, id: item.id(),
	}, err
}

// address returns the trail's name, and its directory if that is needed to request it: the name
// of an item may be ea?path=north%2Femployees, or ea with the directory in another member. A
// display name needs no directory.
func (t listedTrail) address() (name, dir string) {
	name, query, _ := strings.Cut(cmp.Or(t.Name, t.TrailName), "?")
	values, _ := url.ParseQuery(query) // ignore an invalid query
	switch {
	case name != "" && values.Has("path"):
		return name, values.Get("path")
	case len(name) == 2:
		return name, t.Path
	default:
		return name, ""
	}
}

// id identifies the trail in the list; empty if it has no name.
func (t listedTrail) id() string {
	name, dir := t.address()
	return name + pathQuery(dir)
}

// route returns the route of the trail.
func (t listedTrail) route() string {
	name, dir := t.address()
	return "/trails/" + rest.Segment(name) + pathQuery(dir)
}

// pathQuery returns the query that names a trail's directory.
func pathQuery(dir string) string {
	if dir == "" {
		return ""
	}
	return "?path=" + url.QueryEscape(dir)
}

// facts returns the facts that the item has, and whether they are complete.
func (t listedTrail) facts() (trailFacts, bool) {
	if t.details.complete() {
		return t.details, true
	}
	return t.trailFacts, t.complete()
}

// complete reports whether all figures are known.
func (t trailFacts) complete() bool {
	return t.Sequence.Known() && t.Offset.Known() && t.SequenceMin.Known() && t.SequenceMax.Known()
}

// UnmarshalJSONFrom reads the name, and the facts if they have the same form as in GET
// /trails/{t}. It fails for a name or directory that is too long for a label.
func (t *listedTrail) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*t = listedTrail{}
	value, err := in.ReadValue()
	if err != nil {
		return err
	}
	var detailed struct{ Details trailFacts }
	if odd, unreadable := wire.Unmarshal(value, &detailed); unreadable == nil {
		t.details, t.odd = detailed.Details, odd
	}
	if json.Unmarshal(value, &t.trailFacts, wire.Lenient) != nil {
		var named item
		err = json.Unmarshal(value, &named, wire.Lenient)
		t.trailFacts = trailFacts{Name: named.Name}
	}
	if n := max(t.longest(), t.details.longest()); n > wire.MaxText {
		return wire.TooLong(n)
	}
	return err
}

// longest returns the length of the longest text.
func (t trailFacts) longest() int { return max(len(t.Name), len(t.TrailName), len(t.Path)) }
