package status

import "github.com/ogg-exporter/ogg_exporter/ogg"

// pathRow returns the row of a path. The kind is that of a critical resource.
func (p *place) pathRow(program, kind string, of *ogg.Path) Row {
	r := p.row(program, of.Name, of.Status, p.onPath(kind, of))
	r.LagSeconds, r.LagAgeSeconds, r.Started = seconds(of.Lag), seconds(of.LagAge), started(of.Started)
	return r
}

// onPath returns the verdict on a path. The age of the lag of one that runs does not count: whether an
// idle path measures its lag is not documented.
func (p *place) onPath(kind string, of *ogg.Path) verdict {
	behind := lag{of.Lag, of.LagAge}.behind()
	if of.Started.IsZero() {
		behind = "; it was never started"
	}
	switch {
	case of.Status == "":
		return unread
	case of.Status == "running" && isYes(of.Unexpected):
		return verdict{Problem, "runs, but is expected to be stopped"}
	case of.Status == "running":
		seconds, _ := of.Lag.Value()
		return overdue(seconds, "lags by")
	case isNo(of.Unexpected):
		return verdict{Off, is(of.Status) + ", as expected"}
	case of.Status == "stopping":
		return verdict{Warning, "is stopping"}
	case isYes(of.Unexpected):
		return verdict{Problem, is(of.Status) + ", but is expected to run" + behind}
	case p.isCritical(kind, of.Name):
		return verdict{Problem, is(of.Status) + ", although it is critical" + behind}
	default:
		return verdict{Warning, is(of.Status) + behind}
	}
}
