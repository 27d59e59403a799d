package pipeline_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// many is how much of each kind there is in what is hostile.
const (
	many            = 10_000
	manyDeployments = 2_000
	manyTrails      = 100
)

// in returns what is known of a Service Manager with these deployments, on the host h.
func in(deployments ...*ogg.Deployment) []pipeline.Source {
	return []pipeline.Source{{Latest: &ogg.Installation{ServiceManager: "gg", Listed: true, Deployments: deployments}, Fresh: true, Hosts: []string{"h"}}}
}

func trail(name string) *ogg.TrailPosition { return &ogg.TrailPosition{Trail: name} }

// writer adds an Extract that writes a trail.
func writer(d *ogg.Deployment, name, writes string) {
	d.Processes = append(d.Processes, &ogg.Process{Name: name, Type: ogg.Extract})
	d.ExtractTrails = append(d.ExtractTrails, &ogg.ExtractTrail{Extract: name, TrailPosition: *trail(writes)})
}

// hostile has descriptions in which everything fits everything, or nothing does.
var hostile = map[string]func(d *ogg.Deployment) []pipeline.Source{
	"every Extract and Replicat at one trail": func(d *ogg.Deployment) []pipeline.Source {
		for i := range many {
			writer(d, fmt.Sprint("E", i), "t")
			d.Processes = append(d.Processes, &ogg.Process{Name: fmt.Sprint("R", i), Type: ogg.Replicat, Position: trail("t")})
		}
		return in(d)
	},
	"paths from one trail to themselves": func(d *ogg.Deployment) []pipeline.Source {
		for i := range many {
			writer(d, fmt.Sprint("E", i), "t")
			d.DistributionPaths = append(d.DistributionPaths, &ogg.DistributionPath{Path: ogg.Path{
				Name: strconv.Itoa(i), Inputs: []*ogg.TrailPosition{trail("t")},
				Target: ogg.PathEnd{Host: "h", Deployment: "north", Trail: ogg.TrailReference{Trail: "t"}},
			}})
		}
		return in(d)
	},
	"an Extract that writes every trail, and paths that may read any": func(d *ogg.Deployment) []pipeline.Source {
		for i := range many {
			writer(d, "E", fmt.Sprint("t", i))
			d.DistributionPaths = append(d.DistributionPaths, &ogg.DistributionPath{Path: ogg.Path{Name: strconv.Itoa(i), Extract: "E", Target: ogg.PathEnd{Host: "x"}}})
		}
		return in(d)
	},
	"paths that read and write every trail": func(d *ogg.Deployment) []pipeline.Source {
		var all []*ogg.TrailPosition
		for i := range manyTrails {
			all = append(all, trail(fmt.Sprint("t", i)))
		}
		for i := range many {
			name := strconv.Itoa(i)
			d.DistributionPaths = append(d.DistributionPaths, &ogg.DistributionPath{Path: ogg.Path{Name: name, Inputs: all, Target: ogg.PathEnd{Host: "h", Deployment: "north"}}})
			d.ReceiverPaths = append(d.ReceiverPaths, &ogg.ReceiverPath{Path: ogg.Path{Name: name, Outputs: all}})
		}
		return in(d)
	},
	"a long way to every Replicat": func(d *ogg.Deployment) []pipeline.Source {
		writer(d, "E", "t0")
		for i := range 30 {
			p := ogg.Path{Name: strconv.Itoa(i), Target: ogg.PathEnd{Host: "h", Deployment: "north"}}
			from, to := p, p
			from.Inputs, to.Outputs = []*ogg.TrailPosition{trail(fmt.Sprint("t", i))}, []*ogg.TrailPosition{trail(fmt.Sprint("t", i+1))}
			d.DistributionPaths, d.ReceiverPaths = append(d.DistributionPaths, &ogg.DistributionPath{Path: from}), append(d.ReceiverPaths, &ogg.ReceiverPath{Path: to})
		}
		for i := range many {
			d.Processes = append(d.Processes, &ogg.Process{Name: fmt.Sprint("R", i), Type: ogg.Replicat, Position: trail("t30")})
		}
		return in(d)
	},
	"deployments that listen on one port, and have one path": func(*ogg.Deployment) []pipeline.Source {
		var all []*ogg.Deployment
		for i := range manyDeployments {
			p := ogg.Path{Name: "p", Extract: "E", Database: "D", Outputs: []*ogg.TrailPosition{trail("t")}}
			p.Target = ogg.PathEnd{Host: "h", Port: "9014", Trail: ogg.TrailReference{Trail: "t"}}
			d := &ogg.Deployment{
				Name: strconv.Itoa(i), Services: []*ogg.Service{{Name: "recvsrvr", Port: 9014}},
				DistributionPaths: []*ogg.DistributionPath{{Path: p}}, ReceiverPaths: []*ogg.ReceiverPath{{Path: p}},
			}
			for n := range many / manyDeployments {
				p.Name = strconv.Itoa(n)
				d.DistributionPaths = append(d.DistributionPaths, &ogg.DistributionPath{Path: p})
			}
			all = append(all, d)
		}
		return in(all...)
	},
}

