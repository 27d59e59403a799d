package oggtest

import (
	"net/url"
	"slices"
	"testing"
	"time"
)

// TestTrailNames asks for trails with and without a path, in all the ways there are.
func TestTrailNames(t *testing.T) {
	t.Parallel()
	s := start(t, Installation{Release: Release23ai, ReverseProxy: true, Deployments: []Deployment{{
		Name: "west",
		Processes: []Process{
			{Name: "E1", Trail: "north/employees/ea"},
			{Name: "E2", Trail: "ea"},
			{Name: "R1", Type: Replicat, Trail: "north/employees/ea"},
			{Name: "R2", Type: Replicat, Trail: "south/rb"},
		},
		Trails: []Trail{{
			Name: "south/rb", Description: "said otherwise", Sequence: 9, SequenceMin: 3, SequenceMax: 12, SequenceMaxInUse: 8, Offset: 77, Processes: []string{"R2"},
		}},
	}}})
	trails := s.ServiceURL("west", "adminsrvr") + "/trails"
	names := get(t, s, trails, 200).names()
	if want := []string{"ea?path=north%2Femployees", "ea", "rb?path=south"}; !slices.Equal(names, want) {
		t.Error(names)
	}
	for _, c := range []struct{ name, trail, path string }{
		{"ea?path=north%2Femployees", "north/employees/ea", "north/employees"},
		{url.PathEscape(names[0]), "north/employees/ea", "north/employees"},
		{"north%2Femployees%2Fea", "north/employees/ea", "north/employees"},
		{"ea", "ea", "/u02/ogg/west/var/lib/data/"},
	} {
		r := get(t, s, trails+"/"+c.name, 200)
		if r.at("response.name") != `"ea"` || r.at("response.trailName") != `"`+c.trail+`"` || r.at("response.path") != `"`+c.path+`"` {
			t.Errorf("%s: %s", c.name, r.body)
		}
	}
	r := get(t, s, trails+"/"+names[0], 200)
	if r.at("response.processRef") != `[{"processType":"extract","processName":"E1"},{"processType":"replicat","processName":"R1"}]` || r.at("response.remote") != "false" {
		t.Errorf("%s", r.body)
	}
	r = get(t, s, trails+"/rb?path=south", 200)
	for at, want := range map[string]string{
		"sequence": `"9"`, "sequenceMin": `"3"`, "sequenceMax": `"12"`, "sequenceMaxInUse": `"8"`, "offset": `"77"`, "description": `"said otherwise"`,
	} {
		if got := r.at("response." + at); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	for _, name := range []string{"rb", "ea?path=west", "eb"} {
		get(t, s, trails+"/"+name, 404)
	}
	get(t, s, s.URL()+"/services/v2/trails", 404) // the front sends it to the Service Manager
}

// TestTrailBounds are those of the processes: the writer is ahead of its reader, and the purge leaves
// the files that this one has not read, and some more.
func TestTrailBounds(t *testing.T) {
	t.Parallel()
	const file = 1_000_000 - trailFileHeader // bytes of trail per file
	s := start(t, Installation{Clock: NewManualClock(noon), Deployments: []Deployment{{
		Name: "west",
		Processes: []Process{
			{Name: "E1", Trail: "ea", Sequence: 5, TrailSizeMB: 1, BytesPerSecond: file, Started: 100 * time.Second},
			{Name: "R1", Type: Replicat, Trail: "ea", Lag: 30 * time.Second, Started: 100 * time.Second},
			{Name: "R2", Type: Replicat, Trail: "ea", Lag: 20 * time.Second, Started: 100 * time.Second},
			{Name: "E2", Trail: "eb", Sequence: 7, BytesPerSecond: -1},
			{Name: "E3", Trail: "ec", TrailSizeMB: 1, TrailKeep: -1, BytesPerSecond: file, Started: 100 * time.Second},
			{Name: "R3", Type: Replicat, Trail: "ed", TrailSizeMB: 1, TrailKeep: 2, BytesPerSecond: file, Started: 100 * time.Second},
		},
	}}})
	for trail, want := range map[string][5]string{
		"ea": {"65", "105", "105", "85", "1500"}, "eb": {"7", "7", "7", "7", "0"},
		"ec": {"0", "100", "100", "100", "1500"}, "ed": {"98", "100", "100", "100", "1500"},
	} {
		r := get(t, s, s.ServiceURL("west", "adminsrvr")+"/trails/"+trail, 200)
		for n, at := range []string{"sequenceMin", "sequence", "sequenceMax", "sequenceMaxInUse", "offset"} {
			if got := r.at("response." + at); got != want[n] {
				t.Errorf("%s of %s: %s, want %s", at, trail, got, want[n])
			}
		}
	}
	ea := s.find("west").process("E1").out
	if first, last := ea.inUse(noon); first != 75 || last != 85 || ea.spaceUsed(noon) != 40*1_000_000+1500 {
		t.Error(first, last, ea.spaceUsed(noon))
	}
}
