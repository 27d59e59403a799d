package ogg

import "maps"

// knownTrails are the trails of a deployment by which references to trails are settled.
type knownTrails struct {
	labels   map[trailLocation]string
	absolute map[string]directories // by the name of the trail
}

// findReferences settles which trails the paths and definitions of the deployment refer to. Its
// trails must have their names: references give none, so that what they say changes no label.
func (d *Deployment) findReferences() {
	known := knownTrails{labels: map[trailLocation]string{}}
	for _, at := range d.trailPositions() {
		known.labels[at.location] = at.Trail
	}
	known.absolute = directoriesOf(maps.Keys(known.labels), func(at trailLocation) bool { return !at.relative })
	for _, p := range d.DistributionPaths {
		known.find(&p.Source.Trail)
	}
	for _, p := range d.ReceiverPaths {
		known.find(&p.Target.Trail)
	}
	for _, p := range d.Definitions {
		known.find(&p.Source)
		for i := range p.Targets {
			known.find(&p.Targets[i])
		}
	}
}

// find settles which trail is meant: the one at that location, or the only one of that name whose
// directory ends like that.
func (k knownTrails) find(r *TrailReference) {
	if label, known := k.labels[r.location]; known {
		r.Trail = label
		return
	}
	if !r.location.relative {
		return
	}
	directory, found, several := k.absolute[r.location.name].endingIn(r.location.directory)
	switch {
	case several:
		r.Trail, r.Several = "", true
	case found:
		r.Trail = k.labels[trailLocation{directory: directory, name: r.location.name}]
	}
}
