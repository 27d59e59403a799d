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
	// TrailPosition names the trail. Its Sequence is the number of the file at
	// which the trail begins, and its Offset the one in a trail file that the
	// Administration Service tells.
	TrailPosition
	// SequenceMin and SequenceMax are the numbers of the first and the last file
	// that exist in the deployment, SequenceMaxInUse that of the last in use.
	SequenceMin, SequenceMax, SequenceMaxInUse wire.Number
	// Remote says whether the trail comes from another deployment; nil where not
	// told.
	Remote *bool

	id string // by which it is listed
}

// trailFacts is what GET /trails/{t} tells of a trail.
type trailFacts struct {
	// Name has two characters. TrailName (23ai and later) is one for humans, which
	// need not have anything to do with it.
	Name      string `json:"name"`
	TrailName string `json:"trailName"`
	// Path is the directory, which may be relative to one that is not told.
	Path             string      `json:"path"`
	Sequence         wire.Number `json:"sequence"`
	Offset           wire.Number `json:"offset"`
	SequenceMin      wire.Number `json:"sequenceMin"`
	SequenceMax      wire.Number `json:"sequenceMax"`
	SequenceMaxInUse wire.Number `json:"sequenceMaxInUse"`
	Remote           *bool       `json:"remote"`
}

// listedTrail is an item of GET /trails. Beside the name it may have facts, but
// none that Oracle describes.
type listedTrail trailFacts

// readTrails reads GET /trails and, for each trail whose item does not tell it
// all, GET /trails/{t} (21.3 and later; role User): 1 + T requests. A trail that
// could not be read is missing from those of the deployment.
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

// readTrail makes a trail of its item, or of GET /trails/{t}.
func readTrail(ctx context.Context, admin *rest.Endpoint, item listedTrail) (*Trail, error) {
	facts := trailFacts(item)
	if !item.complete() {
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

// address returns the trail's name, and its directory where that is needed to
// ask for it: an item may be called ea?path=north%2Femployees, or ea with the
// directory beside it. A name for humans needs none.
func (t listedTrail) address() (name, dir string) {
	name, query, _ := strings.Cut(cmp.Or(t.Name, t.TrailName), "?")
	values, _ := url.ParseQuery(query) // what is no query says nothing
	switch {
	case name != "" && values.Has("path"):
		return name, values.Get("path")
	case len(name) == 2:
		return name, t.Path
	default:
		return name, ""
	}
}

// id tells the trail from others in the list; empty if it has no name.
func (t listedTrail) id() string {
	name, dir := t.address()
	return name + pathQuery(dir)
}

// route is what to ask for the trail.
func (t listedTrail) route() string {
	name, dir := t.address()
	return "/trails/" + rest.Segment(name) + pathQuery(dir)
}

// pathQuery is the end of a trail's address that names its directory.
func pathQuery(dir string) string {
	if dir == "" {
		return ""
	}
	return "?path=" + url.QueryEscape(dir)
}

// complete reports whether the item tells all that there is to tell in figures.
func (t listedTrail) complete() bool {
	return t.Sequence.Known() && t.Offset.Known() && t.SequenceMin.Known() && t.SequenceMax.Known()
}

// UnmarshalJSONFrom reads the name, and the facts where they have the form that
// they have in GET /trails/{t}.
func (t *listedTrail) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*t = listedTrail{}
	value, err := in.ReadValue()
	if err != nil || json.Unmarshal(value, (*trailFacts)(t), wire.Lenient) == nil {
		return err
	}
	var named item
	err = json.Unmarshal(value, &named, wire.Lenient)
	*t = listedTrail{Name: named.Name}
	return err
}
