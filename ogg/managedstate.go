package ogg

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// A deployment of OCI GoldenGate, which Oracle manages, has its own URL, in the layout of the
// NGINX front. Whether a Service Manager answers there too is not documented. If none does,
// the deployment's services are asked with the short form of that layout, which omits the
// deployment, and whatever only a Service Manager reports (whether something is enabled,
// locked or critical, certificates) is missing.

// managed is what is known about a managed deployment.
type managed struct {
	mu     sync.Mutex
	status string // from the control plane
	found  bool   // a Service Manager has answered
	alone  bool   // services of the deployment answer, and no Service Manager
	// While alone: when to look for a Service Manager again, unless it rejected the user; the
	// services that do not exist, and when the others started.
	again    wire.Wait
	rejected bool
	absent   wire.Lacking
	started  map[string]wire.Timestamp
}

// mayLack reports whether err, of the Service Manager's lists, may mean that there is no
// Service Manager for the user: the front or something else answers in its place with 404,
// 401, 403, an HTML page, or a redirect to a login page. A gateway's 502 to 504 may mean that
// too, until a Service Manager has answered once. Other server errors, and no answer at all,
// do not.
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

// setStatus notes the status from the control plane.
func (m *managed) setStatus(status string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status = status
}

// isStopped reports whether the control plane says that the deployment is stopped.
func (m *managed) isStopped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status == "stopped"
}

// isAlone reports whether to ask the services directly.
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

// noteLack notes that something else answered in place of a Service Manager.
func (m *managed) noteLack(err error, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rejected = rest.IsRejection(err)
	m.again.Grow(now)
}

// mayHaveManager reports whether it is time to look for a Service Manager again.
func (m *managed) mayHaveManager(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.rejected && m.again.Over(now)
}

// isAbsent reports whether the service did not exist when it was last asked.
func (m *managed) isAbsent(service string, now time.Time) bool { return m.absent.Has(service, now) }

// unlearn forgets everything about the services. The caller holds m.mu.
func (m *managed) unlearn() {
	m.alone, m.started, m.again, m.rejected = false, nil, wire.Wait{}, false
	m.absent.Forget(func(string) bool { return true })
}

// noteManager notes that a Service Manager answers.
func (m *managed) noteManager() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unlearn()
	m.found = true
}

// noteAlone notes that services answer, and no Service Manager. If one of them has restarted,
// the next poll looks for a Service Manager, and for all services, again. It reports whether
// this is news.
func (m *managed) noteAlone(peers []*peer, errs []error, lasting bool, now time.Time) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if news = m.started == nil; news {
		m.started = map[string]wire.Timestamp{}
	}
	m.found, m.alone = false, lasting
	restarted := false
	for i, p := range peers {
		name, started := p.listed.Name, p.started()
		if rest.IsNotFound(errs[i]) {
			m.absent.NoteYet(name, now)
		}
		if started.IsZero() {
			continue
		}
		before, known := m.started[name]
		restarted = restarted || known && !before.Equal(started.Time)
		m.started[name] = started
	}
	if restarted {
		m.unlearn()
	}
	return news
}

// noteNothing notes that no service reports its health. It keeps what was learned if one of
// them may do so later, because it does not respond or rejects the user.
func (m *managed) noteNothing(peers []*peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(peers) == 0 {
		m.unlearn()
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
