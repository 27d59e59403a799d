package pipeline_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// ladder returns an installation in which there are two ways from each trail to the next, so that there
// are 2^rungs from the Extract to the Replicat, and as many to each other Replicat.
func ladder(rungs, replicats int) []pipeline.Source {
	trail := func(i int) *ogg.TrailPosition { return &ogg.TrailPosition{Trail: fmt.Sprintf("t%d", i)} }
	d := &ogg.Deployment{
		Name: "north", Processes: []*ogg.Process{{Name: "EXT", Type: ogg.Extract}},
		ExtractTrails: []*ogg.ExtractTrail{{Extract: "EXT", TrailPosition: *trail(0)}},
	}
	for i := range rungs {
		for _, side := range []string{"a", "b"} {
			p := ogg.Path{Name: fmt.Sprintf("p%d%s", i, side), Target: ogg.PathEnd{Host: "h", Deployment: "north"}}
			from, to := p, p
			from.Inputs, to.Outputs = []*ogg.TrailPosition{trail(i)}, []*ogg.TrailPosition{trail(i + 1)}
			d.DistributionPaths = append(d.DistributionPaths, &ogg.DistributionPath{Path: from})
			d.ReceiverPaths = append(d.ReceiverPaths, &ogg.ReceiverPath{Path: to})
		}
	}
	for i := range replicats {
		d.Processes = append(d.Processes, &ogg.Process{Name: fmt.Sprintf("REP%05d", i), Type: ogg.Replicat, Position: trail(rungs)})
	}
	return []pipeline.Source{{Latest: &ogg.Installation{ServiceManager: "gg", Deployments: []*ogg.Deployment{d}}, Fresh: true, Hosts: []string{"h"}}}
}

// TestBounds: what no installation is, but what somebody in its place may describe, takes neither all the
// time nor all the memory; and of two ways between the same ends one is the pipeline.
func TestBounds(t *testing.T) {
	t.Parallel()
	if g := pipeline.New(ladder(3, 1), 500); len(g.Pipelines) != 1 || g.LeftOut != 0 || len(g.Pipelines[0].Hops) != 8 || g.Pipelines[0].Hops[1].Name != "p0a" {
		t.Errorf("of 8 ways between two ends, %d are pipelines, and %d are left out", len(g.Pipelines), g.LeftOut)
	}
	if g := pipeline.New(ladder(25, 1), 500); len(g.Pipelines) != 1 || g.LeftOut == 0 {
		t.Errorf("of 2^25 ways, %d are pipelines, and %d are left out", len(g.Pipelines), g.LeftOut)
	}
	if g := pipeline.New(ladder(200, 1), 500); len(g.Pipelines) != 2 || len(g.Pipelines[0].Hops) != 65 || g.Pipelines[0].Complete {
		t.Errorf("of ways of 400 hops, %d are pipelines", len(g.Pipelines))
	}
}

// TestMost: the last pipelines by ID are left out, and counted.
func TestMost(t *testing.T) {
	t.Parallel()
	ids := func(most int) (all []string, leftOut int) {
		g := pipeline.New(ladder(1, 10), most)
		for _, p := range g.Pipelines {
			all = append(all, p.ID)
		}
		return all, g.LeftOut
	}
	all, _ := ids(-1)
	if len(all) != 10 || !slices.IsSorted(all) || all[0] != "gg/north/EXT>gg/north/REP00000" {
		t.Fatalf("got %q", all)
	}
	for most, want := range map[int]int{0: 10, 3: 7, 10: 0, 11: 0} {
		if got, leftOut := ids(most); leftOut != want || !slices.Equal(got, all[:10-want]) {
			t.Errorf("at most %d: got %q, and %d are left out", most, got, leftOut)
		}
	}
}

// TestNothing: sources of which nothing is known have no pipelines.
func TestNothing(t *testing.T) {
	t.Parallel()
	for _, sources := range [][]pipeline.Source{nil, {{}}, {{Latest: &ogg.Installation{}}}, {{Latest: &ogg.Installation{Deployments: []*ogg.Deployment{{}}}}}} {
		if g := pipeline.New(sources, 500); len(g.Pipelines)+len(g.Edges)+len(g.Unjoined)+g.LeftOut != 0 {
			t.Errorf("got %+v", g)
		}
	}
}
