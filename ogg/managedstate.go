package ogg

import (
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// A deployment that Oracle manages, of OCI GoldenGate, answers at a URL of its own, in
// the layout of the NGINX front. Whether a Service Manager answers there, too, is not
// documented: where none does, the deployment's own services are asked by the short form
// of that layout, which leaves the deployment out, and what only a Service Manager tells
// (whether something is enabled, locked or critical, certificates) is missing.

// managed is what is known of the deployment that answers where no Service Manager does.
type managed struct {
	mu     sync.Mutex
	status string // as the control plane has it
	found  bool   // a Service Manager has answered
	alone  bool   // none does, and services of the deployment do
	// What holds while alone: the services that the front does not know, and when
	// the others started.
	absent  map[string]bool
	started map[string]wire.Timestamp
}

// mayLack reports whether err, of the Service Manager's lists, may mean that none is
// there for the user: where the front or somebody else answers in its place, as with
// 404, 401, 403, a page, or a redirect to where a person logs in. So may a gateway's
// 502 to 504, until a Service Manager has once answered there. Other errors of a
// server, and no answer at all, do not.
func (m *managed) mayLack(err error) bool {
	if body, is := errors.AsType[*rest.BodyError](err); is {
		return body.HTML
	}
	api, is := errors.AsType[*rest.APIError](err)
	switch {
	case !is:
		_, redirected := errors.AsType[*rest.RedirectError](err)
		return redirected
	case api.Proxy != "":
		return false // nothing is known of what is behind it
	case api.StatusCode == http.StatusTooManyRequests || api.StatusCode == http.StatusRequestTimeout:
		return false
	case rest.IsNoAnswer(err):
		return api.Code == "" && !m.hasManager()
	default:
		return api.StatusCode/100 == 4
	}
}

// reportsHealth reports whether the service has reported its health.
func (p *peer) reportsHealth() bool {
	return p.health != nil && (p.health.Healthy != nil || !p.health.Started.IsZero())
}

// setStatus notes what the control plane says of the deployment.
func (m *managed) setStatus(status string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status = status
}

// isStopped reports whether the control plane says that the deployment is.
func (m *managed) isStopped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status == "stopped"
}

// isAlone reports whether the services are to be asked straight away.
func (m *managed) isAlone() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alone
}

// hasManager reports whether a Service Manager has answered.
func (m *managed) hasManager() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.found
}

// isAbsent reports whether the front does not know the service.
func (m *managed) isAbsent(service string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.absent[service]
}

// noteManager notes that a Service Manager answers.
func (m *managed) noteManager() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found, m.alone, m.absent, m.started = true, false, nil, nil
}

// noteAlone notes that services answer where no Service Manager does. Where one of
// them has started since it last did, the next poll looks for a Service Manager,
// and for all services, again. It reports whether this is news.
func (m *managed) noteAlone(peers []*peer, errs []error, lasting bool) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if news = m.started == nil; news {
		m.absent, m.started = map[string]bool{}, map[string]wire.Timestamp{}
	}
	m.found, m.alone = false, lasting
	anew := false
	for i, p := range peers {
		name, started := p.listed.Name, p.started()
		if rest.IsNotFound(errs[i]) {
			m.absent[name] = true
		}
		if started.IsZero() {
			continue
		}
		before, known := m.started[name]
		anew = anew || known && !before.Equal(started.Time)
		m.started[name] = started
	}
	if anew {
		m.alone, m.absent, m.started = false, nil, nil
	}
	return news
}

// noteNothing notes that no service tells its health. What was learned is kept where
// one of them may do so yet: it is silent, or refuses the user.
func (m *managed) noteNothing(peers []*peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(peers) == 0 {
		m.alone, m.absent, m.started = false, nil, nil
	}
}

// statusOf returns the status of the deployment, see Client.SetManagedStatus.
func (m *managed) statusOf(peers []*peer) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	has := func(status string) bool {
		return slices.ContainsFunc(peers, func(p *peer) bool { return p.listed.Status == status })
	}
	switch {
	case m.status != "" && m.status != "running":
		return m.status
	case has("running"):
		return "running"
	case has(""):
		return ""
	default:
		return "unknown"
	}
}
