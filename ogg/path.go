package ogg

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

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

// listPaths reads GET /sources or GET /targets (all releases; role User), and
// returns the paths that are to be read. The items carry a status from 21.3 on.
// They are called distpaths in one documented example.
func (d *Deployment) listPaths(ctx context.Context, e *endpoint, root string) ([]item, error) {
	list, err := get[struct{ Items, DistPaths []item }](ctx, e, root)
	if err != nil {
		return nil, err
	}
	if list.Items == nil {
		list.Items = list.DistPaths
	}
	items, err := unique(list.Items, func(i item) string { return i.Name })
	items = slices.DeleteFunc(items, func(i item) bool { return !d.client.config.WantsPath(i.Name) })
	names := make([]string, len(items))
	for i := range items {
		names[i] = items[i].Name
		items[i].Status = strings.ToLower(items[i].Status)
	}
	e.memory.keepPaths(names)
	return items, err
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
func (p *Path) readInfo(ctx context.Context, e *endpoint, route string) error {
	i, err := get[pathInfo](ctx, e, route+"/info")
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
func (p *Path) readCheckpoints(ctx context.Context, e *endpoint, route string) error {
	c, err := get[pathCheckpoints](ctx, e, route+"/checkpoints")
	if errors.Is(err, errNoResponse) {
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
		if at := c.Current; at.Name != "" {
			positions = append(positions, &TrailPosition{
				Sequence: at.Sequence, Offset: at.Offset, location: locate(at.Path, at.Name),
			})
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

// monitoredAs returns the Performance Metrics Service and the first process of the
// type among those that it lists and hears of; nil where it has none, or did not
// answer, which the collector performance tells.
func (d *Deployment) monitoredAs(ctx context.Context, kind string) (*endpoint, *Monitored) {
	pm, processes, _ := d.monitored(ctx)
	i := slices.IndexFunc(processes, func(p *Monitored) bool {
		return p.is(kind) && p.runs() && p.Status != "notresponsive"
	})
	if i < 0 {
		return nil, nil
	}
	return pm, processes[i]
}

// byPath returns the entries of a point by the path that each is about. Those that
// do not say so are left out.
func byPath[T any](entries []T, name func(T) string) (map[string]T, error) {
	distinct, err := unique(entries, name)
	paths := make(map[string]T, len(distinct))
	for _, entry := range distinct {
		paths[name(entry)] = entry
	}
	return paths, err
}

// anyPath stands for the name of a path in a route that a release may lack.
const anyPath = "{path}"

// keepPaths notes which paths the service lists, and forgets what was learned of
// others. When they are not the same as before, a route that all of them lacked is
// asked again: a new path may have it.
func (m *serviceMemory) keepPaths(names []string) {
	names = slices.Sorted(slices.Values(names))
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Equal(m.paths, names) {
		return
	}
	m.paths = names
	maps.DeleteFunc(m.initiated, func(name string, _ *bool) bool { return !slices.Contains(names, name) })
	maps.DeleteFunc(m.lacking, func(route string, _ bool) bool { return strings.Contains(route, anyPath) })
}
