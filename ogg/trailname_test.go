package ogg

import (
	"maps"
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

// TestTrailNamesStay: a process that cannot be read for once does not rename the
// trail of another.
func TestTrailNamesStay(t *testing.T) {
	read := func(name, path string) *Process {
		p := &Process{Name: name, Type: Replicat}
		if path != "" {
			p.Position = &TrailPosition{location: locate(path, "ea")}
		}
		return p
	}
	var names trailNames
	poll := func(processes ...*Process) map[string]string {
		names.name(processes)
		got := map[string]string{}
		for _, p := range processes {
			if p.Position != nil {
				got[p.Name] = p.Position.Trail
			}
		}
		return got
	}
	for i, step := range []struct {
		processes []*Process
		want      map[string]string
	}{
		{[]*Process{read("REP1", "/n"), read("REP2", "/s")}, map[string]string{"REP1": "n/ea", "REP2": "s/ea"}},
		{[]*Process{read("REP1", "/n"), read("REP2", "")}, map[string]string{"REP1": "n/ea"}},
		{[]*Process{read("REP1", "/n")}, map[string]string{"REP1": "ea"}}, // REP2 is gone
	} {
		if got := poll(step.processes...); !maps.Equal(got, step.want) {
			t.Errorf("poll %d: got %v, want %v", i+1, got, step.want)
		}
	}
}
