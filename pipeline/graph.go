// Package pipeline joins what was read of all Service Managers to pipelines: chains from an
// Extract to a Replicat. It is pure, snapshots in and a graph out: no request, no clock, no metric
// belongs here.
package pipeline

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Source is what is known of one Service Manager.
type Source struct {
	// Latest is what its latest poll found; nil if there was none.
	Latest *ogg.Installation
	// Fresh is whether that is recent enough to say how the hops do now. Oldest, unless it is zero, says
	// the same of the parts of it that an earlier poll read: those before it are not.
	Fresh  bool
	Oldest time.Time
	// Hosts are the names and addresses under which it is known, in lower case and without ports: that
	// of its URL, and its aliases.
	Hosts []string
}

// Graph is what leads from where to where.
type Graph struct {
	// Pipelines are sorted by ID; those beyond the maximum are left out, and counted.
	Pipelines []*Pipeline
	LeftOut   int
	// Edges join two neighbors each, sorted by ID; also those that belong to no pipeline.
	Edges []Edge
	// Unjoined is what leads to or comes from something that could not be determined, once for each
	// reason.
	Unjoined []Unjoined
}

// Place is where something is in the installations, or outside of what is read.
type Place struct {
	// Kind is extract, trail, distribution_path, receiver_path, replicat, or external.
	Kind string
	// ServiceManager and Deployment are empty if it is external.
	ServiceManager, Deployment string
	// Name is that of the process, path or trail, and host:port if it is external.
	Name string
}

// Pipeline is one chain from an Extract to a Replicat, or to or from what is not read.
type Pipeline struct {
	// ID is SM/DEPLOYMENT/EXTRACT>SM/DEPLOYMENT/REPLICAT. In the place of an end that is external it has
	// host:port/TRAIL, because several trails may come from or lead to one host; in the place of an end at
	// a trail that nobody is known to write or read, the trail. It is unique: of several ways between two
	// ends the first is the pipeline, by the names of its hops. A /, > or % in a name is escaped as in a URL where
	// it could be mistaken.
	ID string
	// First and Last are its ends.
	First, Last Place
	// Hops are in the order in which data flows: the Extract, the paths, the Replicat. None is
	// external.
	Hops []Hop
	// Complete is whether it goes from an Extract to a Replicat.
	Complete bool
	// Up is whether every hop runs; nil if that is not known, and none is known not to run.
	Up *bool
	// Lag is the largest lag that one of the hops or a heartbeat shows, in seconds.
	Lag wire.Number
	// Weakest is the hop that is to be looked at first; nil while all is well.
	Weakest *Weakest
}

// Hop is a process or path on the way.
type Hop struct {
	Place
	// Trail is the trail that it reads; empty for what reads the log of a database.
	Trail string
	// Status is as GoldenGate reports it, and empty if that is not known.
	Status string
	// Up is whether it runs; nil if that is not known. Unexpected is whether that is not as expected, as
	// in package ogg; nil if nothing is expected.
	Up, Unexpected *bool
	// Lag was reported LagAge ago, both in seconds. Effective is the lag as of the latest poll: what does
	// not run falls further behind.
	Lag, LagAge, Effective wire.Number
	// Backlog is how many bytes of the trail it has yet to read.
	Backlog wire.Number
	// Read is when this was read.
	Read time.Time
}

// Weakest is a hop, counted from 0, and why it is the weakest: down, stuck, backlog, lag, or unknown.
type Weakest struct {
	Hop    int
	Reason string
}

// Edge leads from one place to the next.
type Edge struct {
	// ID, From and To identify the edge and its ends.
	ID, From, To string
	Source       Place
	Target       Place
	// Kind is the kind of its target, and Trail the trail at its beginning or end.
	Kind, Trail string
	// Evidence says what in the answers joins the two: exttrails, trailOutput, definition, checkpoint,
	// uri, extract, deployment, port, name, position, processRef, or several of them.
	Evidence string
}

// Unjoined is a process or path whose neighbor could not be determined.
type Unjoined struct {
	Place
	// Reason is host (no Service Manager is known under it), ambiguous (several may be meant), or
	// unread (what would have it could not be read).
	Reason string
	// Detail says it in words.
	Detail string
}
