package ogg

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Monitored is a process as the Performance Metrics Service sees it: an Extract,
// a Replicat, or one of the deployment's services.
type Monitored struct {
	Name string
	// Type is in lower case: extract, replicat, adminserver, distserver,
	// recvserver, pmserver, or another.
	Type string
	// Mode is in lower case: classic, integrated, coordinated, parallel,
	// parallelapplier, parallelmapper, not applicable, or another.
	Mode string
	// Status is registered, starting, running, stopping, stoppingforced, stopped,
	// stoppedforced, abend, killed or notresponsive. It may differ from what the
	// Administration Service says.
	Status string
	// Parent is the process that a worker belongs to (23ai and later).
	Parent string
	// Started, StatusChanged and LastHeartbeat are zero where not told.
	Started, StatusChanged, LastHeartbeat wire.Timestamp
	// HeartbeatLag and HeartbeatAge, in seconds, are those of the heartbeat records
	// among the data (23ai and later).
	HeartbeatLag, HeartbeatAge wire.Number

	// What follows is nil where the process has no such point, or no data yet, or
	// does not run: the figures of a run that has ended are not shown as fresh.
	Usage        *ProcessUsage
	Statistics   *Statistics
	Position     *OperationPosition
	Trails       []*TrailIO
	Cache        *CacheStatistics
	Parallel     *ParallelReplicat
	Coordination *Coordination
	Transactions *OpenTransactions
	Health       *ServiceHealth
	Collecting   *Collecting
	// Tables are read by the collector table alone.
	Tables *Tables
}

// is reports whether the process is of one of the types.
func (p *Monitored) is(types ...string) bool { return slices.Contains(types, p.Type) }

// mayBe reports whether the process may work in the mode: it does, or the mode
// is not known.
func (p *Monitored) mayBe(mode string) bool {
	return p.Mode == mode || p.Mode == "" || p.Mode == "unknown"
}

// replicates reports whether the process is an Extract or Replicat, and not a
// worker of one.
func (p *Monitored) replicates() bool { return p.is("extract", "replicat") && p.Parent == "" }

// runs reports whether the process can have figures of a run that goes on.
func (p *Monitored) runs() bool {
	return !slices.Contains([]string{"registered", "stopped", "stoppedforced", "abend", "killed"}, p.Status)
}

// monitoring is what the Performance Metrics Service lists of a deployment, read
// at most once in a poll, by whoever needs it first.
type monitoring struct {
	once      sync.Once
	processes []*Monitored
	err       error
}

// monitored returns the Performance Metrics Service of the deployment and all
// processes that it lists: GET /mpoints/processes (all releases; role User). The
// service is nil where there is none that can answer.
func (d *Deployment) monitored(ctx context.Context) (*endpoint, []*Monitored, error) {
	pm := d.asks("pmsrvr")
	if pm == nil {
		return nil, nil, nil
	}
	d.monitoring.once.Do(func() {
		d.monitoring.processes, d.monitoring.err = listMonitored(ctx, pm.endpoint)
		d.monitoring.processes = slices.DeleteFunc(d.monitoring.processes, func(p *Monitored) bool {
			return p.is("extract", "replicat") && !d.client.config.WantsProcess(cmp.Or(p.Parent, p.Name))
		})
		pm.endpoint.points.keep(d.monitoring.processes)
	})
	return pm.endpoint, d.monitoring.processes, d.monitoring.err
}

// listMonitored reads GET /mpoints/processes. Of processes with the same name
// the first counts, because a point is asked by the name.
func listMonitored(ctx context.Context, pm *endpoint) ([]*Monitored, error) {
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
	list, err := get[struct{ Processes []listed }](ctx, pm, "/mpoints/processes")
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

// monitoringPoint is one point of the Performance Metrics Service: its name,
// which processes can have it, and how it gets into their Monitored.
type monitoringPoint struct {
	name string
	asks func(*Monitored) bool
	read func(context.Context, *endpoint, *Monitored) error
}

// monitoringPoints are the points that the collector performance reads.
var monitoringPoints = []monitoringPoint{
	usagePoint,
	statisticsExtractPoint,
	statisticsReplicatPoint,
	positionPoint,
	trailInputPoint,
	trailOutputPoint,
	cachePoint,
	parallelPoint,
	coordinationPoint,
	transactionsPoint,
	serviceHealthPoint,
	collectingPoint,
}

// PerformancePoints names the points that the collector performance reads.
func PerformancePoints() []string {
	names := make([]string, len(monitoringPoints))
	for i, p := range monitoringPoints {
		names[i] = p.name
	}
	return names
}

// reading returns a monitoringPoint.read that hands the point's response to set.
func reading[T any](name string, set func(*Monitored, *T)) func(context.Context, *endpoint, *Monitored) error {
	return func(ctx context.Context, pm *endpoint, p *Monitored) error {
		response, err := point[T](ctx, pm, p, name)
		if response != nil {
			set(p, response)
		}
		return err
	}
}

// readPerformance reads what the Performance Metrics Service lists, and the
// points of each process that runs: 1 request, and for each Extract 6, for each
// Replicat 5 to 6, for each service 1 to 3.
func readPerformance(ctx context.Context, d *Deployment) (bool, error) {
	pm, processes, err := d.monitored(ctx)
	up := processes != nil
	if d.Service("pmsrvr") != nil {
		d.MonitoringUp = &up
	}
	if pm == nil {
		return false, nil
	}
	d.Monitored = processes
	type question struct {
		monitoringPoint
		of *Monitored
	}
	var questions []question
	asked := map[string]bool{} // services: a second one of a kind would give the same series
	for _, p := range processes {
		if service := p.Microservice(); service != "" {
			if asked[service] {
				continue
			}
			asked[service] = true
		}
		for _, point := range monitoringPoints {
			if p.runs() && p.Parent == "" && point.asks(p) && d.client.options.Performance.wants(p.Name, point.name) {
				questions = append(questions, question{point, p})
			}
		}
	}
	errs := make([]error, len(questions))
	pm.onEach(errs, func(i int) error { return questions[i].read(ctx, pm, questions[i].of) })
	return true, wire.Join(err, wire.Summarize(errs, "points"))
}

// PerformanceOptions narrow the collector performance. The zero value is
// everything.
type PerformanceOptions struct {
	// Points are the points to read, of PerformancePoints; nil is all.
	Points []string
	// Process reports whether to read the points of a process; nil is all.
	Process func(name string) bool
}

// wants reports whether to read a point of a process.
func (o PerformanceOptions) wants(process, point string) bool {
	return (o.Points == nil || slices.Contains(o.Points, point)) && o.wantsProcess(process)
}

// wantsProcess reports whether to read points of a process.
func (o PerformanceOptions) wantsProcess(process string) bool {
	return o.Process == nil || o.Process(process)
}
