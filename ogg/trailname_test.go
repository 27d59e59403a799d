package ogg

import (
	"maps"
	"strings"
	"testing"
)

func TestTrailLabels(t *testing.T) {
	for name, trails := range map[string]map[string]string{ // "path | name" to label
		"one":                      {"/u02/data|ea": "ea"},
		"slash or not":             {"/u02/data/|ea": "ea", "/u02/data|ea": "ea"},
		"other names":              {"/u02/north|ea": "ea", "/u02/south|eb": "eb"},
		"two directories":          {"/u02/north|ea": "north/ea", "/u02/south|ea": "south/ea"},
		"ends alike":               {"/u02/a/data|ea": "a/data/ea", "/u02/b/data|ea": "b/data/ea"},
		"one within the other":     {"/data|ea": "data/ea", "/u02/data|ea": "u02/data/ea"},
		"path in the name":         {"/u02|north/ea": "north/ea", "/u02|south/ea": "south/ea", "/u02|north/eb": "eb"},
		"path here and there":      {"/u02/north|ea": "ea", "/u02|north/ea": "ea"},
		"no path":                  {"|ea": "ea", "/u02|ea": "u02/ea"},
		"slashes":                  {"//|ea": "ea"},
		"segments, not characters": {"/x/north|ea": "x/north/ea", "/y/north|ea": "y/north/ea", "/z/up-north|ea": "up-north/ea"},
	} {
		t.Run(name, func(t *testing.T) {
			known := map[string]trailLocation{}
			for where := range trails {
				known[where] = locateText(where)
			}
			labels := trailLabels(known)
			for where, want := range trails {
				if got := labels[known[where]]; got != want {
					t.Errorf("%s: got %s, want %s", where, got, want)
				}
			}
		})
	}
}

// locateText locates a trail written as "path|name".
func locateText(where string) trailLocation {
	for i, r := range where {
		if r == '|' {
			return locate(where[:i], where[i+1:])
		}
	}
	return locate("", where)
}

// TestTrailNamesStay checks that a user that temporarily cannot be read does not rename the
// trail of another one.
func TestTrailNamesStay(t *testing.T) {
	at := func(path string) *TrailPosition { return &TrailPosition{location: locate(path, "ea")} }
	var names trailNames
	for i, step := range []struct {
		positions map[string]*TrailPosition
		unread    bool
		want      map[string]string
	}{
		{map[string]*TrailPosition{"process REP1": at("/n"), "process REP2": at("/s")}, false, map[string]string{"process REP1": "n/ea", "process REP2": "s/ea"}},
		{map[string]*TrailPosition{"process REP1": at("/n"), "process REP2": nil}, true, map[string]string{"process REP1": "n/ea"}},
		{map[string]*TrailPosition{"process REP1": at("/n")}, true, map[string]string{"process REP1": "n/ea"}},
		{map[string]*TrailPosition{"process REP1": at("/n")}, false, map[string]string{"process REP1": "ea"}}, // without REP2
	} {
		names.name(step.positions, func(string) bool { return step.unread })
		got := map[string]string{}
		for user, p := range step.positions {
			if p != nil {
				got[user] = p.Trail
			}
		}
		if !maps.Equal(got, step.want) {
			t.Errorf("poll %d: got %v, want %v", i+1, got, step.want)
		}
	}
}

// TestRelativeTrails checks that a relative directory is matched with the only absolute one
// that ends in it.
func TestRelativeTrails(t *testing.T) {
	for name, c := range map[string]struct{ relative, others, want string }{
		"its end":        {"north|ea", "/u02/north|ea /u02/south|ea", "north/ea"},
		"not reported":   {"|ea", "/u02/north|ea", "ea"},
		"within a name":  {"|north/ea", "/u02/north|ea", "ea"},
		"alone":          {"north|ea", "", "ea"},
		"other name":     {"north|ea", "/u02/north|eb", "ea"},
		"no whole name":  {"orth|ea", "/u02/north|ea", "orth/ea"},
		"one of two":     {"north|ea", "/u02/north|ea /u03/north|ea", "north/ea"},
		"either, untold": {"|ea", "/u02|ea /u03|ea", "ea"},
		"also relative":  {"north|ea", "u02/north|ea", "north/ea"},
	} {
		positions := map[string]*TrailPosition{"trail": {location: locateText(c.relative)}}
		for other := range strings.FieldsSeq(c.others) {
			positions[other] = &TrailPosition{location: locateText(other)}
		}
		var names trailNames
		names.name(positions, func(string) bool { return false })
		if got := positions["trail"].Trail; got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
