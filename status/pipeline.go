package status

import (
	"cmp"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// found are the rows of what hops may be.
type found map[pipeline.Place]*Row

// find returns the rows by where they are.
func find(rows []Row) found {
	all := found{}
	for i := range rows {
		r := &rows[i]
		all[pipeline.Place{Kind: r.Program, ServiceManager: r.ServiceManager, Deployment: r.Deployment, Name: r.Name}] = r
	}
	return all
}

// external is the kind of what is not read.
const external = "external"

// pipelines returns the pipelines of a graph, which may be nil.
func (f found) pipelines(graph *pipeline.Graph) []Pipeline {
	all := []Pipeline{}
	if graph == nil {
		return all
	}
	for _, of := range graph.Pipelines {
		all = append(all, f.pipeline(of))
	}
	return all
}

// pipeline returns a pipeline with the worst state of its hops, or that of its lag. The graph says which
// hop is to be looked at first: what comes after that may only suffer from it.
func (f found) pipeline(of *pipeline.Pipeline) Pipeline {
	p := Pipeline{Pipeline: of.ID, Complete: of.Complete, LagSeconds: seconds(of.Lag)}
	if of.First.Kind == external {
		p.Hops = append(p.Hops, outside(of.First))
	}
	verdicts, weakest := []verdict{}, ""
	for i, h := range of.Hops {
		hop, why := f.hop(h)
		if of.Weakest != nil && of.Weakest.Hop == i {
			hop.Weakest = of.Weakest.Reason
			weakest = hop.Name + ": " + cmp.Or(why, hop.Weakest)
		}
		verdicts = append(verdicts, verdict{hop.State, hop.Name + ": " + why})
		p.Hops = append(p.Hops, hop)
	}
	if of.Last.Kind == external {
		p.Hops = append(p.Hops, outside(of.Last))
	}
	v := inAll(verdicts, of)
	if p.State, p.Why = v.state, v.why; v.state != OK && weakest != "" {
		p.Why = weakest
	}
	return p
}

// inAll returns the worst of the verdicts on the hops, and on the lag. What does not run stops what comes after
// it, expected or not; if it is expected, so is the lag that comes of it.
func inAll(hops []verdict, of *pipeline.Pipeline) verdict {
	off := slices.IndexFunc(hops, func(v verdict) bool { return v.state == Off })
	if off < 0 {
		behind, _ := of.Lag.Value()
		hops = append(hops, overdue(behind, "lags by"))
	}
	switch v := worst(hops...); {
	case v.state != OK:
		return v
	case off >= 0:
		return hops[off]
	default:
		return fine
	}
}

// hop returns a hop with the state of its row, and why that is not ok. It is not known how something
// does that has none.
func (f found) hop(of pipeline.Hop) (Hop, string) {
	hop := Hop{
		Kind: of.Kind, ServiceManager: of.ServiceManager, Deployment: of.Deployment, Name: of.Name, Status: of.Status,
		State: Unknown, Trail: of.Trail, LagSeconds: seconds(of.Effective), BacklogBytes: seconds(of.Backlog),
	}
	row := f[of.Place]
	if row == nil {
		return hop, "could not be read"
	}
	hop.State = row.State
	return hop, row.Why
}

// outside returns the hop for an end that is not read.
func outside(at pipeline.Place) Hop {
	return Hop{Kind: external, Name: at.Name, State: Unknown}
}
