package pipeline

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// The states of processes and paths. What is in none of them, is unknown.
var (
	processStates = []string{"starting", "running", "stopped", "killed", "abended"}
	pathStates    = []string{"running", "stopping", "stopped", "paused", "killed", "uninitialized"}
	serviceDown   = []string{"stopped", "killed", "abended"}
)

// hop returns how a process or path does, which reads a trail.
func (n *node) hop(trail string) Hop {
	h := Hop{Place: n.Place, Trail: trail}
	var fresh bool
	if h.Read, fresh = n.read(); fresh {
		if n.process != nil {
			h.setProcess(n.process)
		} else if p := n.path(); p != nil {
			h.setPath(p)
		}
	}
	// For as long as the service does not run, its paths cannot be read; that they do not run is known
	// from the latest poll.
	if latest := n.at.source; h.Status == "" && latest.Fresh && n.at.isDown(n.Kind) {
		h.Up, h.Read = new(false), latest.Latest.Begin
	}
	return h
}

// isDown reports whether what runs the paths of a kind does not run.
func (at *site) isDown(kind string) bool {
	service := map[string]string{kindDistributionPath: "distsrvr", kindReceiverPath: "recvsrvr"}[kind]
	if service == "" {
		return false // processes go on without their service
	}
	s := at.Service(service)
	return slices.Contains(serviceDown, at.Status) || s != nil && slices.Contains(serviceDown, s.Status)
}

func (h *Hop) setProcess(p *ogg.Process) {
	h.Status, h.Up, h.Unexpected = p.Status, isUp(p.Status, processStates), p.Unexpected
	h.Lag, h.LagAge = p.Lag, p.LagAge
	if at := p.Position; at != nil && at.Trail == h.Trail {
		h.Backlog = at.Backlog
	}
	h.setEffective(p.Started, h.age() > normalAge)
}

func (h *Hop) setPath(p *ogg.Path) {
	h.Status, h.Up, h.Unexpected = p.Status, isUp(p.Status, pathStates), p.Unexpected
	h.Lag, h.LagAge = p.Lag, p.LagAge
	if h.Kind == kindDistributionPath {
		for _, at := range p.Inputs {
			if at.Trail == h.Trail {
				h.Backlog = at.Backlog
			}
		}
	}
	h.setEffective(p.Started, h.isStuck())
}

// isUp returns whether something runs; nil if its state is none that is known.
func isUp(status string, known []string) *bool {
	if !slices.Contains(known, status) {
		return nil
	}
	return new(status == "running")
}

// setEffective fills in the effective lag as the recording rules of the dashboards have it: the reported
// one, and the time since then if it is known not to be of now. What never ran has none.
func (h *Hop) setEffective(started wire.Timestamp, stands bool) {
	switch {
	case h.Up == nil:
	case !*h.Up && started.IsZero():
	case !*h.Up || stands:
		h.Effective = sum(h.Lag, h.LagAge)
	default:
		h.Effective = h.Lag
	}
}

// age returns the time since the lag was reported; 0 if that is not known.
func (h *Hop) age() float64 {
	age, _ := h.LagAge.Value()
	return age
}

// isStuck reports whether the hop runs, but does not move. Whether an idle path goes on measuring its lag
// is not documented, so a path is stuck only if there is something to read; of a receiver path that is
// not known.
func (h *Hop) isStuck() bool {
	if h.Up == nil || !*h.Up || h.age() <= stuckAge {
		return false
	}
	backlog, _ := h.Backlog.Value()
	return h.Kind == kindExtract || h.Kind == kindReplicat || h.Kind == kindDistributionPath && backlog > 0
}

// sum returns a sum; unknown if one of the numbers is.
func sum(a, b wire.Number) wire.Number {
	if !a.Known() || !b.Known() {
		return wire.Number{}
	}
	return a.Plus(b)
}

// largest returns the larger of two numbers, of those that are known.
func largest(a, b wire.Number) wire.Number {
	x, known := a.Value()
	y, alsoKnown := b.Value()
	if !known || alsoKnown && y > x {
		return b
	}
	return a
}
