package ocitest

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// Target selects the requests that a Fault affects. An empty field matches anything.
type Target struct {
	// Path is a pattern of path.Match for the path without the API's version, such as /deployments
	// or /deployments/*.
	Path string
	// Compartment is the OCID in the request.
	Compartment string
}

// Fault is a failure to simulate.
type Fault struct {
	// Times is how often the fault occurs; if 0, until it is removed.
	Times int

	// Hang gives no answer until the client gives up or Close is called.
	Hang bool

	// Status is returned with Code and Message, and with RetryAfter in the header of that name if
	// it is not empty. Body, if not empty, replaces the answer's body.
	Status        int
	Code, Message string
	RetryAfter    string
	Body          string

	// Drop closes the connection without an answer, and BreakOff after half of the answer's body.
	Drop, BreakOff bool

	// Set replaces members of the returned object, or of the items of a list whose display name,
	// name or ID is Item; of all items if that is empty. A name such as oggData.oggVersion is that of a member of a
	// member.
	Set  map[string]any
	Item string

	// Entries come in each page of a list before the items.
	Entries []any

	// SamePage returns the same page token every time.
	SamePage bool
}

// fault is an active Fault.
type fault struct {
	Fault
	at   Target
	left int
}

// Fault makes matching requests fail until the returned function is called, or as often as f.Times
// says. If several faults match, the oldest one occurs.
func (s *Server) Fault(at Target, f Fault) (mend func()) {
	set := &fault{f, at, f.Times}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, set)
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(f *fault) bool { return f == set })
	})
}

// take returns the fault that a request meets, an empty one if there is none, and counts it. The
// caller holds s.mu.
func (s *Server) take(route, compartment string) *Fault {
	for _, f := range s.faults {
		matches, _ := path.Match(f.at.Path, route)
		if f.at.Path != "" && !matches || f.at.Compartment != "" && f.at.Compartment != compartment || f.Times > 0 && f.left == 0 {
			continue
		}
		f.left--
		return &f.Fault
	}
	return &Fault{}
}

// spoil replaces the members that the fault sets.
func (f *Fault) spoil(o object) object {
	if f.Set == nil || f.Item != "" && o["displayName"] != f.Item && o["name"] != f.Item && o["id"] != f.Item {
		return o
	}
	o = maps.Clone(o)
	for name, value := range f.Set {
		outer, inner, nested := strings.Cut(name, ".")
		if within, is := o[outer].(object); nested && is {
			within = maps.Clone(within)
			within[inner] = value
			o[outer] = within
		} else {
			o[name] = value
		}
	}
	return o
}
