package pipeline

import (
	"cmp"
	"slices"
)

// chain are neighbors from one end to the other.
type chain struct {
	id    string
	nodes []*node
}

// Bounds for what no installation is, but what somebody in its place may describe.
const (
	maxHops   = 64
	maxChains = 20_000
	maxPlaces = 100_000 // in all chains together
	maxSteps  = 200_000
)

// chains returns the chains from each beginning to each end, sorted by ID, and how many more there are
// at least.
func (b *builder) chains() (all []chain, more int) {
	w := &walk{onWay: map[*node]bool{}, space: maxPlaces}
	if b.more {
		w.more = 1
	}
	for _, n := range b.beginnings() {
		w.from(n)
	}
	slices.SortStableFunc(w.found, func(a, b chain) int { return cmp.Compare(a.id, b.id) })
	all = slices.CompactFunc(w.found, func(a, b chain) bool { return a.id == b.id })
	return all, w.more
}

// beginnings returns where chains may begin, sorted by ID: Extracts, except those for an initial load,
// what is outside, and trails that nobody is known to write.
func (b *builder) beginnings() []*node {
	var all []*node
	for _, n := range b.nodes {
		slices.SortFunc(n.out, byID)
		switch {
		case len(n.out) == 0 || n.isLoad:
		case n.Kind == kindExtract, len(n.in) == 0 && (n.Kind == kindExternal || n.Kind == kindTrail):
			all = append(all, n)
		}
	}
	slices.SortFunc(all, byID)
	return all
}

func byID(a, b *node) int { return cmp.Compare(a.id, b.id) }

// walk is a search for chains, depth first.
type walk struct {
	way   []*node
	hops  int
	onWay map[*node]bool
	found []chain
	more  int
	steps int
	space int // for places in chains
}

// from goes on from a node. A circle of trails ends at the trail where it closes; so does what is longer
// than anybody has.
func (w *walk) from(n *node) {
	if w.steps++; w.steps > maxSteps {
		w.more = max(w.more, 1)
		return
	}
	w.way = append(w.way, n)
	if n.isHop() {
		w.hops++
	}
	if isEnd := len(n.out) == 0 || w.onWay[n] || w.hops > maxHops; isEnd {
		w.note()
	} else {
		w.onWay[n] = true
		for _, next := range n.out {
			w.from(next)
		}
		delete(w.onWay, n)
	}
	if n.isHop() {
		w.hops--
	}
	w.way = w.way[:len(w.way)-1]
}

// note notes the way so far, unless it is a single process that nothing leads to or from.
func (w *walk) note() {
	switch {
	case w.hops < 2:
	case len(w.found) == maxChains || len(w.way) > w.space:
		w.more++
	default:
		way := slices.Clone(w.way)
		w.space -= len(way)
		w.found = append(w.found, chain{endID(way[0]) + ">" + endID(way[len(way)-1]), way})
	}
}

// endID returns what an end of a pipeline is called.
func endID(n *node) string {
	if n.Kind == kindExternal {
		return escaped(n.Name, ">")
	}
	// The name of what is found in Oracle Cloud has a / itself.
	return escaped(n.ServiceManager, ">") + "/" + escaped(n.Deployment, "/>") + "/" + escaped(n.Name, "/>")
}
