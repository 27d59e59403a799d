package ogg

import "strings"

// TrailReference is what names a trail without saying where exactly that is: the URI of a path, or
// the definition of a process.
type TrailReference struct {
	// Trail is the trail's name, as in TrailPosition. It is as referred to if no such trail is known
	// in the deployment, and empty if nothing is referred to, or several trails may be meant.
	Trail string
	// Several is whether several trails of the deployment may be meant.
	Several bool

	location trailLocation
}

// referTo returns the reference to a trail of that directory, which may be missing, and name.
func referTo(dir, name string) TrailReference {
	if name == "" {
		return TrailReference{}
	}
	at := locate(dir, name)
	return TrailReference{Trail: at.short(), location: at}
}

// short returns the location as one would refer to it.
func (l trailLocation) short() string { return strings.TrimPrefix(l.whole(), "./") }

// MayBe reports whether the trail at a position may be the one that is referred to, as far as
// the directories are known.
func (r TrailReference) MayBe(at TrailPosition) bool {
	return r.location.name != "" && r.location.mayBe(at.location)
}

// Base returns the name of the trail without its directory, which is the same for all that may be meant.
func (r TrailReference) Base() string { return r.location.name }

// Base returns the name of the trail without its directory.
func (p TrailPosition) Base() string { return p.location.name }

// MayBe reports whether two positions may be in the same trail, as far as the directories are known.
func (p TrailPosition) MayBe(other TrailPosition) bool { return p.location.mayBe(other.location) }

// mayBe reports whether two locations may be of the same trail: where only the end of a directory
// is known, the other one has to end like that.
func (l trailLocation) mayBe(other trailLocation) bool {
	switch {
	case l.name != other.name:
		return false
	case l.relative && hasEnd(other.directory, l.directory), other.relative && hasEnd(l.directory, other.directory):
		return true
	default:
		return l.directory == other.directory
	}
}

// hasEnd reports whether a directory ends in another one, in whole segments.
func hasEnd(directory, end string) bool {
	return end == "" || strings.HasSuffix("/"+directory, "/"+end)
}
