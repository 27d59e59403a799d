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
}

// monitorOnce lists the processes at most once per poll.
type monitorOnce struct {
	once      sync.Once
	listed    chan struct{} // closed when the following are set
	processes []*Monitored
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
			list.processes, list.err = listMonitored(ctx, pm)
			list.processes = slices.DeleteFunc(list.processes, func(p *Monitored) bool {
				return p.is("extract", "replicat") && !v.config.WantsProcess(cmp.Or(p.Parent, p.Name))
			})
			points.keep(list.processes)
		}()
	})
	<-list.listed // not within once.Do: a wait for a mutex would stop the clock of a test
	return &monitor{pm, points, list.processes}, list.err
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

// listMonitored reads GET /mpoints/processes. Of processes with the same name the first counts,
// because points are requested by name.
func listMonitored(ctx context.Context, pm *rest.Endpoint) ([]*Monitored, error) {
	type process struct {
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
	}
	const route = "/mpoints/processes"
	list, oddErr := rest.GetWhole[struct {
		Processes []process `json:"processes"`
	}](ctx, pm, route)
	if oddErr != nil && !rest.IsOdd(oddErr) {
		return nil, oddErr
	}
	all, err := listed(pm, route, "processes", list.Processes)
	if err != nil {
		return nil, wire.Join(err, oddErr)
	}
	entries, err := unique(all, func(p process) string { return p.Name })
	processes := make([]*Monitored, len(entries))
	for i, l := range entries {
		processes[i] = &Monitored{
			Name: l.Name, Type: strings.ToLower(l.Type), Mode: strings.ToLower(l.Mode),
			Status: strings.ToLower(l.State), Parent: l.Parent,
			Started: l.Started, StatusChanged: l.Changed, LastHeartbeat: l.LastHeartbeat,
			HeartbeatLag: l.HeartbeatLag.Per(1e3), HeartbeatAge: l.HeartbeatAge.Per(1e3),
		}
	}
	adoptThreads(processes)
	return processes, wire.Join(err, oddErr)
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
