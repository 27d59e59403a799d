package ogg

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// DistributionPath is one path of the Distribution Service as a poll found it.
type DistributionPath struct {
	Path
	// TargetInitiated is whether the Receiver Service started the path; nil if not reported
	// (before 21.3).
	TargetInitiated *bool

	// The counters are available only while the Performance Metrics Service reports them.
	DistributionCounters
	NetworkCounters

	// asked is whether TargetInitiated was requested since the service started, even if it
	// was not reported.
	asked bool
}

// readDistributionPaths lists the paths and reads the info and the checkpoints of each: 1 + 2T
// requests, and 2 to the Performance Metrics Service for the counters of all paths. If neither
// the list nor that service reports a path's status (before 21.3), it takes one more request
// per path; if neither reports whether the path is target-initiated, one more per path after
// each start of the service.
func readDistributionPaths(ctx context.Context, v *visit) ([]*DistributionPath, bool, error) {
	dist := v.asks("distsrvr")
	if dist == nil {
		return nil, false, nil
	}
	items, listErr := listPaths(ctx, v, dist, "/sources")
	memory := wire.Remembered[initiatedMemory](dist.Memory())
	paths := make([]*DistributionPath, len(items))
	for i, item := range items {
		p := &DistributionPath{Path: Path{Name: item.Name, Status: item.Status}}
		p.TargetInitiated, p.asked = memory.of(p.Name)
		paths[i] = p
	}
	var pathsErr error
	if len(paths) > 0 {
		pathsErr = readSources(ctx, v, dist, paths)
	}
	if listErr == nil || len(paths) > 0 {
		memory.keep(paths)
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
	if slices.ContainsFunc(paths, (*DistributionPath).lacksDetail) && stats.within(patience) {
		noteDistributionStats(paths, stats)
	}
	dist.OnEach(errs, func(i int) error { return paths[i].readDetail(ctx, dist) })
	<-stats.answered
	noteDistributionStats(paths, stats)
	return wire.Join(wire.Summarize(errs, "distribution paths"), stats.err)
}

// lacksDetail reports whether something about the path is unknown that GET /sources/{p} might
// report.
func (p *DistributionPath) lacksDetail() bool { return p.Status == "" || !p.asked }

// readDetail reads GET /sources/{p} (all releases; role User) if lacksDetail.
func (p *DistributionPath) readDetail(ctx context.Context, dist *rest.Endpoint) error {
	if !p.lacksDetail() {
		return nil
	}
	detail, err := rest.Get[pathDetail](ctx, dist, "/sources/"+rest.Segment(p.Name))
	if err != nil {
		return err
	}
	p.Status = cmp.Or(p.Status, strings.ToLower(detail.Status))
	p.initiated(detail.TargetInitiated)
	return nil
}

// initiated notes whether the path was reported as target-initiated. If nothing was reported,
// it keeps what is known.
func (p *DistributionPath) initiated(byTarget *bool) {
	p.TargetInitiated, p.asked = cmp.Or(byTarget, p.TargetInitiated), true
}

// noteDistributionStats fills in what was reported about the paths. It ignores counters of
// paths that are not listed.
func noteDistributionStats(paths []*DistributionPath, stats *monitorReply[distributionStats]) {
	for _, p := range paths {
		if reported, ok := stats.reported.paths.counters[p.Name]; ok {
			p.Status = cmp.Or(p.Status, strings.ToLower(reported.Status))
			if reported.TargetInitiated != nil {
				p.initiated(reported.TargetInitiated)
			}
			p.DistributionCounters, p.CountersSince = reported.DistributionCounters, stats.since
		}
		if reported, ok := stats.reported.paths.network[p.Name]; ok {
			p.NetworkCounters, p.CountersSince = reported.NetworkCounters, stats.since
		}
	}
}

// initiatedMemory remembers whether paths are target-initiated, nil if that was not reported,
// until the Distribution Service restarts.
type initiatedMemory struct {
	mu     sync.Mutex
	byPath map[string]*bool
}

// of returns what was reported about a path, and whether it was requested.
func (m *initiatedMemory) of(path string) (initiated *bool, asked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	initiated, asked = m.byPath[path]
	return initiated, asked
}

// keep remembers the paths that were asked, and forgets all others.
func (m *initiatedMemory) keep(paths []*DistributionPath) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byPath = map[string]*bool{}
	for _, p := range paths {
		if p.asked {
			m.byPath[p.Name] = p.TargetInitiated
		}
	}
}
