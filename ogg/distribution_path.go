package ogg

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

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

	// In this poll TargetInitiated was reported, or asked for; and what was found is to be kept.
	asked, found bool
}

// readDistributionPaths lists the paths and reads the info and the checkpoints of each: 1 + 2T
// requests, and 2 to the Performance Metrics Service for the counters of all paths. If neither
// the list nor that service reports a path's status (before 21.3), it takes one more request
// per path; if neither reports whether the path is target-initiated, one more per path and hour,
// and when the path or the service has started anew. Without the Performance Metrics Service it takes
// one more per path for its counters.
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
		wire.Remembered[initiatedMemory](v.memory).keep(pathNames(v, paths))
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
	memory := wire.Remembered[initiatedMemory](v.memory)
	if memory.mayLack(v, paths) && stats.within(patience) {
		noteDistributionStats(paths, stats)
	}
	dist.OnEach(errs, func(i int) error { return paths[i].readStatus(ctx, dist) })
	memory.fill(ctx, v, dist, paths, errs)
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
	memory.note(v, paths)
	return wire.Join(wire.Summarize(errs, "distribution paths"), stats.err)
}

// readStatus reads GET /sources/{p} (all releases; role User) if the status is not known yet.
func (p *DistributionPath) readStatus(ctx context.Context, dist *rest.Endpoint) error {
	if p.Status != "" {
		return nil
	}
	detail, err := readDetail(ctx, dist, p.Name)
	p.Status = strings.ToLower(detail.Status)
	p.TargetInitiated = cmp.Or(detail.TargetInitiated, p.TargetInitiated)
	p.asked, p.found = true, p.found || err == nil // what is odd is asked for again
	return err
}

// readDetail reads GET /sources/{p} of a path.
func readDetail(ctx context.Context, dist *rest.Endpoint, path string) (pathDetail, error) {
	detail, err := rest.GetWhole[pathDetail](ctx, dist, "/sources/"+rest.Segment(path))
	if err != nil && !rest.IsOdd(err) {
		return pathDetail{}, err
	}
	return detail, err
}

// noteDistributionStats fills in what was reported about the paths. It ignores counters of
// paths that are not listed.
func noteDistributionStats(paths []*DistributionPath, stats *monitorReply[distributionStats]) {
	for _, p := range paths {
		if reported, ok := stats.reported.paths.counters[p.Name]; ok {
			p.Status = cmp.Or(p.Status, strings.ToLower(reported.Status))
			if reported.TargetInitiated != nil {
				p.TargetInitiated, p.asked, p.found = reported.TargetInitiated, true, true
			}
			p.DistributionCounters, p.CountersSince = reported.DistributionCounters, stats.since
		}
		if reported, ok := stats.reported.paths.network[p.Name]; ok {
			p.NetworkCounters, p.CountersSince = reported.counters(), stats.since
		}
	}
}

// detailsEvery is the time between two reads of what seldom changes of a path.
const detailsEvery = time.Hour

// initiatedMemory keeps whether paths are target-initiated, nil if that was not reported.
type initiatedMemory struct{ slowFacts[*bool] }

// mayLack reports whether the figures of the Performance Metrics Service may make a request for a path
// unnecessary.
func (m *initiatedMemory) mayLack(v *visit, paths []*DistributionPath) bool {
	return slices.ContainsFunc(paths, func(p *DistributionPath) bool {
		_, due := m.facts.Due(p.Name, v.options.Now())
		return p.Status == "" || due
	})
}

// fill fills in which paths are target-initiated where nothing was reported in this poll, and asks if
// that is due.
func (m *initiatedMemory) fill(ctx context.Context, v *visit, dist *rest.Endpoint, paths []*DistributionPath, errs []error) {
	m.note(v, paths)
	lacking := slices.DeleteFunc(slices.Clone(paths), func(p *DistributionPath) bool { return p.asked })
	how := slowTerms{what: "distribution path", interval: detailsEvery, service: dist}
	m.read(ctx, v, how, pathNames(v, lacking), func(ctx context.Context, path string, before *bool) (*bool, error) {
		detail, err := readDetail(ctx, dist, path)
		return cmp.Or(detail.TargetInitiated, before), err
	})
	for i, p := range paths {
		initiated, _, err := m.get(p.Name)
		p.TargetInitiated = cmp.Or(p.TargetInitiated, initiated)
		if !p.asked {
			errs[i] = wire.Join(errs[i], err)
		}
	}
}

// note keeps what was found in this poll. If nothing was reported, it keeps what is known.
func (m *initiatedMemory) note(v *visit, paths []*DistributionPath) {
	for i, n := range pathNames(v, paths) {
		if p := paths[i]; p.found {
			before, _, _ := m.get(n.name)
			m.learn(v, n, cmp.Or(p.TargetInitiated, before), detailsEvery)
		}
	}
}

// pathNames returns the names of paths, with their states.
func pathNames(v *visit, paths []*DistributionPath) []slowName {
	names := make([]slowName, len(paths))
	for i, p := range paths {
		names[i] = slowName{p.Name, v.stateOf("distsrvr", p.Started, p.Status)}
	}
	return names
}
