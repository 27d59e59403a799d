package ogg

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Path is what the Distribution and the Receiver Service tell alike of a path.
type Path struct {
	Name string
	// Status is running, stopping, stopped, paused (not in 26ai), killed or
	// uninitialized; empty when it could not be read.
	Status string
	// Told is whether the path told of Lag to Extract. Each of them may be missing
	// all the same.
	Told bool
	// Lag, in seconds, is from the Extract's writing to the trail to the path's
	// handling of it, and LagAge, in seconds, the time since it was measured: a path
	// that does not run keeps its lag, and only the age tells that it is old.
	Lag, LagAge wire.Number
	// Started is zero for a path that never was.
	Started wire.Timestamp
	// Extract writes the trail at the beginning of the path.
	Extract string
	// Inputs and Outputs are where the path reads and writes, each trail once; empty
	// before the first checkpoint.
	Inputs, Outputs []*TrailPosition
	// CountersSince is when the service started and its paths' counters with it; zero
	// where there are none.
	CountersSince wire.Timestamp
}

// NetworkCounters count what a path sent to and received from its other end.
type NetworkCounters struct {
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
// paths that are to be read. The items carry a status from 21.3 on.
func listPaths(ctx context.Context, v *visit, e *rest.Endpoint, root string) ([]item, error) {
	list, err := rest.Get[pathList](ctx, e, root)
	if err != nil {
		return nil, err
	}
	if list.Items == nil {
		list.Items = list.DistPaths
	}
	items, err := unique(list.Items, func(i item) string { return i.Name })
	items = slices.DeleteFunc(items, func(i item) bool { return !v.config.WantsPath(i.Name) })
	names := make([]string, len(items))
	for i := range items {
		names[i] = items[i].Name
		items[i].Status = strings.ToLower(items[i].Status)
	}
	if wire.Remembered[pathMemory](e.Memory()).changed(names) {
		// A new path may have a route that all others lacked.
		wire.Remembered[wire.Lacking](e.Memory()).Forget(func(route string) bool { return strings.Contains(route, anyPath) })
	}
	return items, err
}

// anyPath stands for the name of a path in a route that a release may lack.
const anyPath = "{path}"

// pathMemory keeps which paths the service listed last.
type pathMemory struct {
	mu    sync.Mutex
	names []string
}

// changed takes in the paths that are listed now, and reports whether they are not the same
// as before.
func (m *pathMemory) changed(names []string) bool {
	names = slices.Sorted(slices.Values(names))
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.names
	m.names = names
	return !slices.Equal(before, names)
}

// pathDetail is what is needed of GET /sources/{p} and GET /targets/{p} (all
// releases; role User).
type pathDetail struct {
	Status pathStatus `json:"status"`
	// TargetInitiated is told from 23ai on.
	TargetInitiated *bool `json:"targetInitiated"`
}

// pathStatus is a status in lower case. It is empty where another form came: when
// a path is changed, status is an object.
type pathStatus string

// UnmarshalJSONFrom reads a text, and takes anything else for none.
func (s *pathStatus) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*s = ""
	if in.PeekKind() != jsontext.KindString {
		return in.SkipValue()
	}
	text, err := in.ReadToken()
	if err == nil {
		*s = pathStatus(strings.ToLower(text.String()))
	}
	return err
}

// pathInfo is what GET /sources/{p}/info (all releases) and GET /targets/{p}/info
// (19c and later) return (role User).
type pathInfo struct {
	Lag         wire.Number    `json:"lag"`
	LagAge      wire.Number    `json:"sinceLagReported"`
	LastStarted wire.Timestamp `json:"lastStarted"`
	Extract     string         `json:"sourceExtractName"`
}

// readInfo fills in what the path tells of itself; route is that of the path.
func (p *Path) readInfo(ctx context.Context, e *rest.Endpoint, route string) error {
	i, err := rest.Get[pathInfo](ctx, e, route+"/info")
	if err != nil {
		return err
	}
	p.Told = true
	p.Lag, p.LagAge, p.Started, p.Extract = i.Lag, i.LagAge, i.LastStarted, i.Extract
	return nil
}

// checkpoint is one trail of those that a path reads or writes.
type checkpoint struct {
	Current position `json:"current"`
}

// pathCheckpoints is what GET /sources/{p}/checkpoints (all releases) and
// GET /targets/{p}/checkpoints (19c and later) return (role User). Every level may
// be missing.
type pathCheckpoints struct {
	Current struct {
		Input  []checkpoint `json:"input"`
		Output []checkpoint `json:"output"`
	} `json:"current"`
}

// readCheckpoints fills in where the path reads and writes; route is that of the
// path. One that made no checkpoint yet may have nothing to return.
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

// trailPositions returns the places of the checkpoints that name a trail.
func trailPositions(checkpoints []checkpoint) []*TrailPosition {
	var positions []*TrailPosition
	for _, c := range checkpoints {
		if at := c.Current.trailPosition(); at != nil {
			positions = append(positions, at)
		}
	}
	return positions
}

// useTrails adds the places of the path to positions, by user.
func (p *Path) useTrails(positions map[string]*TrailPosition, collector string) {
	for i, at := range p.Inputs {
		positions[collector+" "+p.Name+" input "+strconv.Itoa(i)] = at
	}
	for i, at := range p.Outputs {
		positions[collector+" "+p.Name+" output "+strconv.Itoa(i)] = at
	}
}

// distinctTrails keeps, of places in the same trail, the first. The trails have to
// be named.
func (p *Path) distinctTrails() error {
	var inputErr, outputErr error
	trail := func(at *TrailPosition) string { return at.Trail }
	p.Inputs, inputErr = unique(p.Inputs, trail)
	p.Outputs, outputErr = unique(p.Outputs, trail)
	return wire.Join(inputErr, outputErr)
}

// monitorReply is what the Performance Metrics Service reports about the paths of a service.
// The other fields may be read when answered is closed.
type monitorReply[T any] struct {
	answered chan struct{}
	since    wire.Timestamp // when the service began to count
	told     T
	err      error
}

// askMonitor begins to ask the Performance Metrics Service about the paths of the service of
// that type, so that the paths can be read while that takes its time. That the Performance
// Metrics Service does not answer at all is for the collector performance to report.
func askMonitor[T any](ctx context.Context, v *visit, service string, read func(context.Context, *monitor, *Monitored) (T, error)) *monitorReply[T] {
	r := &monitorReply[T]{answered: make(chan struct{})}
	go func() {
		defer close(r.answered)
		r.err = v.options.Panics.Catch("the statistics of "+service, func() (err error) {
			pm, _ := monitorOf(ctx, v)
			if p := pm.first(service); p != nil {
				r.since = p.Started
				r.told, err = read(ctx, pm, p)
			}
			return err
		})
	}()
	return r
}

// within waits for the answer, at most until the context ends. It reports whether there is
// one.
func (r *monitorReply[T]) within(patience context.Context) bool {
	select {
	case <-r.answered:
		return true
	case <-patience.Done():
		return false
	}
}

// byPath returns the entries of a point by the path that each is about. Entries that do not
// name one are left out.
func byPath[T any](entries []T, name func(T) string) (map[string]T, error) {
	distinct, err := unique(entries, name)
	paths := make(map[string]T, len(distinct))
	for _, entry := range distinct {
		paths[name(entry)] = entry
	}
	return paths, err
}
