package ogg

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// DistributionPath is one path of the Distribution Service as a poll found it.
type DistributionPath struct {
	Path
	// TargetInitiated is whether the Receiver Service started the path; nil if not reported
	// (before 21.3).
	TargetInitiated *bool

	// The counters are those of the Performance Metrics Service, and where that is down or absent
	// those that the Distribution Service itself has.
	DistributionCounters
	NetworkCounters

	// detail is what GET /sources/{p} said in this poll; nil if it was not asked. It is to be kept if
	// it was found.
	detail *pathDetail
	found  bool
}

// readDistributionPaths lists the paths and reads the info and the checkpoints of each: 1 + 2T
// requests, and 2 to the Performance Metrics Service for the counters of all paths. If neither
// the list nor that service reports a path's status (before 21.3), it takes one more request
// per path, otherwise one per path and hour, and when the path or the service has started anew or its
// status is another: for where the path leads, and whether it is target-initiated. Without the
// Performance Metrics Service it takes one more per path for its counters.
func readDistributionPaths(ctx context.Context, v *visit) ([]*DistributionPath, bool, error) {
	dist := v.asks("distsrvr")
	if dist == nil {
		return nil, false, nil
	}
	items, listErr := listPaths(ctx, v, dist, "/sources")
	paths := make([]*DistributionPath, len(items))
	for i, item := range items {
		paths[i] = &DistributionPath{Path: Path{Name: item.Name, Status: item.Status}}
	}
	var pathsErr error
	if len(paths) > 0 {
		pathsErr = readSources(ctx, v, dist, paths)
	}
	if listErr == nil || len(paths) > 0 {
		wire.Remembered[sourceMemory](v.memory).keep(sourceNames(v, paths))
	}
	return paths, true, wire.Join(listErr, pathsErr)
}

// readSources reads each path, and at the same time the figures of the Performance Metrics
// Service about all of them.
func readSources(ctx context.Context, v *visit, dist *rest.Endpoint, paths []*DistributionPath) error {
	patience, cancel := rest.ShareOf(ctx, 2)
	defer cancel()
	stats := askDistributionStats(ctx, v)
	errs := make([]error, len(paths))
	dist.OnEach(errs, func(i int) error {
		p, route := paths[i], "/sources/"+rest.Segment(paths[i].Name)
		return wire.Join(p.readInfo(ctx, dist, route), p.readCheckpoints(ctx, dist, route))
	})
	noStatus := func(p *DistributionPath) bool { return p.Status == "" }
	if slices.ContainsFunc(paths, noStatus) && stats.within(patience) {
		noteDistributionStats(paths, stats)
	}
	dist.OnEach(errs, func(i int) error { return paths[i].readStatus(ctx, dist) })
	wire.Remembered[sourceMemory](v.memory).fill(ctx, v, dist, paths, errs)
	var own []sourceStats
	if !stats.within(patience) || !stats.up {
		own = readPathStats[sourceStats](ctx, dist, sourceStatsRoute, errs, func(i int) string { return paths[i].Name })
	}
	<-stats.answered
	if noteDistributionStats(paths, stats); !stats.up {
		for i := range own {
			paths[i].DistributionCounters, paths[i].NetworkCounters = own[i].counters()
		}
	}
	return wire.Join(wire.Summarize(errs, "distribution paths"), stats.err)
}

// readStatus reads GET /sources/{p} (all releases; role User) if the status is not known yet.
func (p *DistributionPath) readStatus(ctx context.Context, dist *rest.Endpoint) error {
	if p.Status != "" {
		return nil
	}
	detail, err := readDetail(ctx, dist, "/sources/"+rest.Segment(p.Name))
	p.Status = strings.ToLower(detail.Status)
	p.detail, p.found = &detail, err == nil // what is odd is asked for again
	return err
}

// noteDistributionStats fills in what was reported about the paths. It ignores counters of
// paths that are not listed.
func noteDistributionStats(paths []*DistributionPath, stats *monitorReply[distributionStats]) {
	for _, p := range paths {
		if reported, ok := stats.reported.paths.counters[p.Name]; ok {
			p.Status = cmp.Or(p.Status, strings.ToLower(reported.Status))
			p.TargetInitiated = cmp.Or(reported.TargetInitiated, p.TargetInitiated)
			p.DistributionCounters, p.CountersSince = reported.DistributionCounters, stats.since
		}
		if reported, ok := stats.reported.paths.network[p.Name]; ok {
			p.NetworkCounters, p.CountersSince = reported.counters(), stats.since
		}
	}
}

// sourceMemory keeps where the paths lead.
type sourceMemory struct{ slowFacts[pathFacts] }

// fill fills in where the paths lead, and asks for those where nobody has in this poll if that is due.
func (m *sourceMemory) fill(ctx context.Context, v *visit, dist *rest.Endpoint, paths []*DistributionPath, errs []error) {
	var lacking []*DistributionPath
	for i, n := range sourceNames(v, paths) {
		if p := paths[i]; p.detail == nil {
			lacking = append(lacking, p)
		} else if p.found {
			before, _, _ := m.get(n.name)
			m.learn(v, n, p.detail.facts(before), detailsEvery)
		}
	}
	how := slowTerms{what: "distribution path", interval: detailsEvery, service: dist}
	m.read(ctx, v, how, sourceNames(v, lacking), func(ctx context.Context, path string, before pathFacts) (pathFacts, error) {
		detail, err := readDetail(ctx, dist, "/sources/"+rest.Segment(path))
		return detail.facts(before), err
	})
	for i, p := range paths {
		known, _, err := m.get(p.Name)
		if p.detail == nil {
			errs[i] = wire.Join(errs[i], err)
		} else {
			known = p.detail.facts(known)
		}
		p.TargetInitiated = cmp.Or(p.TargetInitiated, known.initiated)
		p.Source, p.Target = known.source, known.target
	}
}

// sourceNames returns the names of paths, with their states.
func sourceNames(v *visit, paths []*DistributionPath) []slowName {
	names := make([]slowName, len(paths))
	for i, p := range paths {
		names[i] = slowName{p.Name, v.stateOf("distsrvr", p.Started, p.Status)}
	}
	return names
}
