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
	// Backlog is how many bytes a reader at this place still has to read, see noteBacklogs.
	Backlog wire.Number

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
// or without a slash at its end, on Windows with slashes of either kind, and since 23ai a name
// that may begin with a directory.
func locate(dir, name string) trailLocation {
	dir, name = slashed(dir), slashed(name)
	directory, base := path.Split(name)
	if isAbsolute(directory) {
		dir = ""
	}
	return trailLocation{
		strings.Trim(path.Clean("/"+dir+"/"+directory), "/"), base,
		!isAbsolute(dir + directory),
	}
}

// slashed returns a path with slashes in place of backslashes, and with the letter of its drive,
// if any, in upper case: Windows does not tell them apart.
func slashed(p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	if hasDrive(p) {
		p = strings.ToUpper(p[:1]) + p[1:]
	}
	return p
}

// hasDrive reports whether a path begins with a drive of Windows, such as D:.
func hasDrive(p string) bool {
	return len(p) > 1 && p[1] == ':' && ('a' <= p[0] && p[0] <= 'z' || 'A' <= p[0] && p[0] <= 'Z')
}

// isAbsolute reports whether a path with slashes begins at the root of a file system.
func isAbsolute(p string) bool {
	return strings.HasPrefix(p, "/") || hasDrive(p) && strings.HasPrefix(p[2:], "/")
}

// whole returns the whole location in a form that the name of no other trail has.
func (l trailLocation) whole() string {
	switch whole := path.Join(l.directory, l.name); {
	case l.relative:
		return "./" + whole
	case hasDrive(whole):
		return whole
	default:
		return "/" + whole
	}
}
