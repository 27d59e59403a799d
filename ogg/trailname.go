package ogg

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// nameTrails fills in the names of all trails of the deployment.
func nameTrails(v *visit, d *Deployment) {
	positions := map[string]*TrailPosition{}
	for _, p := range d.Processes {
		positions["process "+string(p.Type)+" "+p.Name] = p.Position
	}
	for _, p := range d.Monitored {
		for _, t := range p.Trails {
			positions["performance "+p.Name+" "+t.location.directory+" "+t.location.name] = &t.TrailPosition
		}
	}
	for _, t := range d.Trails {
		positions["trail "+t.id] = &t.TrailPosition
	}
	for _, p := range d.DistributionPaths {
		p.useTrails(positions, "distribution_path")
	}
	for _, p := range d.ReceiverPaths {
		p.useTrails(positions, "receiver_path")
	}
	wire.Remembered[trailNames](v.memory).name(positions, func(user string) bool {
		collector, _, _ := strings.Cut(user, " ")
		return slices.ContainsFunc(d.Reads, func(r Read) bool { return r.Collector == collector && r.Err != nil })
	})
	d.dropDuplicateTrails()
}

// dropDuplicateTrails keeps only the first trail of each name, and records the others.
func (d *Deployment) dropDuplicateTrails() {
	note := func(collector string, err error) {
		if err != nil {
			d.record(Read{Collector: collector, Err: err})
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
}

// trailNames names the trails of a deployment. It remembers which trails their users were last
// known to use, so that a trail keeps its name while the user of another one cannot be read.
type trailNames struct {
	mu    sync.Mutex
	known map[string]trailLocation // by user
}

// name fills in the names of the trails at positions, which are by user: the collector, and the
// object that uses the trail; nil if the position could not be read. It forgets users that are
// not among them, except those that unread reports.
func (t *trailNames) name(positions map[string]*TrailPosition, unread func(user string) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := map[string]trailLocation{}
	for user, at := range t.known {
		if _, listed := positions[user]; listed || unread(user) {
			known[user] = at
		}
	}
	for user, at := range positions {
		if at != nil {
			known[user] = at.location
		}
	}
	absolute := map[string][]trailLocation{} // by name
	for _, at := range known {
		if !at.relative {
			absolute[at.name] = append(absolute[at.name], at)
		}
	}
	for user, at := range known {
		known[user] = at.among(absolute[at.name])
	}
	t.known = known
	labels := trailLabels(known)
	for user, at := range positions {
		if at != nil {
			at.Trail = labels[known[user]]
		}
	}
}

// trailLabels returns the label of each trail: its name, preceded by the shortest end of its
// directory that no other trail of that name shares.
func trailLabels(known map[string]trailLocation) map[trailLocation]string {
	directories := map[string]map[string]bool{} // by trail name
	for _, at := range known {
		if directories[at.name] == nil {
			directories[at.name] = map[string]bool{}
		}
		directories[at.name][at.directory] = true
	}
	labels := make(map[trailLocation]string, len(known))
	for _, at := range known {
		labels[at] = path.Join(distinctEnd(at.directory, directories[at.name]), at.name)
	}
	return labels
}

// distinctEnd returns the shortest end of directory, in whole segments, that none of the others
// shares.
func distinctEnd(directory string, all map[string]bool) string {
	if len(all) == 1 {
		return ""
	}
	segments := strings.Split(directory, "/")
	for n := 1; n < len(segments); n++ {
		end := strings.Join(segments[len(segments)-n:], "/")
		if !sharedEnd(end, directory, all) {
			return end
		}
	}
	return directory
}

// sharedEnd reports whether a directory other than own ends in end.
func sharedEnd(end, own string, all map[string]bool) bool {
	for other := range all {
		if other != own && endsIn(other, end) {
			return true
		}
	}
	return false
}
