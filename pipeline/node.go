package pipeline

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// The kinds of places.
const (
	kindExtract          = "extract"
	kindTrail            = "trail"
	kindDistributionPath = "distribution_path"
	kindReceiverPath     = "receiver_path"
	kindReplicat         = "replicat"
	kindExternal         = "external"
)

// site is a deployment, with what is in it.
type site struct {
	*ogg.Deployment
	source    *Source
	trails    map[string]*ogg.Trail
	writes    map[string][]*ogg.ExtractTrail // by Extract
	uses      map[string][]*ogg.Trail        // by who is reported to use them
	positions map[string][]ogg.TrailPosition // see known
	senders   map[string]*node               // distribution paths, by name
	receivers map[string]*node               // receiver paths, by name
}

// node is a place with what is known of it.
type node struct {
	Place
	id  string
	at  *site // nil if it is external
	out []*node
	in  []*node

	// One of these is set if it is a process or path that is listed.
	process     *ogg.Process
	distributes *ogg.DistributionPath
	receives    *ogg.ReceiverPath
	isLoad      bool // an Extract for an initial load, which ends
}

// path returns what paths of both services have in common; nil if it is none that is listed.
func (n *node) path() *ogg.Path {
	switch {
	case n.distributes != nil:
		return &n.distributes.Path
	case n.receives != nil:
		return &n.receives.Path
	default:
		return nil
	}
}

// isHop reports whether it is a process or path.
func (n *node) isHop() bool { return n.Kind != kindTrail && n.Kind != kindExternal }

// nodeID identifies a place.
func nodeID(p Place) string {
	return strings.Join([]string{url.PathEscape(p.ServiceManager), url.PathEscape(p.Deployment), p.Kind, escaped(p.Name, ">")}, "/")
}

