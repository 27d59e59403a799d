package ogg

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// nameTrails fills in the names of all trails of the deployment, and of those at the other ends of its
// paths: these are in directories of other deployments, which say nothing about its own.
func nameTrails(v *visit, d *Deployment) {
	var remote []*TrailPosition
	for _, p := range d.DistributionPaths {
		remote = append(remote, p.Outputs...)
	}
	for _, p := range d.ReceiverPaths {
		remote = append(remote, p.Inputs...)
	}
	wire.Remembered[trailNames](v.memory).name(d.trailPositions())
	wire.Remembered[remoteTrailNames](v.memory).name(remote)
	d.dropDuplicateTrails()
}

// trailPositions returns the positions in all trails of the deployment.
func (d *Deployment) trailPositions() []*TrailPosition {
	var positions []*TrailPosition
	for _, p := range d.Processes {
		if p.Position != nil {
			positions = append(positions, p.Position)
		}
	}
	for _, p := range d.Monitored {
		for _, t := range p.Trails {
			positions = append(positions, &t.TrailPosition)
		}
	}
	for _, t := range d.Trails {
		positions = append(positions, &t.TrailPosition)
	}
	for _, t := range d.ExtractTrails {
		positions = append(positions, &t.TrailPosition)
	}
	for _, p := range d.DistributionPaths {
		positions = append(positions, p.Inputs...)
	}
	for _, p := range d.ReceiverPaths {
		positions = append(positions, p.Outputs...)
	}
	return positions
}

// dropDuplicateTrails keeps only the first trail of each name, and records the others.
func (d *Deployment) dropDuplicateTrails() {
	errs := map[string][]error{} // by collector
	note := func(collector string, err error) {
		if err != nil {
			errs[collector] = append(errs[collector], err)
		}
	}
	for _, p := range d.Monitored {
		var err error
		p.Trails, err = distinctTrails(p.Trails)
		note("performance", err)
	}
	for _, p := range d.DistributionPaths {
		note("distribution_path", p.distinctTrails())
	}
	for _, p := range d.ReceiverPaths {
		note("receiver_path", p.distinctTrails())
	}
	var err error
	d.Trails, err = unique(d.Trails, func(t *Trail) string { return t.Trail })
	note("trail", err)
	for collector, all := range errs {
		d.record(Read{Collector: collector, Err: wire.Summarize(all, "objects with duplicate trails")})
	}
}

// trailNames names the trails of a deployment. A trail keeps the name that it got first for as
// long as the deployment is listed, even if its writer stops, or if another trail of that name
// appears or disappears. Which of two trails of one name has the longer one can differ after a
// restart of the exporter: what was known first is not kept over it.
type trailNames struct {
	mu     sync.Mutex
	labels map[trailLocation]string // of all trails seen so far
}

// remoteTrailNames names the trails at the other ends of a deployment's paths.
type remoteTrailNames struct{ trailNames }

// maxTrailNames is how many trails are remembered that no poll finds any more. More than that
// are not in use, but the product of names that change all the time.
const maxTrailNames = 10_000

// name fills in the names of the trails at positions.
func (t *trailNames) name(positions []*TrailPosition) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := map[trailLocation]bool{}
	for _, p := range positions {
		found[p.location] = true
	}
	if len(t.labels) > maxTrailNames {
		maps.DeleteFunc(t.labels, func(at trailLocation, _ string) bool { return !found[at] })
	}
	if t.labels == nil {
		t.labels = map[trailLocation]string{}
	}
	trails := t.resolve(found)
	t.label(trails)
	for _, p := range positions {
		p.Trail = t.labels[trails[p.location]]
	}
}

// resolve returns which trail is at each location that was found or is known: for a relative one
// the only absolute one that it can stand for, otherwise itself. A trail that had a name while
// just its relative location was known keeps it.
func (t *trailNames) resolve(found map[trailLocation]bool) map[trailLocation]trailLocation {
	trails := map[trailLocation]trailLocation{}
	for at := range found {
		trails[at] = at
	}
	for at := range t.labels {
		trails[at] = at
	}
	absolute := directoriesOf(maps.Keys(trails), func(at trailLocation) bool { return !at.relative })
	var known []trailLocation
	for at := range trails {
		trails[at] = at.among(absolute[at.name])
		if _, named := t.labels[at]; named && trails[at] != at {
			known = append(known, at)
		}
	}
	slices.SortFunc(known, trailLocation.compare)
	for _, at := range known {
		if _, named := t.labels[trails[at]]; !named {
			t.labels[trails[at]] = t.labels[at]
		}
		delete(t.labels, at)
	}
	return trails
}

// label gives each of the trails a name that has none: the trail's own, preceded by the shortest
// end of its directory that no other trail of that name shares.
func (t *trailNames) label(trails map[trailLocation]trailLocation) {
	unnamed := map[trailLocation]bool{}
	taken := make(map[string]bool, len(t.labels))
	for _, label := range t.labels {
		taken[label] = true
	}
	for _, at := range trails {
		if _, named := t.labels[at]; !named {
			unnamed[at] = true
		}
	}
	if len(unnamed) == 0 {
		return
	}
	directories := directoriesOf(maps.Values(trails), func(trailLocation) bool { return true })
	for _, at := range slices.SortedFunc(maps.Keys(unnamed), trailLocation.compare) {
		label := path.Join(directories[at.name].distinctEnd(at.directory), at.name)
		if taken[label] {
			label = at.whole()
		}
		t.labels[at], taken[label] = label, true
	}
}

// compare orders locations.
func (l trailLocation) compare(other trailLocation) int {
	byPath := cmp.Or(cmp.Compare(l.name, other.name), cmp.Compare(l.directory, other.directory))
	switch {
	case byPath != 0 || l.relative == other.relative:
		return byPath
	case l.relative:
		return 1
	default:
		return -1
	}
}
