package ogg

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// ReceiverPath is one path of the Receiver Service as a poll found it. Before 19c
// nothing but its status is told.
type ReceiverPath struct {
	Path
	// ReceiverCounters are not available while the Performance Metrics Service does
	// not tell them.
	ReceiverCounters
}

// ReceiverCounters count what a path received and wrote.
type ReceiverCounters struct {
	NetworkCounters
	// BytesWritten is to the trail.
	BytesWritten wire.Number `json:"totalBytesWritten"`
	// LastData is when data last came; zero when none did.
	LastData wire.Timestamp `json:"lastDataTimestamp"`
}

// receiverStatistics is an entry of GET /mpoints/{p}/recvsrvrStats (all releases;
// role User). The path's name is there in later releases, by a member that is not
// documented. In 12.3 there are only addresses and files, of which none is known to
// be one path's alone.
type receiverStatistics struct {
	PathName string `json:"pathName"`
	Name     string `json:"name"`
	ReceiverCounters
}

// The routes of each path that releases before 19c lack, and later ones have at
// least for paths that the Receiver Service initiates. They are asked until all
// paths have answered 404, and again after that when the service starts anew or has
// other paths.
const (
	targetInfo        = "/targets/" + anyPath + "/info"
	targetCheckpoints = "/targets/" + anyPath + "/checkpoints"
)

// readReceiverPaths lists the paths and asks each for its info and its checkpoints
// where the release has them: 1 + 2T requests, before 19c 1, and 1 to the
// Performance Metrics Service for the counters of all. Where the list does not tell
// a path's status (before 21.3), one more for each.
func readReceiverPaths(ctx context.Context, d *Deployment) (bool, error) {
	service := d.asks("recvsrvr")
	if service == nil {
		return false, nil
	}
	recv := service.endpoint
	items, listErr := d.listPaths(ctx, recv, "/targets")
	paths := make([]*ReceiverPath, len(items))
	for i, item := range items {
		paths[i] = &ReceiverPath{Path: Path{Name: item.Name, Status: item.Status}}
	}
	d.ReceiverPaths = paths
	if len(paths) == 0 {
		return true, listErr
	}
	var statsErr error
	var stats map[string]receiverStatistics
	var since wire.Timestamp
	var group errgroup.Group
	group.Go(func() error {
		stats, since, statsErr = d.receiverStats(ctx)
		return nil
	})
	pathsErr := readTargets(ctx, recv, paths)
	_ = group.Wait()
	for _, p := range paths {
		if told, ok := stats[p.Name]; ok {
			p.ReceiverCounters, p.CountersSince = told.ReceiverCounters, since
		}
	}
	return true, wire.Join(listErr, pathsErr, statsErr)
}

// readTargets asks each path for what is not known of it.
func readTargets(ctx context.Context, recv *endpoint, paths []*ReceiverPath) error {
	errs := make([]error, len(paths))
	recv.onEach(errs, func(i int) error { return paths[i].readStatus(ctx, recv) })
	recv.ifPresent(targetInfo, errs, func(i int) error {
		return paths[i].readInfo(ctx, recv, "/targets/"+segment(paths[i].Name))
	})
	recv.ifPresent(targetCheckpoints, errs, func(i int) error {
		return paths[i].readCheckpoints(ctx, recv, "/targets/"+segment(paths[i].Name))
	})
	return wire.Summarize(errs, "receiver paths")
}

// readStatus reads GET /targets/{p} (all releases; role User) where the list has no
// status.
func (p *ReceiverPath) readStatus(ctx context.Context, recv *endpoint) error {
	if p.Status != "" {
		return nil
	}
	detail, err := get[pathDetail](ctx, recv, "/targets/"+segment(p.Name))
	p.Status = string(detail.Status)
	return err
}

// ifPresent is onEach for a route that a release, or some paths, may lack. 404 from
// one path is no failure: it may just have been removed. 404 from all of them is
// remembered.
func (e *endpoint) ifPresent(route string, errs []error, read func(i int) error) {
	if e.memory.lacks(route) {
		return
	}
	lacking := make([]bool, len(errs))
	e.onEach(errs, func(i int) error {
		err := read(i)
		if lacking[i] = lacks(err); lacking[i] {
			return nil
		}
		return err
	})
	if !slices.Contains(lacking, false) {
		e.memory.noteLacking(route)
	}
}

// receiverStats reads what the Performance Metrics Service tells of the paths, by
// name, and since when it counts. That the service as a whole does not answer is
// told by the collector performance.
func (d *Deployment) receiverStats(ctx context.Context) (map[string]receiverStatistics, wire.Timestamp, error) {
	pm, service := d.monitoredAs(ctx, "recvserver")
	if service == nil {
		return nil, wire.Timestamp{}, nil
	}
	response, err := point[struct{ RecvsrvrStats []receiverStatistics }](ctx, pm, service, "recvsrvrStats")
	if response == nil {
		return nil, wire.Timestamp{}, err
	}
	stats, err := byPath(response.RecvsrvrStats, func(e receiverStatistics) string { return cmp.Or(e.PathName, e.Name) })
	return stats, service.Started, err
}
