package ogg

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// DistributionPath is one path of the Distribution Service as a poll found it.
type DistributionPath struct {
	Path
	// TargetInitiated is whether the Receiver Service started the path; nil where not
	// told (before 21.3).
	TargetInitiated *bool

	// The counters are not available while the Performance Metrics Service does not
	// tell them.
	DistributionCounters
	NetworkCounters

	// asked is whether TargetInitiated was asked for since the service started; that
	// it was does not mean that it was told.
	asked bool
}

// DistributionCounters count the logical change records and operations that a path
// handled. Upserts and Unsupported are told from 19c on.
type DistributionCounters struct {
	LCRsReceived wire.Number `json:"lcrsReceived"`
	LCRsSent     wire.Number `json:"lcrsSent"`
	Inserts      wire.Number `json:"totalInserts"`
	Updates      wire.Number `json:"totalUpdates"`
	Deletes      wire.Number `json:"totalDeletes"`
	Upserts      wire.Number `json:"totalUpserts"`
	DDLs         wire.Number `json:"totalDDLs"`
	Procedures   wire.Number `json:"totalProcedures"`
	Unsupported  wire.Number `json:"totalUnsupported"`
	Others       wire.Number `json:"totalOthers"`
}

// distributionStats is what the Performance Metrics Service reports of all paths, by name.
type distributionStats struct {
	paths   map[string]distributionStatistics
	network map[string]networkStatistics
}

// distributionStatistics is an entry of GET /mpoints/{p}/distsrvrPathStats (all
// releases; role User). Its lag is left to /sources/{p}/info, which also tells when
// that was measured.
type distributionStatistics struct {
	Name            string     `json:"name"`
	Status          pathStatus `json:"status"`          // 21.3 and later
	TargetInitiated *bool      `json:"targetInitiated"` // 21.3 and later
	DistributionCounters
}

// networkStatistics is an entry of GET /mpoints/{p}/distsrvrNetworkStats (all
// releases; role User).
type networkStatistics struct {
	Name string `json:"name"`
	NetworkCounters
}

// readDistributionPaths lists the paths and asks each for its info and its
// checkpoints: 1 + 2T requests, and 2 to the Performance Metrics Service for the
// counters of all. Where neither the list nor that service tells a path's status
// (before 21.3), one more for each; where neither tells whether it is
// target-initiated, one more for each path after the start of the service.
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

// readSources asks each path, and beside them the Performance Metrics Service about all.
func readSources(ctx context.Context, v *visit, dist *rest.Endpoint, paths []*DistributionPath) error {
	patience, cancel := rest.ShareOf(ctx, 2)
	defer cancel()
	stats := askMonitor(ctx, v, "distserver", readDistributionStats)
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

// lacksDetail reports whether there is something that only GET /sources/{p} can
// still tell of the path.
func (p *DistributionPath) lacksDetail() bool { return p.Status == "" || !p.asked }

// readDetail reads GET /sources/{p} (all releases; role User) where that has
// something to tell that is not known.
func (p *DistributionPath) readDetail(ctx context.Context, dist *rest.Endpoint) error {
	if !p.lacksDetail() {
		return nil
	}
	detail, err := rest.Get[pathDetail](ctx, dist, "/sources/"+rest.Segment(p.Name))
	if err != nil {
		return err
	}
	p.Status = cmp.Or(p.Status, string(detail.Status))
	p.initiated(detail.TargetInitiated)
	return nil
}

// initiated notes what was told of who started the path. What was told before is
// kept where that is nothing.
func (p *DistributionPath) initiated(byTarget *bool) {
	p.TargetInitiated, p.asked = cmp.Or(byTarget, p.TargetInitiated), true
}

// readDistributionStats reads the two points about the paths. A failure is reported by nobody
// else.
func readDistributionStats(ctx context.Context, pm *monitor, service *Monitored) (distributionStats, error) {
	var s distributionStats
	var pathsErr, networkErr error
	var group wire.Group
	group.Go(func() {
		s.paths, pathsErr = statisticsPoint(ctx, pm, service, "distsrvrPathStats", func(e distributionStatistics) string { return e.Name })
	})
	group.Go(func() {
		s.network, networkErr = statisticsPoint(ctx, pm, service, "distsrvrNetworkStats", func(e networkStatistics) string { return e.Name })
	})
	group.Wait()
	return s, wire.Join(pathsErr, networkErr)
}

// statisticsPoint reads a point of the Distribution Service, by path.
func statisticsPoint[T any](ctx context.Context, pm *monitor, service *Monitored, name string, path func(T) string) (map[string]T, error) {
	response, err := point[struct {
		Statistics []T `json:"statistics"`
	}](ctx, pm, service, name)
	if response == nil {
		return nil, err
	}
	return byPath(response.Statistics, path)
}

// noteDistributionStats fills in what was reported of the paths. Counters of a path that is
// not listed are left out.
func noteDistributionStats(paths []*DistributionPath, stats *monitorReply[distributionStats]) {
	for _, p := range paths {
		if told, ok := stats.told.paths[p.Name]; ok {
			p.Status = cmp.Or(p.Status, string(told.Status))
			if told.TargetInitiated != nil {
				p.initiated(told.TargetInitiated)
			}
			p.DistributionCounters, p.CountersSince = told.DistributionCounters, stats.since
		}
		if told, ok := stats.told.network[p.Name]; ok {
			p.NetworkCounters, p.CountersSince = told.NetworkCounters, stats.since
		}
	}
}

// initiatedMemory keeps whether paths are target-initiated, nil where that was not reported,
// until the Distribution Service restarts.
type initiatedMemory struct {
	mu     sync.Mutex
	byPath map[string]*bool
}

// of returns what was reported of a path, and whether it was asked for.
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
