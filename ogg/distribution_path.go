package ogg

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

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

// distributionStats is what the Performance Metrics Service tells of all paths. It
// may be read when answered is closed.
type distributionStats struct {
	answered chan struct{}
	since    wire.Timestamp
	paths    map[string]distributionStatistics
	network  map[string]networkStatistics
	err      error
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
func readDistributionPaths(ctx context.Context, d *Deployment) (bool, error) {
	service := d.asks("distsrvr")
	if service == nil {
		return false, nil
	}
	dist := service.endpoint
	items, listErr := d.listPaths(ctx, dist, "/sources")
	paths := make([]*DistributionPath, len(items))
	for i, item := range items {
		p := &DistributionPath{Path: Path{Name: item.Name, Status: item.Status}}
		p.TargetInitiated, p.asked = dist.memory.targetInitiated(p.Name)
		paths[i] = p
	}
	d.DistributionPaths = paths
	if len(paths) == 0 {
		return true, listErr
	}
	patience, cancel := shareOf(ctx, 2)
	defer cancel()
	stats := d.askDistributionStats(ctx)
	errs := make([]error, len(paths))
	dist.onEach(errs, func(i int) error {
		p, route := paths[i], "/sources/"+segment(paths[i].Name)
		return wire.Join(p.readInfo(ctx, dist, route), p.readCheckpoints(ctx, dist, route))
	})
	if slices.ContainsFunc(paths, (*DistributionPath).lacksDetail) && stats.within(patience) {
		stats.tell(paths)
	}
	dist.onEach(errs, func(i int) error { return paths[i].readDetail(ctx, dist) })
	<-stats.answered
	stats.tell(paths)
	dist.memory.noteTargetInitiated(paths)
	return true, wire.Join(listErr, wire.Summarize(errs, "distribution paths"), stats.err)
}

// lacksDetail reports whether there is something that only GET /sources/{p} can
// still tell of the path.
func (p *DistributionPath) lacksDetail() bool { return p.Status == "" || !p.asked }

// readDetail reads GET /sources/{p} (all releases; role User) where that has
// something to tell that is not known.
func (p *DistributionPath) readDetail(ctx context.Context, dist *endpoint) error {
	if !p.lacksDetail() {
		return nil
	}
	detail, err := get[pathDetail](ctx, dist, "/sources/"+segment(p.Name))
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

// askDistributionStats begins to ask the Performance Metrics Service, so that the
// paths can be read while that takes its time.
func (d *Deployment) askDistributionStats(ctx context.Context) *distributionStats {
	s := &distributionStats{answered: make(chan struct{})}
	go func() {
		defer close(s.answered)
		s.read(ctx, d)
	}()
	return s
}

// read reads the two points. That the service as a whole does not answer is told by
// the collector performance; that it answers and not for a point, by nobody else.
func (s *distributionStats) read(ctx context.Context, d *Deployment) {
	pm, service := d.monitoredAs(ctx, "distserver")
	if service == nil {
		return
	}
	s.since = service.Started
	var pathsErr, networkErr error
	var group errgroup.Group
	group.Go(func() error {
		s.paths, pathsErr = statisticsPoint(ctx, pm, service, "distsrvrPathStats", func(e distributionStatistics) string { return e.Name })
		return nil
	})
	group.Go(func() error {
		s.network, networkErr = statisticsPoint(ctx, pm, service, "distsrvrNetworkStats", func(e networkStatistics) string { return e.Name })
		return nil
	})
	_ = group.Wait()
	s.err = wire.Join(pathsErr, networkErr)
}

// statisticsPoint reads a point of the Distribution Service, by path.
func statisticsPoint[T any](ctx context.Context, pm *endpoint, service *Monitored, name string, path func(T) string) (map[string]T, error) {
	response, err := point[struct{ Statistics []T }](ctx, pm, service, name)
	if response == nil {
		return nil, err
	}
	return byPath(response.Statistics, path)
}

// within waits for the answer, at most until the context ends. It reports whether
// there is one.
func (s *distributionStats) within(patience context.Context) bool {
	select {
	case <-s.answered:
		return true
	case <-patience.Done():
		return false
	}
}

// tell fills in what was told of the paths. What is counted for a path that is not
// listed is left out.
func (s *distributionStats) tell(paths []*DistributionPath) {
	for _, p := range paths {
		if told, ok := s.paths[p.Name]; ok {
			p.Status = cmp.Or(p.Status, string(told.Status))
			if told.TargetInitiated != nil {
				p.initiated(told.TargetInitiated)
			}
			p.DistributionCounters, p.CountersSince = told.DistributionCounters, s.since
		}
		if told, ok := s.network[p.Name]; ok {
			p.NetworkCounters, p.CountersSince = told.NetworkCounters, s.since
		}
	}
}

// targetInitiated returns what was told of who started the path, which may be
// nothing, and whether that was asked since the service started.
func (m *serviceMemory) targetInitiated(path string) (initiated *bool, asked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	initiated, asked = m.initiated[path]
	return initiated, asked
}

// noteTargetInitiated remembers that of the paths for which it was asked.
func (m *serviceMemory) noteTargetInitiated(paths []*DistributionPath) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.initiated = map[string]*bool{}
	for _, p := range paths {
		if p.asked {
			m.initiated[p.Name] = p.TargetInitiated
		}
	}
}
