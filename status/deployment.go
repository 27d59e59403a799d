package status

// deploymentRow returns the row of the deployment itself.
func (p *place) deploymentRow() Row {
	return p.row("deployment", p.deployment.Name, p.deployment.Status, p.onDeployment())
}

// onDeployment returns the verdict on the deployment.
func (p *place) onDeployment() verdict {
	d := p.deployment
	switch d.Status {
	case "", "unknown":
		return unread
	case "running":
		if isYes(d.Unexpected) {
			return verdict{Problem, "runs, but is expected to be stopped"}
		}
		return fine
	case "killed", "abended":
		return verdict{Problem, is(d.Status)}
	case "stopped", "restart":
		switch {
		case isYes(d.Unexpected):
			return verdict{Problem, is(d.Status) + ", but is expected to run"}
		case isNo(d.Unexpected):
			return verdict{Off, is(d.Status) + ", as expected"}
		case isNo(d.Enabled):
			return verdict{Off, "is not managed by the Service Manager"}
		default:
			return verdict{Problem, is(d.Status)}
		}
	default:
		return odd
	}
}