// escaped returns a part of an ID in which no character stands for what separates the parts: two places never
// have one ID, whatever they are called.
func escaped(part, separators string) string {
	if !strings.ContainsAny(part, "%"+separators) {
		return part
	}
	var b strings.Builder
	for _, r := range part {
		if r == '%' || strings.ContainsRune(separators, r) {
			fmt.Fprintf(&b, "%%%02X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// builder makes a graph.
type builder struct {
	hosts map[string][]*Source // by the names and addresses under which they are known
	sites map[*Source][]*site
	named map[deploymentName]*site
	ports map[listener][]*site
	nodes map[Place]*node
	edges map[string]Edge // by ID
	bytes int             // that the edges take
	more  bool            // edges that are left out because of that
	// unjoined are the paths and processes without a neighbor, by where they are and what is missing.
	unjoined []Unjoined
}

// deploymentName is the name of a deployment of a Service Manager.
type deploymentName struct {
	*Source
	name string
}

// listener is a port on which a service of one of the deployments of a Service Manager listens.
type listener struct {
	*Source
	service, port string
}

// newBuilder returns a builder that knows all places, but nothing that joins them.
func newBuilder(sources []Source) *builder {
	b := &builder{hosts: map[string][]*Source{}, sites: map[*Source][]*site{}, named: map[deploymentName]*site{}, ports: map[listener][]*site{}, nodes: map[Place]*node{}, edges: map[string]Edge{}}
	for i := range sources {
		s := &sources[i]
		for _, host := range s.Hosts {
			if !slices.Contains(b.hosts[host], s) {
				b.hosts[host] = append(b.hosts[host], s)
			}
		}
		if s.Latest == nil {
			continue
		}
		for _, d := range s.Latest.Deployments {
			b.addSite(s, d)
		}
	}
	return b
}

// newSite returns a deployment whose paths are not yet added.
func newSite(s *Source, d *ogg.Deployment) *site {
	at := &site{
		Deployment: d, source: s, trails: map[string]*ogg.Trail{}, writes: map[string][]*ogg.ExtractTrail{},
		uses: map[string][]*ogg.Trail{}, senders: map[string]*node{}, receivers: map[string]*node{},
	}
	for _, t := range d.Trails {
		at.trails[t.Trail] = t
		for _, user := range t.Users {
			at.uses[user] = append(at.uses[user], t)
		}
	}
	for _, t := range d.ExtractTrails {
		at.writes[t.Extract] = append(at.writes[t.Extract], t)
	}
	return at
}

// addSite adds a deployment and its processes and paths.
func (b *builder) addSite(s *Source, d *ogg.Deployment) {
	at := newSite(s, d)
	b.sites[s] = append(b.sites[s], at)
	b.named[deploymentName{s, d.Name}] = at
	for _, service := range d.Services {
		if service.Port != 0 {
			port := listener{s, service.Name, strconv.Itoa(service.Port)}
			b.ports[port] = append(b.ports[port], at)
		}
	}
	loads := map[string]bool{}
	for _, known := range d.Definitions {
		if known.Type == ogg.Extract {
			loads[known.Process] = known.Kind == "initial_load"
		}
	}
	for _, p := range d.Processes {
		n := b.node(at, string(p.Type), p.Name)
		n.process, n.isLoad = p, p.Type == ogg.Extract && loads[p.Name]
	}
	for _, p := range d.DistributionPaths {
		n := b.node(at, kindDistributionPath, p.Name)
		n.distributes, at.senders[p.Name] = p, n
	}
	for _, p := range d.ReceiverPaths {
		n := b.node(at, kindReceiverPath, p.Name)
		n.receives, at.receivers[p.Name] = p, n
	}
}

// node returns the node of a place in a deployment.
func (b *builder) node(at *site, kind, name string) *node {
	n := b.place(Place{kind, at.source.Latest.ServiceManager, at.Name, name})
	n.at = at
	return n
}

// external returns the node of what is not read.
func (b *builder) external(name string) *node {
	return b.place(Place{Kind: kindExternal, Name: name})
}

func (b *builder) place(p Place) *node {
	n := b.nodes[p]
	if n == nil {
		n = &node{Place: p, id: nodeID(p)}
		b.nodes[p] = n
	}
	return n
}

// Bounds for what the edges take that somebody may describe, and what one takes without its ID.
const (
	maxEdgeBytes = 64 << 20
	edgeBytes    = 256
)

// join joins two neighbors.
func (b *builder) join(from, to *node, trail string, evidence ...string) {
	if b.more {
		return
	}
	id := from.id + ">" + to.id
	if _, known := b.edges[id]; known {
		return
	}
	if b.bytes += edgeBytes + len(id); b.bytes > maxEdgeBytes {
		b.more = true
		return
	}
	b.edges[id] = Edge{
		ID: id, From: from.id, To: to.id, Source: from.Place, Target: to.Place,
		Kind: to.Kind, Trail: trail, Evidence: strings.Join(evidence, ", "),
	}
	from.out, to.in = append(from.out, to), append(to.in, from)
}

// miss notes that a neighbor of something could not be determined.
func (b *builder) miss(n *node, reason, detail string) {
	if b.more {
		return // it may be one of the edges that are left out
	}
	b.unjoined = append(b.unjoined, Unjoined{n.Place, reason, detail})
}

// sorted returns the nodes of a kind, by ID.
func (b *builder) sorted(kind string) []*node {
	var all []*node
	for _, n := range b.nodes {
		if n.Kind == kind {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *node) int { return cmp.Compare(a.id, b.id) })
	return all
}

// read returns when that was read which is at the node, and whether that is recent enough to say how it
// does now.
func (n *node) read() (time.Time, bool) {
	kept := n.at.Kept.Processes
	switch n.Kind {
	case kindDistributionPath:
		kept = n.at.Kept.DistributionPaths
	case kindReceiverPath:
		kept = n.at.Kept.ReceiverPaths
	}
	if kept.IsZero() {
		return n.at.source.Latest.Begin, n.at.source.Fresh
	}
	return kept, n.at.source.Fresh && !kept.Before(n.at.source.Oldest)
}
