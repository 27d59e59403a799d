package pipeline

import (
	"cmp"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// joinWriters joins Extracts and receiver paths with the trails that they write.
func (b *builder) joinWriters(at *site) {
	for _, t := range at.ExtractTrails {
		extract := b.nodes[Place{kindExtract, at.source.Latest.ServiceManager, at.Name, t.Extract}]
		if extract == nil {
			continue // it is not to be read
		}
		evidence := "exttrails"
		if t.Monitored {
			evidence = "trailOutput"
		}
		b.join(extract, b.node(at, kindTrail, t.Trail), t.Trail, evidence)
	}
	for _, known := range at.Definitions {
		extract := b.nodes[Place{kindExtract, at.source.Latest.ServiceManager, at.Name, known.Process}]
		if known.Type != ogg.Extract || extract == nil || len(extract.out) > 0 {
			continue
		}
		for _, t := range known.Targets {
			b.joinOwn(extract, t, "definition")
		}
	}
	for _, p := range at.ReceiverPaths {
		b.joinOutput(at.receivers[p.Name], p)
	}
}

// joinOwn joins something with the trail of its deployment that it writes.
func (b *builder) joinOwn(n *node, t ogg.TrailReference, evidence string) {
	switch {
	case t.Several:
		b.miss(n, reasonAmbiguous, "several trails of the deployment have the name of the one that it writes")
	case t.Trail != "":
		b.join(n, b.node(n.at, kindTrail, t.Trail), t.Trail, evidence)
	case n.Kind == kindReceiverPath:
		b.miss(n, reasonUnread, "the trail that it writes is not known yet")
	}
}

// joinOutput joins a receiver path with what it writes.
func (b *builder) joinOutput(n *node, p *ogg.ReceiverPath) {
	for _, at := range p.Outputs {
		b.join(n, b.node(n.at, kindTrail, at.Trail), at.Trail, "checkpoint")
	}
	if len(p.Outputs) == 0 {
		b.joinOwn(n, p.Target.Trail, "uri")
	}
}

// joinInput joins a distribution path with the trail that it reads: that of its checkpoint, or else of
// its URI, or else the only one that its Extract writes.
func (b *builder) joinInput(n *node, p *ogg.DistributionPath) {
	uri := p.Source.Trail
	for _, at := range p.Inputs {
		evidence := []string{"checkpoint"}
		if at.Trail == uri.Trail {
			evidence = []string{"uri", "checkpoint"}
		}
		b.join(b.node(n.at, kindTrail, at.Trail), n, at.Trail, evidence...)
	}
	switch {
	case len(p.Inputs) > 0:
		return
	case uri.Trail != "":
		b.join(b.node(n.at, kindTrail, uri.Trail), n, uri.Trail, "uri")
		return
	}
	if written := n.at.writtenBy(p.Extract, uri); written != "" {
		b.join(b.node(n.at, kindTrail, written), n, written, "extract")
	} else if uri.Several {
		b.miss(n, reasonAmbiguous, "several trails of the deployment have the name of the one that it reads")
	} else {
		b.miss(n, reasonUnread, "the trail that it reads is not known yet")
	}
}

// writtenBy returns the only trail that an Extract writes, of those that may be meant if there is a
// reference; empty if there is none, or several.
func (at *site) writtenBy(extract string, reference ogg.TrailReference) string {
	found := ""
	for _, t := range at.writes[extract] {
		switch {
		case extract == "" || reference.Several && !reference.MayBe(t.TrailPosition) || t.Trail == found:
		case found != "":
			return ""
		default:
			found = t.Trail
		}
	}
	return found
}

// joinReplicat joins a Replicat with the trail that it reads: where it is, or else what its definition
// says. A trail that somebody writes comes first.
func (b *builder) joinReplicat(n *node, definition *ogg.Definition) {
	type candidate struct{ trail, evidence string }
	var candidates []candidate
	if at := n.process.Position; at != nil {
		candidates = append(candidates, candidate{at.Trail, "position"})
	}
	if definition != nil {
		t := definition.Source
		if t.Several {
			t.Trail = n.at.usedBy(n.Name, t)
		}
		if t.Trail != "" {
			candidates = append(candidates, candidate{t.Trail, "definition"})
		}
		if t.Several && len(candidates) == 0 {
			b.miss(n, reasonAmbiguous, "several trails of the deployment have the name of the one that it reads")
			return
		}
	}
	if len(candidates) == 0 {
		b.miss(n, reasonUnread, "the trail that it reads is not known yet")
		return
	}
	isWritten := func(c candidate) bool { return len(b.node(n.at, kindTrail, c.trail).in) > 0 }
	read := candidates[max(0, slices.IndexFunc(candidates, isWritten))]
	evidence := []string{read.evidence}
	if t := n.at.trails[read.trail]; t != nil && slices.Contains(n.at.uses[n.Name], t) {
		evidence = append(evidence, "processRef")
	}
	b.join(b.node(n.at, kindTrail, read.trail), n, read.trail, evidence...)
}

// usedBy returns the only trail that may be meant and that a process is reported to use.
func (at *site) usedBy(process string, reference ogg.TrailReference) string {
	found := ""
	for _, t := range at.uses[process] {
		if reference.MayBe(t.TrailPosition) && t.Trail != found {
			if found != "" {
				return ""
			}
			found = t.Trail
		}
	}
	return found
}

// meant returns which of the deployment's trails may be meant by a reference from outside: the name, or
// that there are several.
func (at *site) meant(reference ogg.TrailReference) (trail string, several bool) {
	for _, p := range at.known()[reference.Base()] {
		if !reference.MayBe(p) || p.Trail == trail {
			continue
		}
		if trail != "" {
			return trail, true
		}
		trail = p.Trail
	}
	return cmp.Or(trail, reference.Trail), false
}

// known returns a position in each trail of the deployment, by the name of the trail without its directory.
func (at *site) known() map[string][]ogg.TrailPosition {
	if at.positions != nil {
		return at.positions
	}
	at.positions = map[string][]ogg.TrailPosition{}
	seen := map[string]bool{}
	add := func(p ogg.TrailPosition) {
		if !seen[p.Trail] {
			seen[p.Trail] = true
			at.positions[p.Base()] = append(at.positions[p.Base()], p)
		}
	}
	for _, t := range at.Trails {
		add(t.TrailPosition)
	}
	for _, t := range at.ExtractTrails {
		add(t.TrailPosition)
	}
	for _, p := range at.ReceiverPaths {
		for _, t := range p.Outputs {
			add(*t)
		}
	}
	for _, p := range at.Processes {
		if p.Position != nil {
			add(*p.Position)
		}
	}
	return at.positions
}

// joinReaders joins the trails of a deployment with what reads them.
func (b *builder) joinReaders(at *site) {
	for _, p := range at.DistributionPaths {
		b.joinInput(at.senders[p.Name], p)
	}
	definitions := map[string]*ogg.Definition{}
	for _, d := range at.Definitions {
		if d.Type == ogg.Replicat {
			definitions[d.Process] = d
		}
	}
	for _, p := range at.Processes {
		if p.Type == ogg.Replicat {
			b.joinReplicat(b.node(at, kindReplicat, p.Name), definitions[p.Name])
		}
	}
}
