package pipeline

import (
	"cmp"
	"maps"
	"slices"
)

// New joins what the sources know to pipelines. Of more than most pipelines it leaves out the last by
// ID; if most is negative, none. Sources of which nothing is known may be among them: so it is known
// that something leads there. It keeps, and changes, nothing of the sources.
func New(sources []Source, most int) *Graph {
	b := newBuilder(sources)
	for i := range sources {
		for _, at := range b.sites[&sources[i]] {
			b.joinWriters(at)
		}
	}
	b.joinPaths()
	for i := range sources {
		for _, at := range b.sites[&sources[i]] {
			b.joinReaders(at)
		}
	}
	g := &Graph{Edges: slices.Collect(maps.Values(b.edges)), Unjoined: b.unjoined}
	slices.SortFunc(g.Edges, func(a, b Edge) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(g.Unjoined, func(a, b Unjoined) int {
		return cmp.Or(cmp.Compare(nodeID(a.Place), nodeID(b.Place)), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Detail, b.Detail))
	})
	g.Unjoined = slices.CompactFunc(g.Unjoined, func(a, b Unjoined) bool { return a.Place == b.Place && a.Reason == b.Reason })
	chains, more := b.chains()
	g.LeftOut = more
	if most >= 0 && len(chains) > most {
		g.LeftOut += len(chains) - most
		chains = chains[:most]
	}
	g.Pipelines = make([]*Pipeline, len(chains))
	for i, c := range chains {
		g.Pipelines[i] = c.pipeline()
	}
	return g
}
