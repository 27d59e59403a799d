package ogg

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// trailLocation is where a trail lies: its directory without slashes at either
// end, and its name.
type trailLocation struct {
	directory, name string
	// relative says that the directory is within one that was not told, or was not
	// told itself.
	relative bool
}

// locate makes one of the path and the name that GoldenGate reports: the path
// with or without a slash at its end, and since 23ai a name that may itself
// begin with a directory.
func locate(dir, name string) trailLocation {
	directory, base := path.Split(name)
	return trailLocation{
		strings.Trim(path.Clean("/"+dir+"/"+directory), "/"), base,
		!strings.HasPrefix(dir+directory, "/"),
	}
}

// among returns the place in known, of locations that are not relative and have the
// same name, that a relative one stands for, if there is only one that it can be,
// and else the location itself.
func (l trailLocation) among(known []trailLocation) trailLocation {
	found := l
	for _, at := range known {
		if !l.relative || at == found || !endsIn(at.directory, l.directory) {
			continue
		}
		if found != l {
			return l
		}
		found = at
	}
	return found
}

// endsIn reports whether the directory ends in the other one, in whole segments.
func endsIn(directory, end string) bool {
	before, ends := strings.CutSuffix(directory, end)
	return ends && (before == "" || end == "" || before[len(before)-1] == '/')
}

// nameTrails fills in the names of all trails in the snapshot of the deployment.
func (d *Deployment) nameTrails(names *trailNames) {
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
	names.name(positions, func(user string) bool {
		collector, _, _ := strings.Cut(user, " ")
		return slices.ContainsFunc(d.Reads, func(r Read) bool { return r.Collector == collector && r.Err != nil })
	})
	for _, p := range d.Monitored {
		d.record(Read{Collector: "performance", Err: p.distinctTrails()})
	}
	for _, p := range d.DistributionPaths {
		d.record(Read{Collector: "distribution_path", Err: p.distinctTrails()})
	}
	for _, p := range d.ReceiverPaths {
		d.record(Read{Collector: "receiver_path", Err: p.distinctTrails()})
	}
	var doubles error
	if d.Trails, doubles = unique(d.Trails, func(t *Trail) string { return t.Trail }); doubles != nil {
		d.record(Read{Collector: "trail", Err: doubles})
	}
}

// trailNames names the trails of a deployment. It remembers who was last known to
// use which, so that a trail keeps its name while another user of the same
// deployment cannot be read.
type trailNames struct {
	mu    sync.Mutex
	known map[string]trailLocation // by user
}

// name fills in the names of the trails at positions, which are by user: the
// collector, and whom it found to use the trail; nil where that could not be read.
// Who is not among them is forgotten, unless unread says that this means nothing.
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

// trailLabels names each trail: its own name, and before it the shortest end of
// its directory that no other trail of that name shares.
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

// distinctEnd returns the shortest end of directory, in whole segments, that is
// not also an end of one of the others.
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
