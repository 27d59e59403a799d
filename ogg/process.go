package ogg

import (
	"context"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Process is one Extract or Replicat as a poll found it.
type Process struct {
	Name string
	Type ProcessType
	// Status is starting, running, stopped, killed or abended; empty if it could not be
	// read. A suspended process is running.
	Status string
	// Lag is the lag of the latest checkpoint, and LagAge the time since, in seconds. The
	// lag of a process that does not run is frozen, often at a low value, and only its age
	// shows that.
	Lag, LagAge wire.Number
	// Started is zero for a process that was never started.
	Started wire.Timestamp
	// Ran and Unexpected are as in Deployment; what has a start time, ran.
	Ran        bool
	Unexpected *bool
	// Position is where a Replicat reads; nil for an Extract, or if not reported.
	Position *TrailPosition
}

// processStatus is what GET /{extracts|replicats}/{p}/info/status returns (all
// releases; role User).
type processStatus struct {
	Status      string         `json:"status"`
	Lag         wire.Duration  `json:"lag"`
	LagAge      wire.Duration  `json:"sinceLagReported"`
	LastStarted wire.Timestamp `json:"lastStarted"`
}

// replicatStatus adds the place in a trail. That of an Extract has many forms (a number, a
// string, a timestamp, objects) and is not read.
type replicatStatus struct {
	processStatus
	Position position `json:"position"`
}

// readProcesses lists the Extracts and Replicats and reads the status of each: 2 + N requests,
// and one every 15 minutes for each Replicat beside which another one looks like its thread.
//
// That includes those that the list already shows as stopped. Their lag is frozen, and only
// the growing lag age in info/status says so: without it, the effective lag (lag + age) would
// be missing for exactly the processes to worry about.
func readProcesses(ctx context.Context, v *visit) ([]*Process, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	kinds := []ProcessType{Extract, Replicat}
	processes, errs := make([][]*Process, len(kinds)), make([]error, len(kinds))
	var group wire.Group
	for i, kind := range kinds {
		group.Go(func() {
			errs[i] = v.options.Panics.Catch(string(kind)+"s", func() (err error) {
				processes[i], err = readProcessesOf(ctx, v, admin, kind)
				return err
			})
		})
	}
	group.Wait()
	return slices.Concat(processes...), true, wire.Join(errs...)
}

// readProcessesOf lists the selected processes of one type and reads the status of each.
func readProcessesOf(ctx context.Context, v *visit, admin *rest.Endpoint, kind ProcessType) ([]*Process, error) {
	items, listErr := listProcesses(ctx, v, admin, kind)
	processes := make([]*Process, len(items))
	for i, item := range items {
		processes[i] = &Process{Name: item.Name, Type: kind, Status: item.Status}
	}
	errs := make([]error, len(processes))
	admin.OnEach(errs, func(i int) error { return processes[i].readStatus(ctx, admin) })
	return processes, wire.Join(listErr, wire.Summarize(errs, string(kind)+"s"))
}

// readStatus fills in what GET /{extracts|replicats}/{p}/info/status reports. On failure the
// status from the list, if any, remains.
func (p *Process) readStatus(ctx context.Context, admin *rest.Endpoint) error {
	route := processRoutes[p.Type] + "/" + rest.Segment(p.Name) + "/info/status"
	var s replicatStatus
	var err error
	if p.Type == Replicat {
		s, err = rest.Get[replicatStatus](ctx, admin, route)
	} else {
		s.processStatus, err = rest.Get[processStatus](ctx, admin, route)
	}
	if err != nil {
		return err
	}
	if s.Status != "" {
		p.Status = strings.ToLower(s.Status)
	}
	p.Lag, p.LagAge, p.Started = s.Lag.Number, s.LagAge.Number, s.LastStarted
	p.Position = s.Position.trailPosition()
	return nil
}
