package pipeline

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

// twin is what both ends of a path say about themselves.
type twin struct{ name, extract, database, instance string }

// twinOf returns what a path says; false if that is not enough to recognize the other end by.
func twinOf(p *ogg.Path) (twin, bool) {
	return twin{p.Name, p.Extract, p.Database, p.Instance}, p.Extract != "" && p.Database != ""
}

// joinPaths joins the two ends of each path.
func (b *builder) joinPaths() {
	senders, receivers := b.sorted(kindDistributionPath), b.sorted(kindReceiverPath)
	var lost []lostSender
	twins := twinsOf(senders, receivers)
	for _, n := range senders {
		if l := b.joinTarget(n, twins); l != nil {
			lost = append(lost, *l)
		}
	}
	for _, n := range receivers {
		if n.receives != nil && !n.isFed() {
			b.joinSource(n)
		}
	}
	for _, l := range lost {
		if len(l.out) == 0 {
			end := l.distributes.Target
			b.miss(l.node, l.reason, l.detail)
			b.join(l.node, b.external(address(end)+"/"+end.Trail.Trail), end.Trail.Trail, "uri")
		}
	}
}

// lostSender is a distribution path for which nobody receives.
type lostSender struct {
	*node
	found
}

// isFed reports whether something is known to send to a receiver path.
func (n *node) isFed() bool { return len(n.in) > 0 }

// joinTarget joins a distribution path with the receiver path to which it sends, or returns why not.
func (b *builder) joinTarget(n *node, twins twinned) *lostSender {
	to := b.find(n.at, n.distributes.Target, "recvsrvr")
	if to.site != nil {
		receiver := to.receivers[n.Name]
		if receiver == nil || receiver.receives == nil {
			b.joinUnlisted(n, to)
			return nil
		}
		if contradicts(n.distributes.Extract, receiver.receives.Extract) {
			to.reason, to.detail = reasonAmbiguous, "the receiver path of that name gets the data of "+receiver.receives.Extract
			return &lostSender{n, to}
		}
		b.join(n, receiver, receiver.receives.Target.Trail.Trail, to.evidence)
		return nil
	}
	switch receiver, several := twins.other(n); {
	case receiver != nil && !b.awaits(n.at, n.distributes.Target.Host):
		b.join(n, receiver, receiver.receives.Target.Trail.Trail, "name")
		return nil
	case several:
		to.reason, to.detail = reasonAmbiguous, "several receiver paths have that name, Extract and database; "+to.detail
	}
	return &lostSender{n, to}
}

// joinUnlisted joins a distribution path with the trail that it writes in a deployment that does not list
// the receiver path: it may be listed only while somebody sends, or not be readable. It is a hop all
// the same, of which nothing is known.
func (b *builder) joinUnlisted(n *node, to found) {
	receiver := b.node(to.site, kindReceiverPath, n.Name)
	to.receivers[n.Name] = receiver
	reference := n.distributes.Target.Trail
	b.join(n, receiver, reference.Trail, to.evidence)
	switch trail, several := to.meant(reference); {
	case several:
		b.miss(receiver, reasonAmbiguous, "several trails of the deployment have the name of the one that it writes")
	case trail != "":
		b.join(receiver, b.node(to.site, kindTrail, trail), trail, "uri")
	}
}

// joinSource joins a receiver path with what its own URI says that it comes from. What the sender calls
// localhost is not known here, unless the Receiver Service has started the path.
func (b *builder) joinSource(n *node) {
	end := n.receives.Source
	pulls := n.receives.TargetInitiated != nil && *n.receives.TargetInitiated
	from := found{reason: reasonHost, detail: "it does not say from which host it comes"}
	if pulls || !isLoopback(end.Host) {
		from = b.find(n.at, end, "distsrvr")
	}
	if from.site != nil {
		sender := from.senders[n.Name]
		switch {
		case sender != nil && (len(sender.out) > 0 || contradicts(sender.distributes.Extract, n.receives.Extract)):
			from.reason, from.detail = reasonAmbiguous, "the distribution path of that name sends to another place"
		case sender != nil:
			b.join(sender, n, end.Trail.Trail, from.evidence)
			return
		case pulls:
			if b.joinPulled(n, from) {
				return
			}
			from.reason, from.detail = reasonAmbiguous, "several trails of the deployment have the name of the one that it reads"
		default:
			from.reason, from.detail = reasonHost, "no distribution path of that name is read on "+end.Host
		}
	}
	b.miss(n, from.reason, from.detail)
	b.join(b.external(address(end)+"/"+end.Trail.Trail), n, end.Trail.Trail, "uri")
}

// joinPulled joins a receiver path with the trail that it reads in another deployment, without a
// distribution path there. It returns false if several trails may be meant.
func (b *builder) joinPulled(n *node, from found) bool {
	trail, several := from.meant(n.receives.Source.Trail)
	if several || trail == "" {
		return false
	}
	b.join(b.node(from.site, kindTrail, trail), n, trail, "uri", from.evidence)
	return true
}

// contradicts reports whether two ends of a path say that they are of different Extracts.
func contradicts(a, b string) bool { return a != "" && b != "" && a != b }

// pair are the paths that say the same about themselves.
type pair struct{ senders, receivers []*node }

// twinsOf returns the paths that say the same about themselves.
func twinsOf(senders, receivers []*node) twinned {
	all := twinned{}
	add := func(n *node, to func(*pair) *[]*node) {
		key, enough := twinOf(n.path())
		if !enough {
			return
		}
		if all[key] == nil {
			all[key] = &pair{}
		}
		paths := to(all[key])
		*paths = append(*paths, n)
	}
	for _, n := range senders {
		add(n, func(p *pair) *[]*node { return &p.senders })
	}
	for _, n := range receivers {
		add(n, func(p *pair) *[]*node { return &p.receivers })
	}
	return all
}

// twinned are paths, by what they say about themselves.
type twinned map[twin]*pair

// other returns the receiver path that says the same as a distribution path and writes the trail that
// that one names, if there is exactly one, and it has no other sender; or that there are several.
func (t twinned) other(n *node) (receiver *node, several bool) {
	key, enough := twinOf(n.path())
	if !enough {
		return nil, false
	}
	p := t[key]
	receiver, several = only(p.receivers, func(r *node) bool { return writesTo(n.distributes, r.receives) })
	if receiver == nil {
		return nil, several
	}
	if _, several = only(p.senders, func(s *node) bool { return writesTo(s.distributes, receiver.receives) }); several {
		return nil, true
	}
	return receiver, false
}

// only returns the only node that fits, or that several do.
func only(nodes []*node, fits func(*node) bool) (found *node, several bool) {
	for _, n := range nodes {
		switch {
		case !fits(n):
		case found != nil:
			return nil, true
		default:
			found = n
		}
	}
	return found, false
}

// writesTo reports whether what a distribution path says about its remote trail fits a receiver path.
func writesTo(sender *ogg.DistributionPath, receiver *ogg.ReceiverPath) bool {
	for _, to := range receiver.Outputs {
		if sender.Target.Trail.MayBe(*to) || slices.ContainsFunc(sender.Outputs, func(at *ogg.TrailPosition) bool { return at.MayBe(*to) }) {
			return true
		}
	}
	return false
}
