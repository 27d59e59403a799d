package ogg

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Path is what both the Distribution and the Receiver Service report about a path.
type Path struct {
	Name string
	// Status is running, stopping, stopped, paused (not in 26ai), killed or
	// uninitialized; empty when it could not be read.
	Status string
	// Told is whether the path reported Lag to Extract, each of which may still be missing.
	Told bool
	// Lag is the time from the Extract's write to the trail until the path processed it, and
	// LagAge the time since that was measured, in seconds. The lag of a path that does not
	// run is frozen, and only its age shows that.
	Lag, LagAge wire.Number
	// Started is zero for a path that was never started.
	Started wire.Timestamp
	// Ran and Unexpected are as in Deployment; what has a start time, ran.
	Ran        bool
	Unexpected *bool
	// Extract writes the trail at the beginning of the path, from the database of that name and
	// instance.
	Extract, Database, Instance string
	// Source and Target are where the path begins and ends; empty where that is not known yet.
	Source, Target PathEnd
	// Inputs and Outputs are where the path reads and writes, once per trail; empty before
	// the first checkpoint.
	Inputs, Outputs []*TrailPosition
	// CountersSince is when the service, and with it the counters of its paths, started;
	// zero without counters.
	CountersSince wire.Timestamp
}

// NetworkCounters count what a path sent to and received from the other end.
type NetworkCounters struct {
	NetworkTraffic
	// SendWait and ReceiveWait are how long it waited to send and to receive, in seconds.
	SendWait, ReceiveWait wire.Number
}

// NetworkTraffic is what both services report in the same members.
type NetworkTraffic struct {
	BytesSent        wire.Number `json:"totalBytesSent"`
	BytesReceived    wire.Number `json:"totalBytesReceived"`
	MessagesSent     wire.Number `json:"totalMessagesSent"`
	MessagesReceived wire.Number `json:"totalMessagesReceived"`
}

// pathList is what GET /sources and GET /targets return. The items are called distpaths in one
// documented example.
type pathList struct {
	Items     []item `json:"items"`
	DistPaths []item `json:"distpaths"`
}

// listPaths reads GET /sources or GET /targets (all releases; role User), and returns the
// selected paths. The items have a status from 21.3 on.
func listPaths(ctx context.Context, v *visit, e *rest.Endpoint, root string) ([]item, error) {
	list, err := rest.Get[pathList](ctx, e, root)
	if err != nil {
		return nil, err
	}
	if list.Items == nil {
		list.Items = list.DistPaths
	}
	all, err := listed(e, root, "items", list.Items)
	if err != nil {
		return nil, err
	}
	items, err := unique(all, func(i item) string { return i.Name })
	if err == nil {
		v.noteWhole(root)
	}
	items = slices.DeleteFunc(items, func(i item) bool { return !v.config.WantsPath(i.Name) })
	names := make([]string, len(items))
	for i := range items {
		names[i] = items[i].Name
		items[i].Status = strings.ToLower(items[i].Status)
	}
	if wire.Remembered[pathMemory](v.memory).changed(root, names) {
		// A new path may have a route that the others lacked.
		wire.Remembered[wire.Lacking](e.Memory()).Forget(func(route string) bool { return strings.Contains(route, anyPath) })
	}
	return items, err
}

// anyPath stands for the name of a path in a route that a release may lack.
const anyPath = "{path}"

// pathMemory remembers which paths each service listed last, by the route of the list.
type pathMemory struct {
	mu    sync.Mutex
	names map[string][]string
}

// changed notes the paths that are listed now, and reports whether they differ from the last
// ones.
func (m *pathMemory) changed(root string, names []string) bool {
	names = slices.Sorted(slices.Values(names))
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.names[root]
	if m.names == nil {
		m.names = map[string][]string{}
	}
	m.names[root] = names
	return !slices.Equal(before, names)
}

// pathDetail is the needed part of GET /sources/{p} and GET /targets/{p} (all releases; role
// User).
type pathDetail struct {
	Status string `json:"status"`
	// TargetInitiated is reported from 23ai on.
	TargetInitiated *bool `json:"targetInitiated"`
	Source          struct {
		URI PathEnd `json:"uri"`
	} `json:"source"`
	Target struct {
		URI PathEnd `json:"uri"`
	} `json:"target"`
}

// pathFacts are what seldom changes of a path.
type pathFacts struct {
	initiated      *bool // by the Receiver Service; nil if not reported
	source, target PathEnd
}

// facts returns what the detail says, and otherwise what was known before.
func (d pathDetail) facts(before pathFacts) pathFacts {
	return pathFacts{
		cmp.Or(d.TargetInitiated, before.initiated),
		cmp.Or(d.Source.URI, before.source), cmp.Or(d.Target.URI, before.target),
	}
}

// detailsEvery is the time between two reads of what seldom changes of a path.
const detailsEvery = time.Hour

// readDetail reads what a path, whose route is given, is.
func readDetail(ctx context.Context, e *rest.Endpoint, route string) (pathDetail, error) {
	detail, err := rest.GetWhole[pathDetail](ctx, e, route)
	if err != nil && !rest.IsOdd(err) {
		return pathDetail{}, err
	}
	return detail, err
}

