package ogg

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// visit is one poll at one deployment, as its readers get it: whom to ask, what is wanted,
// and what was learned before.
type visit struct {
	deployment string
	// alone says that no Service Manager lists the deployment.
	alone bool
	// manager is the Service Manager, and root, in a visit to its own deployment, the same
	// with URLs that begin above the version of the API.
	manager, root *rest.Endpoint
	// peers are the services of the deployment, sorted by name.
	peers []*peer

	config  config.ServiceManager
	options Options
	// collectors are those that the poll reads for; nil is all.
	collectors []string

	// memory keeps what was learned in earlier polls, for as long as the deployment is
	// listed, and shared what the readers of this poll have in common.
	memory *wire.Memory
	shared wire.Memory
}

// peer is one service of the deployment.
type peer struct {
	listed   Service
	endpoint *rest.Endpoint // nil when the service is not to be asked
	listErr  error          // why a service that runs is not to be asked
	health   *healthRead    // nil until the service was asked for its health in this poll
}

// peer returns the service of that name, nil if the deployment has none.
func (v *visit) peer(name string) *peer {
	i := slices.IndexFunc(v.peers, func(p *peer) bool { return p.listed.Name == name })
	if i < 0 {
		return nil
	}
	return v.peers[i]
}

// asks returns the service of that name to ask, nil if there is none that can answer.
func (v *visit) asks(name string) *rest.Endpoint {
	if p := v.peer(name); p != nil {
		return p.endpoint
	}
	return nil
}

// reads reports whether the poll reads for the collector.
func (v *visit) reads(collector string) bool {
	return v.collectors == nil || slices.Contains(v.collectors, collector)
}

// knownDown returns false for a service that the deployment has, nil for one that it has not.
func (v *visit) knownDown(name string) *bool {
	if v.peer(name) == nil {
		return nil
	}
	return new(bool)
}
