package ogg

import (
	"maps"
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// visit is one poll of one deployment, as its readers see it: the services to ask, what to
// read, and what was learned before.
type visit struct {
	deployment string
	// alone is true if no Service Manager lists the deployment.
	alone bool
	// manager is the Service Manager, and root, in a visit to its own deployment, the same
	// with URLs that begin above the version of the API.
	manager, root *rest.Endpoint
	// peers are the services of the deployment, sorted by name.
	peers []*peer

	config  config.ServiceManager
	options Options
	// hurried is true if the poll has little time, and others read what is not read in each poll.
	hurried bool
	// poll is the number of the poll among those of the client that could list the deployments,
	// and place that of the deployment among deployments.
	poll               uint64
	place, deployments int
	// collectors are those to read for; nil is all.
	collectors []string
	leftOut    LeftOut

	// memory has what was learned in earlier polls since the deployment has been listed, and
	// shared what the readers of this poll have in common.
	memory *wire.Memory
	starts *starts
	shared wire.Memory
}

// peer is one service of the deployment.
type peer struct {
	listed   Service
	endpoint *rest.Endpoint // nil if the service gets no requests
	listErr  error          // why a running service gets none
	health   *healthRead    // nil until read in this poll
}

// remarks are what a poll of a deployment found to be worth a line in the log, although nothing
// failed.
type remarks struct {
	mu    sync.Mutex
	texts map[string]bool
}

// maxRemarks is how many remarks a poll of a deployment makes.
const maxRemarks = 20

// remark adds to the remarks of the poll, which are logged once while the deployment is listed. Too
// many of them say no more than the first.
func (v *visit) remark(text string) {
	text = wire.OneLine(text)
	r := wire.Remembered[remarks](&v.shared)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.texts == nil {
		r.texts = map[string]bool{}
	}
	if len(r.texts) < maxRemarks {
		r.texts[text] = true
	}
}

// remarks returns the remarks of the poll, sorted.
func (v *visit) remarks() []string {
	r := wire.Remembered[remarks](&v.shared)
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.texts))
}

// peer returns the service of that name, nil if the deployment has none.
func (v *visit) peer(name string) *peer {
	i := slices.IndexFunc(v.peers, func(p *peer) bool { return p.listed.Name == name })
	if i < 0 {
		return nil
	}
	return v.peers[i]
}

// asks returns the endpoint of the service of that name, nil if it gets no requests.
func (v *visit) asks(name string) *rest.Endpoint {
	if p := v.peer(name); p != nil {
		return p.endpoint
	}
	return nil
}

// reads reports whether to read for the collector.
func (v *visit) reads(collector string) bool {
	return (v.collectors == nil || slices.Contains(v.collectors, collector)) && !v.leftOut.has(collector)
}

// knownDown returns false if the deployment has the service, nil if it does not.
func (v *visit) knownDown(name string) *bool {
	if v.peer(name) == nil {
		return nil
	}
	return new(bool)
}
