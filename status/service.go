package status

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
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
	case p.isBarred():
		return verdict{Warning, "is not asked: the forward proxy rejects its user"}
	case s.Healthy == nil:
		return verdict{Warning, "rejects " + p.user()}
	default:
		return verdict{Warning, "rejects some requests of " + p.user()}
	}
}

// isBarred reports whether a forward proxy rejects its user.
func (p *place) isBarred() bool {
	return slices.ContainsFunc(p.deployment.Reads, func(r ogg.Read) bool {
		return slices.ContainsFunc(wire.Failures(r.Err), func(err error) bool {
			answer, is := errors.AsType[*ogg.APIError](err)
			return is && answer.StatusCode == http.StatusProxyAuthRequired
		})
	})
}

// user returns the user that logs in to the deployment, in words.
func (p *place) user() string {
	return strings.TrimSpace("the user " + p.source.userOf(p.deployment.Name))
}