// pathInfo is what GET /sources/{p}/info (all releases) and GET /targets/{p}/info
// (19c and later) return (role User).
type pathInfo struct {
	Lag         wire.Duration  `json:"lag"`
	LagAge      wire.Duration  `json:"sinceLagReported"`
	LastStarted wire.Timestamp `json:"lastStarted"`
	Extract     string         `json:"sourceExtractName"`
	Database    string         `json:"sourceDatabaseName"`
	Instance    string         `json:"sourceDatabaseInstance"`
}

// readInfo fills in what the path, whose route is given, reports about itself.
func (p *Path) readInfo(ctx context.Context, e *rest.Endpoint, route string) error {
	i, err := rest.Get[pathInfo](ctx, e, route+"/info")
	if err != nil {
		return err
	}
	p.Told = true
	p.Lag, p.LagAge, p.Started = i.Lag.Number, i.LagAge.Number, i.LastStarted
	p.Extract, p.Database, p.Instance = i.Extract, i.Database, i.Instance
	return nil
}

// checkpoint is a path's position in one trail.
type checkpoint struct {
	Current position `json:"current"`
}

// pathCheckpoints is what GET /sources/{p}/checkpoints (all releases) and GET
// /targets/{p}/checkpoints (19c and later) return (role User). Any level may be missing.
type pathCheckpoints struct {
	Current struct {
		Input  []checkpoint `json:"input"`
		Output []checkpoint `json:"output"`
	} `json:"current"`
}

// readCheckpoints fills in where the path, whose route is given, reads and writes. Before its
// first checkpoint it may have nothing to report.
func (p *Path) readCheckpoints(ctx context.Context, e *rest.Endpoint, route string) error {
	c, err := rest.Get[pathCheckpoints](ctx, e, route+"/checkpoints")
	if errors.Is(err, rest.ErrNoResponse) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Inputs, p.Outputs = trailPositions(c.Current.Input), trailPositions(c.Current.Output)
	return nil
}

// onEachIfPresent is OnEach for a route that a release, or some paths, may lack. A 404 for one
// path is not a failure: it may just have been removed. It remembers a 404 for all of them for
// some time: they may have the route as soon as data arrives.
func onEachIfPresent(e *rest.Endpoint, route string, errs []error, read func(i int) error) {
	lacking := wire.Remembered[wire.Lacking](e.Memory())
	if lacking.Has(route, e.Now()) {
		return
	}
	missing := make([]bool, len(errs))
	e.OnEach(errs, func(i int) error {
		err := read(i)
		if missing[i] = rest.IsNotFound(err); missing[i] {
			return nil
		}
		return err
	})
	if slices.Contains(missing, false) {
		lacking.Found(route)
	} else {
		lacking.NoteYet(route, e.Now())
	}
}

// trailPositions returns the positions of the checkpoints that name a trail.
func trailPositions(checkpoints []checkpoint) []*TrailPosition {
	var positions []*TrailPosition
	for _, c := range checkpoints {
		if at := c.Current.trailPosition(); at != nil {
			positions = append(positions, at)
		}
	}
	return positions
}

// distinctTrails keeps only the first position in each trail. The trails must have their names.
func (p *Path) distinctTrails() error {
	var inputErr, outputErr error
	trail := func(at *TrailPosition) string { return at.Trail }
	p.Inputs, inputErr = unique(p.Inputs, trail)
	p.Outputs, outputErr = unique(p.Outputs, trail)
	return wire.Join(inputErr, outputErr)
}

// monitorReply is what the Performance Metrics Service reports about the paths of a service.
// Read the other fields only after answered is closed.
type monitorReply[T any] struct {
	answered chan struct{}
	since    wire.Timestamp // when the service started to count
	up       bool           // it lists its processes
	reported T
	err      error
}

// askMonitor asks the Performance Metrics Service in the background about the paths of the
// service of that type, so that the paths can be read meanwhile.
func askMonitor[T any](ctx context.Context, v *visit, service string, read func(context.Context, *monitor, *Monitored) (T, error)) *monitorReply[T] {
	r := &monitorReply[T]{answered: make(chan struct{})}
	go func() {
		defer close(r.answered)
		r.err = v.options.Panics.Catch("the statistics of "+service, func() (err error) {
			pm, listErr := monitorFor(ctx, v)
			r.up = pm != nil && pm.processes != nil
			if p := pm.first(service); p != nil {
				r.since = p.Started
				r.reported, err = read(ctx, pm, p)
			}
			return wire.Join(listErr, err)
		})
	}()
	return r
}

// within waits for the answer until the context ends, and reports whether there is one.
func (r *monitorReply[T]) within(patience context.Context) bool {
	select {
	case <-r.answered:
		return true
	case <-patience.Done():
		return false
	}
}

// byPath returns the entries of a point by the path that they are about. It may return both
// entries and an error, see unique.
func byPath[T any](entries []T, name func(T) string) (map[string]T, error) {
	distinct, err := unique(entries, name)
	paths := make(map[string]T, len(distinct))
	for _, entry := range distinct {
		paths[name(entry)] = entry
	}
	return paths, err
}
