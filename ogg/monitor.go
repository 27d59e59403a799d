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

// monitor is the Performance Metrics Service of a deployment, as one poll finds it.
type monitor struct {
	*rest.Endpoint
	points    *pointMemory
	processes []*Monitored
}

// monitorOnce lists the processes at most once in a poll, for whoever needs them first.
type monitorOnce struct {
	once      sync.Once
	processes []*Monitored
	err       error
}

// monitorOf returns the Performance Metrics Service of the deployment with all processes that
// it lists, GET /mpoints/processes (all releases; role User); nil where there is none that can
// answer. The error is that of the list, of which some may have been read.
func monitorOf(ctx context.Context, v *visit) (*monitor, error) {
	pm := v.asks("pmsrvr")
	if pm == nil {
		return nil, nil
	}
	points, list := wire.Remembered[pointMemory](v.memory), wire.Remembered[monitorOnce](&v.shared)
	list.once.Do(func() {
		list.err = v.options.Panics.Catch("the list of pmsrvr", func() (err error) {
			list.processes, err = listMonitored(ctx, pm)
			list.processes = slices.DeleteFunc(list.processes, func(p *Monitored) bool {
				return p.is("extract", "replicat") && !v.config.WantsProcess(cmp.Or(p.Parent, p.Name))
			})
			points.keep(list.processes)
			return err
		})
	})
	return &monitor{pm, points, list.processes}, list.err
}

// first returns the first process of the type that the service lists and hears of; nil where
// it has none.
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

// listMonitored reads GET /mpoints/processes. Of processes with the same name
// the first counts, because a point is asked by the name.
func listMonitored(ctx context.Context, pm *rest.Endpoint) ([]*Monitored, error) {
	type listed struct {
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
	list, err := rest.Get[struct {
		Processes []listed `json:"processes"`
	}](ctx, pm, "/mpoints/processes")
	if err != nil {
		return nil, err
	}
	entries, err := unique(list.Processes, func(l listed) string { return l.Name })
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
	return processes, err
}

// adoptThreads makes the threads of coordinated Replicats workers of these:
// releases before 23ai list them (FIN001 of FIN) without a parent.
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
