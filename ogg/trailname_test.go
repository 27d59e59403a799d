package ogg

import (
	"fmt"
	"strings"
	"testing"
)

// named names trails that are written as "path|name", and returns their labels.
func (t *trailNames) named(trails ...string) []string {
	positions, labels := make([]*TrailPosition, len(trails)), make([]string, len(trails))
	for i, where := range trails {
		dir, name, _ := strings.Cut(where, "|")
		positions[i] = &TrailPosition{location: locate(dir, name)}
	}
	t.name(positions)
	for i, p := range positions {
		labels[i] = p.Trail
	}
	return labels
}

// TestTrailLabels checks the labels of trails that become known together.
func TestTrailLabels(t *testing.T) {
	t.Parallel()
	for name, trails := range map[string]map[string]string{ // "path|name" to label
		"one":                      {"/u02/data|ea": "ea"},
		"slash or not":             {"/u02/data/|ea": "ea", "/u02/data|ea": "ea"},
		"other names":              {"/u02/north|ea": "ea", "/u02/south|eb": "eb"},
		"two directories":          {"/u02/north|ea": "north/ea", "/u02/south|ea": "south/ea"},
		"ends alike":               {"/u02/a/data|ea": "a/data/ea", "/u02/b/data|ea": "b/data/ea"},
		"one within the other":     {"/data|ea": "data/ea", "/u02/data|ea": "u02/data/ea"},
		"path in the name":         {"/u02|north/ea": "north/ea", "/u02|south/ea": "south/ea", "/u02|north/eb": "eb"},
		"path here and there":      {"/u02/north|ea": "ea", "/u02|north/ea": "ea"},
		"path only in the name":    {"/u02/north|/u02/north/ea": "ea", "|/u02/north/ea": "ea", "/u02/north|ea": "ea"},
		"slashes":                  {"//|ea": "ea"},
		"segments, not characters": {"/x/north|ea": "x/north/ea", "/y/north|ea": "y/north/ea", "/z/up-north|ea": "up-north/ea"},

		"Windows":                  {`D:\ogg\data\|ea`: "ea", `D:\ogg\data|ea`: "ea", `D:/ogg/data|ea`: "ea", `d:\ogg\data|ea`: "ea"},
		"Windows, in the name":     {`D:\ogg|data\ea`: "ea", `|D:\ogg\data\ea`: "ea", `D:\ogg\data|D:\ogg\data\ea`: "ea", `D:\ogg\data|ea`: "ea"},
		"Windows, two directories": {`D:\ogg\north|ea`: "north/ea", `D:\ogg\south\|ea`: "south/ea"},
		"Windows, two drives":      {`D:\ogg\data|ea`: "D:/ogg/data/ea", `e:\ogg\data|ea`: "E:/ogg/data/ea"},
		"Windows, relative":        {`dirdat\north|ea`: "north/ea", `D:\ogg\dirdat\north|ea`: "north/ea", `D:\ogg\dirdat\south|ea`: "south/ea"},
		"Windows, a share":         {`\\nas\ogg\north|ea`: "north/ea", `//nas/ogg/south|ea`: "south/ea"},
		"Windows, case":            {`D:\ogg\data|ea`: "data/ea", `D:\ogg\DATA|ea`: "DATA/ea"},

		"its end":            {"north|ea": "north/ea", "/u02/north|ea": "north/ea", "/u02/south|ea": "south/ea"},
		"not reported":       {"|ea": "ea", "/u02/north|ea": "ea"},
		"within a name":      {"|north/ea": "ea", "/u02/north|ea": "ea"},
		"relative and alone": {"north|ea": "ea"},
		"relative to others": {"north|ea": "ea", "/u02/north|eb": "eb"},
		"no whole name":      {"orth|ea": "orth/ea", "/u02/north|ea": "north/ea"},
		"one of two":         {"north|ea": "north/ea", "/u02/north|ea": "u02/north/ea", "/u03/north|ea": "u03/north/ea"},
		"either, untold":     {"|ea": "ea", "/u02|ea": "u02/ea", "/u03|ea": "u03/ea"},
		"also relative":      {"north|ea": "north/ea", "u02/north|ea": "u02/north/ea"},
		"same, and relative": {"data|ea": "./data/ea", "/data|ea": "data/ea", "/u02/data|ea": "u02/data/ea"},
	} {
		var names trailNames
		for range 2 { // they stay
			var where, want []string
			for trail, label := range trails {
				where, want = append(where, trail), append(want, label)
			}
			if got := names.named(where...); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %q got %q, want %q", name, where, got, want)
			}
		}
	}
}

// TestTrailLabelsStay checks that a trail keeps its label whatever else appears and disappears.
func TestTrailLabelsStay(t *testing.T) {
	t.Parallel()
	const north, south, of = "/u02/north|ea", "/u02/south|ea", " is "
	for name, polls := range map[string][]string{ // what each poll finds
		"its writer stops": {
			north + of + "north/ea, " + south + of + "south/ea",
			north + of + "north/ea",
			south + of + "south/ea",
			"",
			south + of + "south/ea, " + north + of + "north/ea",
		},
		"another appears": {
			north + of + "ea",
			north + of + "ea, " + south + of + "south/ea",
			south + of + "south/ea",
		},
		"the writer of a relative one stops": {
			"north|ea" + of + "ea, " + north + of + "ea",
			"north|ea" + of + "ea",
			"north|ea" + of + "ea, " + south + of + "south/ea",
		},
		"the reader comes first": {
			"north|ea" + of + "ea",
			"north|ea" + of + "ea, " + north + of + "ea",
			north + of + "ea",
		},
		"the reader comes first, and not with the writer": {
			"north|ea" + of + "ea",
			north + of + "ea",
			"north|ea" + of + "ea, " + north + of + "ea",
		},
		"a relative one turns out to be either": {
			"data|ea" + of + "ea, /u02/data|ea" + of + "ea",
			"data|ea" + of + "data/ea, /u02/data|ea" + of + "ea, /u03/data|ea" + of + "u03/data/ea",
			"data|ea" + of + "data/ea, /u02/data|ea" + of + "ea",
		},
		"a label that is taken": {
			"/u02/data|ea" + of + "data/ea, /s|ea" + of + "s/ea",
			"/data|ea" + of + "/data/ea, /u02/data|ea" + of + "data/ea",
			`D:\data|ea` + of + "D:/data/ea",
		},
	} {
		var names trailNames
		for i, found := range polls {
			var where, want []string
			for trail := range strings.SplitSeq(found, ", ") {
				if at, label, is := strings.Cut(trail, of); is {
					where, want = append(where, at), append(want, label)
				}
			}
			if got := names.named(where...); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: poll %d found %q: got %q, want %q", name, i+1, where, got, want)
			}
		}
	}
}

// TestTrailLabelsBounded checks that names that change all the time do not fill the memory.
func TestTrailLabelsBounded(t *testing.T) {
	t.Parallel()
	var names trailNames
	for n := range 3 * maxTrailNames / 100 {
		trails := []string{"/u02|ea"}
		for i := range 100 {
			trails = append(trails, fmt.Sprintf("/u02|e%d", 100*n+i))
		}
		if got := names.named(trails...); got[0] != "ea" {
			t.Fatalf("got %q", got[0])
		}
	}
	if got := len(names.labels); got > maxTrailNames+200 {
		t.Errorf("%d trails are remembered", got)
	}
}
