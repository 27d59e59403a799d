package pipeline

import (
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// pipeline returns the pipeline that a chain is.
func (c chain) pipeline() *Pipeline {
	first, last := c.nodes[0], c.nodes[len(c.nodes)-1]
	p := &Pipeline{
		ID: c.id, First: first.Place, Last: last.Place,
		Complete: first.Kind == kindExtract && last.Kind == kindReplicat,
	}
	trail := ""
	for _, n := range c.nodes {
		switch {
		case n.Kind == kindTrail:
			trail = n.Name
		case n.isHop():
			p.Hops = append(p.Hops, n.hop(trail))
			trail = ""
		}
	}
	p.Up, p.Weakest = p.isUp(), p.weakest()
	p.Lag = p.lag(heartbeat(first, last))
	return p
}

// isUp returns whether every hop runs; nil if that is not known, and none is known not to.
func (p *Pipeline) isUp() *bool {
	up := new(true)
	for i := range p.Hops {
		switch h := &p.Hops[i]; {
		case h.Up == nil:
			up = nil
		case !*h.Up:
			return h.Up
		}
	}
	return up
}

// lag returns the largest of the effective lags of the hops and of what a heartbeat shows. They are all
// measured from the source, or from somewhere on the way: their sum would count the same time several
// times. Without a heartbeat nothing is known of the whole way while the last hop has no lag, or one that
// is down has none: what comes after that may have nothing to read, and so no lag, for as long as it lasts.
func (p *Pipeline) lag(heartbeat wire.Number) wire.Number {
	if !heartbeat.Known() && (!p.Hops[len(p.Hops)-1].Effective.Known() || slices.ContainsFunc(p.Hops, isSilent)) {
		return wire.Number{}
	}
	lag := heartbeat
	for i := range p.Hops {
		lag = largest(lag, p.Hops[i].Effective)
	}
	return lag
}

// isSilent reports whether a hop is down, and since when is not known.
func isSilent(h Hop) bool { return h.Up != nil && !*h.Up && !h.Effective.Known() }

// weakest returns the hop to look at first: the first from the source that is down, or else the first
// that is stuck, or else the one whose lag or backlog is furthest over its threshold, or else the first
// that is unknown.
func (p *Pipeline) weakest() *Weakest {
	for i := range p.Hops {
		if up := p.Hops[i].Up; up != nil && !*up {
			return &Weakest{i, "down"}
		}
	}
	for i := range p.Hops {
		if p.Hops[i].isStuck() {
			return &Weakest{i, "stuck"}
		}
	}
	if w := p.slowest(); w != nil {
		return w
	}
	for i := range p.Hops {
		if p.Hops[i].Up == nil {
			return &Weakest{i, "unknown"}
		}
	}
	return nil
}

// slowest returns the hop whose lag or backlog is furthest over its threshold; nil if none is. Of the lag
// of a hop that counts which it adds to that of the hops before it: a Replicat lags at least as much as
// its Extract.
func (p *Pipeline) slowest() *Weakest {
	var w *Weakest
	most, before := 0., 0.
	for i := range p.Hops {
		lag, _ := p.Hops[i].Effective.Value()
		backlog, _ := p.Hops[i].Backlog.Value()
		if added := max(0, lag-before) / lagThreshold; lag > lagThreshold && added > most {
			w, most = &Weakest{i, "lag"}, added
		}
		if over := backlog / backlogThreshold; over > 1 && over > most {
			w, most = &Weakest{i, "backlog"}, over
		}
		before = max(before, lag)
	}
	return w
}

// heartbeat returns how old the data is, by the latest heartbeat that passed the whole way from an
// Extract to a Replicat: its lag and its age. It is unknown without one. What was in the table of a
// database, or was read by an earlier poll, counts for some time, as it was when that was read.
func heartbeat(first, last *node) wire.Number {
	if last.Kind != kindReplicat {
		return wire.Number{}
	}
	read, fresh := last.read()
	if !fresh {
		return wire.Number{}
	}
	var found wire.Number
	kept := last.at.Kept.Heartbeats
	for _, h := range last.at.Heartbeats {
		if !kept.IsZero() && read.Sub(kept) > tableKept {
			break
		}
		if h.Type == kindReplicat && h.Process == last.Name {
			found = largest(found, sum(h.Lag, h.Age))
		}
	}
	for _, h := range last.at.TableHeartbeats {
		isOld := read.Sub(h.Read.Time) > tableKept
		if h.Process == last.Name && first.Kind == kindExtract && begins(h.Path, first.Name) && !isOld {
			found = largest(found, sum(h.Lag, h.Age))
		}
	}
	return found
}

// begins reports whether the path of a heartbeat begins with a process.
func begins(path, process string) bool {
	first, _, _ := strings.Cut(path, "=")
	return strings.Trim(first, " ()") == process
}
