package ogg

import (
	"cmp"
	"context"
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
	// Remote says whether the trail comes from another deployment; nil if not reported.
	Remote *bool

	id string // in the list
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
}

// listedTrail is an item of GET /trails. Besides the name it may have the facts, which is not
// documented, and since 23ai have them in its details. Those are documented for ?details=, but not
// which values that takes, nor what it costs the service: it is not sent.
type listedTrail struct {
	trailFacts
	details trailFacts
}

// readTrails reads GET /trails and, for each trail whose item is not complete, GET /trails/{t}
// (21.3 and later; role User): 1 + T requests. It omits trails that cannot be read.
func readTrails(ctx context.Context, v *visit) ([]*Trail, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	list, err := rest.GetIfPresent[struct {
		Items []listedTrail `json:"items"`
	}](ctx, admin, "/trails")
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

// readTrail returns a trail from its item, or from GET /trails/{t}.
func readTrail(ctx context.Context, admin *rest.Endpoint, item listedTrail) (*Trail, error) {
	facts, complete := item.facts()
	if !complete {
		var err error
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
		Remote: facts.Remote, id: item.id(),
	}, nil
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
	if json.Unmarshal(value, &detailed, wire.Lenient) == nil {
		t.details = detailed.Details
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
