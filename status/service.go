package status

import (
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// serviceRow returns the row of a service.
func (p *place) serviceRow(s *ogg.Service) Row {
	r := p.row(s.Name, s.Name, s.Status, p.onService(s))
	r.Started = started(s.Started)
	return r
}

// onService returns the verdict on a service.
func (p *place) onService(s *ogg.Service) verdict {
	switch s.Status {
	case "", "unknown":
		return worst(p.onLogin(s), unread)
	case "running":
		return worst(p.onLogin(s), p.onHealth(s))
	}
	switch {
	case p.isDown():
		return verdict{Off, "its deployment does not run"}
	case isNo(s.Enabled):
		return verdict{Off, "is not managed by the Service Manager"}
	case s.Status == "starting":
		return verdict{Warning, "is starting"}
	case isNo(s.Critical):
		return verdict{Warning, is(s.Status)}
	default:
		return verdict{Problem, is(s.Status)}
	}
}

// onHealth returns the verdict on what a running service reports of its health. That it is unhealthy
// because of a process or path, the row of that says.
func (p *place) onHealth(s *ogg.Service) verdict {
	switch {
	case s.Healthy == nil && p.failed("service"):
		return verdict{Unknown, "its health could not be read"}
	case !isNo(s.Healthy):
		return fine
	}
	for _, r := range s.CriticalResources {
		if kind := kinds[r.Type]; kind != "" && r.Deployment == p.deployment.Name && p.isCritical(kind, r.Name) {
			return fine
		}
	}
	return verdict{Warning, "reports itself unhealthy"}
}

// onLogin returns the verdict on whether the service accepts the user.
func (p *place) onLogin(s *ogg.Service) verdict {
	switch {
	case !isYes(s.LoginBlocked):
		return fine
	case s.Healthy == nil:
		return verdict{Warning, "rejects " + p.user()}
	default:
		return verdict{Warning, "rejects some requests of " + p.user()}
	}
}

// user returns the user that logs in to the deployment, in words.
func (p *place) user() string {
	return strings.TrimSpace("the user " + p.source.userOf(p.deployment.Name))
}
