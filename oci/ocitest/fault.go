package ocitest

import (
	"maps"
	"path"
	"slices"
	"sync"
)

// Target says which requests a Fault is for; what is empty matches anything.
type Target struct {
	// Path is a pattern of path.Match for the path without the API's version, such as
	// /deployments or /deployments/*.
	Path string
	// Compartment is the OCID that the request names.
	Compartment string
}

// Fault is something that goes wrong.
type Fault struct {
	// Times is how often the fault happens; 0 until it is mended.
	Times int

	// Hang gives no answer until the client gives up or Close.
	Hang bool

	// Status is answered with Code and Message, and with RetryAfter in the header of that name if
	// it is not empty. With Body, that is what is answered instead.
	Status        int
	Code, Message string
	RetryAfter    string
	Body          string

	// Set replaces members of the object that is answered, or of each item of a list that has
	// the display name Item; all items when that is empty.
	Set  map[string]any
	Item string

	// SamePage answers each page with the token of the one before.
	SamePage bool
}

// fault is a Fault that is set.
type fault struct {
	Fault
	at   Target
	left int
}

// Fault makes the matching requests fail until the function that it returns is called, or as often
// as f.Times says. Where several match, the one set first happens.
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

// take returns the fault that a request meets, if any, and counts it. The caller holds s.mu.
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

// spoil replaces the members that the fault names.
func (f *Fault) spoil(o object) object {
	if f.Set == nil || f.Item != "" && o["displayName"] != f.Item && o["name"] != f.Item {
		return o
	}
	o = maps.Clone(o)
	maps.Copy(o, f.Set)
	return o
}