// TestHostile: what somebody in the place of an installation may describe is joined with a bounded number of
// allocations, and so in bounded time and memory.
func TestHostile(t *testing.T) {
	for name, describe := range hostile {
		t.Run(name, func(t *testing.T) {
			of := describe(&ogg.Deployment{Name: "north"})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			g := pipeline.New(of, -1)
			runtime.ReadMemStats(&after)
			hops := 0
			for _, p := range g.Pipelines {
				hops += len(p.Hops)
			}
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d MiB allocated, %d pipelines of %d hops, %d left out, %d edges, %d unjoined", allocated, len(g.Pipelines), hops, g.LeftOut, len(g.Edges), len(g.Unjoined))
			if allocated > 400 || hops > 100_000 || len(g.Edges) > 250_000 || len(g.Unjoined) > 3*many {
				t.Error("too much")
			}
		})
	}
}

// small returns what is known of a Service Manager with an Extract and a Replicat.
func small(manager, deployment string) pipeline.Source {
	d := &ogg.Deployment{Name: deployment}
	writer(d, "E", "t")
	d.Processes = append(d.Processes, &ogg.Process{Name: "R", Type: ogg.Replicat, Position: trail("t")})
	of := in(d)[0]
	of.Latest.ServiceManager = manager
	return of
}

// TestIDs: no names give two pipelines one ID, so that one of them would be missing; or two edges, so that
// something would not be joined.
func TestIDs(t *testing.T) {
	tests := [][]pipeline.Source{
		{small("a/b", "c"), small("a", "b/c"), small("a%2Fb", "c")},
		{small("a>b", "c"), small("a%3Eb", "c")},
	}
	for _, of := range tests {
		g := pipeline.New(of, -1)
		ids := map[string]bool{}
		for _, p := range g.Pipelines {
			ids[p.ID] = true
		}
		if len(g.Pipelines) != len(of) || len(ids) != len(of) || len(g.Edges) != 2*len(of) {
			t.Errorf("got %v, %d edges", ids, len(g.Edges))
		}
	}
	d := &ogg.Deployment{Name: "d"}
	writer(d, "E", "t>gg/d/replicat/R")
	writer(d, "F>gg/d/trail/t", "u")
	for name, reads := range map[string]string{"R": "t>gg/d/replicat/R", "R>gg/d/replicat/R": "t"} {
		d.Processes = append(d.Processes, &ogg.Process{Name: name, Type: ogg.Replicat, Position: trail(reads)})
	}
	if g := pipeline.New(in(d), -1); len(g.Edges) != 4 {
		t.Errorf("got %d edges: %+v", len(g.Edges), g.Edges)
	}
}
