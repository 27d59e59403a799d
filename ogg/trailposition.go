package ogg

import (
	"path"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TrailPosition is a position in a trail.
type TrailPosition struct {
	// Trail is the trail's name, preceded by as much of its directory as distinguishes it
	// from others of that name in the deployment.
	Trail string
	// Sequence is the number of the trail file; unknown if the process reads a single file.
	Sequence wire.Number
	// Offset is the position in that file, in bytes.
	Offset wire.Number

	location trailLocation
}

// position is a place in a trail as Replicats and paths report it.
type position struct {
	Name     string      `json:"name"`
	Path     string      `json:"path"`
	Sequence wire.Number `json:"sequence"`
	Offset   wire.Number `json:"offset"`
}

// trailPosition returns the place as the snapshot has it, nil where it names no trail.
func (p position) trailPosition() *TrailPosition {
	if p.Name == "" {
		return nil
	}
	return &TrailPosition{Sequence: p.Sequence, Offset: p.Offset, location: locate(p.Path, p.Name)}
}

// trailLocation is where a trail is: its directory without slashes at either end, and its name.
type trailLocation struct {
	directory, name string
	// relative says that the directory is relative to an unknown one, or unknown itself.
	relative bool
}

// locate returns the location for the path and the name that GoldenGate reports: the path with
// or without a slash at its end, and since 23ai a name that may begin with a directory.
func locate(dir, name string) trailLocation {
	directory, base := path.Split(name)
	return trailLocation{
		strings.Trim(path.Clean("/"+dir+"/"+directory), "/"), base,
		!strings.HasPrefix(dir+directory, "/"),
	}
}

// among returns the absolute location that a relative one stands for, if exactly one in known
// matches; otherwise l itself. Those in known are absolute and have the same name.
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

// endsIn reports whether the directory ends in end, in whole segments.
func endsIn(directory, end string) bool {
	before, ends := strings.CutSuffix(directory, end)
	return ends && (before == "" || end == "" || before[len(before)-1] == '/')
}
