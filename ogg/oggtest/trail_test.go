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

// TestPathsMeet: what a path sends is what the receiver path of its target writes, in files of the
// size that it asks for, also when the sender is gone; and paths in a circle do not feed themselves.
func TestPathsMeet(t *testing.T) {
	t.Parallel()
	clock := NewManualClock(noon)
	deployment := func(name string) Deployment {
		return Deployment{Name: name, Processes: []Process{{Name: "E" + name, Trail: "e" + name, BytesPerSecond: 100_000, Started: time.Minute, Sequence: 3}}}
	}
	a, b, c := deployment("A"), deployment("B"), deployment("C")
	a.DistributionPaths = []DistributionPath{
		{Name: "only", Extract: "EA", TargetTrail: "oa", TargetSizeMB: 1, Lag: 10 * time.Second},
		{Name: "named", Extract: "EA", TargetTrail: "na", Target: "C"},
		{Name: "circle", Trail: "ca", TargetTrail: "cb", Target: "B"},
	}
	b.ReceiverPaths = []ReceiverPath{{Name: "only", Started: time.Minute}, {Name: "named", Trail: "nb"}, {Name: "circle", Trail: "cb"}}
	b.DistributionPaths = []DistributionPath{{Name: "circle", Trail: "cb", TargetTrail: "ca", Target: "A"}, {Name: "named", Extract: "EB"}}
	a.ReceiverPaths = []ReceiverPath{{Name: "circle", Trail: "ca"}}
	c.ReceiverPaths = []ReceiverPath{{Name: "named"}}
	s := start(t, Installation{Release: Release26ai, Clock: clock, Deployments: []Deployment{a, b, c}})

	checkpoint := func(deployment, service, path, at string) string {
		r := get(t, s, s.ServiceURL(deployment, service)+path+"/checkpoints", 200)
		return r.at("response.current."+at+".current.name") + r.at("response.current."+at+".current.sequence") + " " + r.at("response.current."+at+".current.offset")
	}
	want := map[string]string{"input.0": `"eA"3 5001500`, "output.0": `"oa"5 9000`} // 5 MB, and a header in each file
	for at, want := range want {
		for _, got := range []string{checkpoint("A", "distsrvr", "/sources/only", at), checkpoint("B", "recvsrvr", "/targets/only", at)} {
			if got != want {
				t.Errorf("%s: %s, want %s", at, got, want)
			}
		}
	}
	if got := s.find("C").path(receiver, "named").work.sender; got != &s.find("A").path(distribution, "named").work {
		t.Error("named does not lead to its target")
	}
	if s.find("B").path(receiver, "named").work.sender != nil {
		t.Error("named leads to a deployment that is not its target")
	}
	get(t, s, s.ServiceURL("A", "recvsrvr")+"/targets/circle/info", 200)

	s.RemovePath("A", "only")
	clock.Advance(time.Hour)
	if got := checkpoint("B", "recvsrvr", "/targets/only", "output.0"); got != want["output.0"] {
		t.Errorf("the trail of a sender that is gone: %s", got)
	}
	s.RemoveProcess("A", "EA")
	end, _ := s.find("C").path(receiver, "named").work.out.end(clock.Now())
	clock.Advance(time.Hour)
	if later, _ := s.find("C").path(receiver, "named").work.out.end(clock.Now()); later != end {
		t.Errorf("the trail of an Extract that is gone grows from file %d to %d", end, later)
	}
}
