package status

import "github.com/ogg-exporter/ogg_exporter/ogg"

// processRow returns the row of an Extract or Replicat.
func (p *place) processRow(of *ogg.Process) Row {
	r := p.row(string(of.Type), of.Name, of.Status, p.onProcess(of))
	r.LagSeconds, r.LagAgeSeconds, r.CheckpointAgeSeconds = seconds(of.Lag), seconds(of.LagAge), seconds(of.LagAge)
	r.Started = started(of.Started)
	if e := p.lastErrors[process{of.Type, of.Name}]; e != nil && of.Status == "abended" {
		r.LastError, r.LastErrorLine = e.Code, e.Line
	}
	return r
}

// onProcess returns the verdict on an Extract or Replicat.
func (p *place) onProcess(of *ogg.Process) verdict {
	switch of.Status {
	case "":
		return unread
	case "running":
		if isYes(of.Unexpected) {
			return verdict{Problem, "runs, but is expected to be stopped"}
		}
		return onRunning(of)
	case "starting":
		return verdict{Warning, "is starting"}
	case "abended":
		return verdict{Problem, p.abended(of) + behind(of)}
	case "stopped", "killed":
		return p.onStopped(of)
	default:
		return odd
	}
}

// abended says that a process has abended, and with which error.
func (p *place) abended(of *ogg.Process) string {
	if e := p.lastErrors[process{of.Type, of.Name}]; e != nil {
		return is(of.Status) + ": " + e.Code
	}
	return is(of.Status)
}

// behind returns how far a process is behind that does not run, as words to be added; none if it never
// ran.
func behind(of *ogg.Process) string {
	if of.Started.IsZero() {
		return ""
	}
	return lag{of.Lag, of.LagAge}.behind()
}

// onRunning returns the verdict on a process that runs. Its lag is as of the latest checkpoint: one that
// makes none falls further behind.
func onRunning(of *ogg.Process) verdict {
	behind, known := of.Lag.Value()
	age, aged := of.LagAge.Value()
	if aged && age > normalAge {
		behind += age
	}
	verdicts := []verdict{fine}
	if aged {
		verdicts = append(verdicts, overdue(age, "is stuck: no checkpoint for"))
	}
	if known {
		verdicts = append(verdicts, overdue(behind, "lags by"))
	}
	return worst(verdicts...)
}

// onStopped returns the verdict on a process that was stopped or killed.
func (p *place) onStopped(of *ogg.Process) verdict {
	known := p.definitions[process{of.Type, of.Name}]
	isLoad := known != nil && known.Kind == "initial_load"
	switch {
	case isYes(of.Unexpected):
		return verdict{Problem, is(of.Status) + ", but is expected to run" + behind(of)}
	case isNo(of.Unexpected):
		return verdict{Off, is(of.Status) + ", as expected"}
	case ranLately(of, p.source.Latest) && !isLoad && p.isCritical("process", of.Name) && p.isMeantToRun():
		return verdict{Problem, is(of.Status) + ", although it is critical" + behind(of)}
	case ranLately(of, p.source.Latest) && of.Status == "killed":
		return verdict{Warning, is(of.Status) + behind(of)}
	case isLoad:
		return verdict{Off, "is an initial load, which ends"}
	case of.Started.IsZero():
		return verdict{Off, "was never started"}
	default:
		return verdict{Off, is(of.Status) + "; nothing is expected of it"}
	}
}

// ranLately reports whether a process that does not run did so within the last day, by its latest
// checkpoint or start.
func ranLately(of *ogg.Process, inst *ogg.Installation) bool {
	if of.Started.IsZero() {
		return false
	}
	age, aged := of.LagAge.Value()
	return aged && age < outOfService || inst.Begin.Sub(of.Started.Time).Seconds() < outOfService
}
