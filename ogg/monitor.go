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

// monitor is the Performance Metrics Service of a deployment during one poll.
type monitor struct {
	*rest.Endpoint
	points    *pointMemory
	processes []*Monitored
	// newestMessage is the largest number of a message that is listed; 0 if none is.
	newestMessage float64
}

// monitorOnce lists the processes at most once per poll.
type monitorOnce struct {
	once      sync.Once
	listed    chan struct{} // closed when the following are set
	processes []*Monitored
	newest    float64 // number of a message
	err       error
}

// monitorOf returns the Performance Metrics Service of the deployment with all processes that
// it lists, GET /mpoints/processes (all releases; role User); nil if there is none to ask. The
// error is that of the list, part of which may have been read.
func monitorOf(ctx context.Context, v *visit) (*monitor, error) {
	pm := v.asks("pmsrvr")
	if pm == nil {
		return nil, nil
	}
	points, list := wire.Remembered[pointMemory](v.memory), wire.Remembered[monitorOnce](&v.shared)
	list.once.Do(func() {
		list.listed = make(chan struct{})
		go func() {
			defer close(list.listed)
			list.err = v.options.Panics.Catch("the list of pmsrvr", func() (err error) {
				list.processes, list.newest, err = listMonitored(ctx, v, pm)
				list.processes = slices.DeleteFunc(list.processes, func(p *Monitored) bool {
					return p.is("extract", "replicat") && !v.config.WantsProcess(cmp.Or(p.Parent, p.Name))
				})
				points.keep(list.processes)
				return err
			})
		}()
	})
	<-list.listed // not within once.Do: a wait for a mutex would stop the clock of a test
	return &monitor{pm, points, list.processes, list.newest}, list.err
}

// monitorFor is monitorOf for a collector other than performance: that one reports the error of the
// list, so that the others do so only if it is not read.
func monitorFor(ctx context.Context, v *visit) (*monitor, error) {
	pm, err := monitorOf(ctx, v)
	if v.reads("performance") {
		return pm, nil
	}
	return pm, err
}

// first returns the first listed process of the type that runs and is responsive, if any.
func (m *monitor) first(kind string) *Monitored {
	if m == nil {
		return nil
	}
	i := slices.IndexFunc(m.processes, func(p *Monitored) bool {
		return p.is(kind) && p.runs() && p.Status != "notresponsive"
	})
	if i < 0 {
		return nil
	}
	return m.processes[i]
}

// monitoredEntry is an entry of GET /mpoints/processes.
type monitoredEntry struct {
	Name          string         `json:"processName"`
	Type          string         `json:"processType"`
	Mode          string         `json:"processMode"`
	State         string         `json:"processState"`
	Parent        string         `json:"parentName"`
	Started       wire.Timestamp `json:"startTime"`
	Changed       wire.Timestamp `json:"stateTime"`
	LastHeartbeat wire.Timestamp `json:"lastHeartbeat"`
	HeartbeatLag  wire.Number    `json:"lcrHeartbeatLag"` // ms
	HeartbeatAge  wire.Number    `json:"lcrHeartbeatAge"` // ms
	LastMessage   wire.Number    `json:"lastMessage"`     // that it logged
}

// process returns the process that the entry is about.
func (e monitoredEntry) process() *Monitored {
	return &Monitored{
		Name: e.Name, Type: strings.ToLower(e.Type), Mode: strings.ToLower(e.Mode),
		Status: strings.ToLower(e.State), Parent: e.Parent,
		Started: e.Started, StatusChanged: e.Changed, LastHeartbeat: e.LastHeartbeat,
		HeartbeatLag: e.HeartbeatLag.Per(1e3), HeartbeatAge: e.HeartbeatAge.Per(1e3),
	}
}

// listMonitored reads GET /mpoints/processes. It also returns the largest number of a message.
func listMonitored(ctx context.Context, v *visit, pm *rest.Endpoint) ([]*Monitored, float64, error) {
	const route = "/mpoints/processes"
	list, oddErr := rest.GetWhole[struct {
		Processes []monitoredEntry `json:"processes"`
	}](ctx, pm, route)
	if oddErr != nil && !rest.IsOdd(oddErr) {
		return nil, 0, oddErr
	}
	entries, err := listed(pm, route, "processes", list.Processes)
	if err != nil {
		return nil, 0, wire.Join(err, oddErr)
	}
	processes, err := latestRuns(v, entries)
	adoptThreads(processes)
	newest := 0.
	for _, e := range entries {
		id, _ := e.LastMessage.Value()
		newest = max(newest, id)
	}
	return processes, newest, wire.Join(err, oddErr)
}

// latestRuns returns the processes that have a name, in the order of the list, and fails if others
// have none. A run that has ended may be listed beside the next one: of entries with the same name,
// the one that started last counts, because points are requested by name.
func latestRuns(v *visit, entries []monitoredEntry) ([]*Monitored, error) {
	lost, latest := 0, map[string]int{}
	processes := make([]*Monitored, 0, len(entries))
	for _, e := range entries {
		p := e.process()
		i, again := latest[p.Name]
		switch {
		case p.Name == "":
			lost++
		case !again:
			latest[p.Name] = len(processes)
			processes = append(processes, p)
		default:
			v.remark(p.Name + " is listed more than once by the Performance Metrics Service: only the run that started last is read")
			if p.isAfter(processes[i]) {
				processes[i] = p
			}
		}
	}
	return processes, unnamed(lost)
}

// adoptThreads sets the parent of the threads of coordinated Replicats, such as FIN001 of FIN:
// releases before 23ai list them without one.
func adoptThreads(processes []*Monitored) {
	coordinated := map[string]bool{}
	for _, p := range processes {
		coordinated[p.Name] = p.is("replicat") && p.Mode == "coordinated"
	}
	for _, p := range processes {
		if group, is := groupOfThread(p.Name); is && p.Parent == "" && coordinated[p.Name] && coordinated[group] {
			p.Parent = group
		}
	}
}
