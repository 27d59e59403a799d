package ogg

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// ProcessType is the kind of a process.
type ProcessType string

// The kinds of process that the Administration Service runs.
const (
	Extract  ProcessType = "extract"
	Replicat ProcessType = "replicat"
)

// processRoutes are the lists of the Administration Service.
var processRoutes = map[ProcessType]string{Extract: "/extracts", Replicat: "/replicats"}

// Process is one Extract or Replicat as a poll found it.
type Process struct {
	Name string
	Type ProcessType
	// Status is starting, running, stopped, killed or abended; empty when it
	// could not be read. A suspended process is running.
	Status string
	// Lag, in seconds, is that of the latest checkpoint, and LagAge, in seconds,
	// the time since: a process that does not run keeps its lag, often a small
	// one, and only the age tells that it is old.
	Lag, LagAge wire.Number
	// Started is zero for a process that never was.
	Started wire.Timestamp
	// Position is where a Replicat reads; nil for an Extract, and where the
	// process has not told.
	Position *TrailPosition
}

// processStatus is what GET /{extracts|replicats}/{p}/info/status returns (all
// releases; role User).
type processStatus struct {
	Status      string         `json:"status"`
	Lag         wire.Number    `json:"lag"`
	LagAge      wire.Number    `json:"sinceLagReported"`
	LastStarted wire.Timestamp `json:"lastStarted"`
	Position    position       `json:"position"`
}

// readProcesses lists the Extracts and Replicats and asks each for its status:
// 2 + N requests.
//
// Those that the list already shows as stopped are asked too. Their lag is
// frozen, and only the growing lag age in info/status says so: without it the
// effective lag (lag + age) of exactly the processes that one worries about
// would be missing.
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

// readProcessesOf lists the processes of one kind that are to be read, and asks each
// for its status, as many at a time as the service may be asked at once.
func readProcessesOf(ctx context.Context, v *visit, admin *rest.Endpoint, kind ProcessType) ([]*Process, error) {
	listed, listErr := listProcesses(ctx, admin, kind)
	processes := slices.DeleteFunc(listed, func(p *Process) bool { return !v.config.WantsProcess(p.Name) })
	errs := make([]error, len(processes))
	admin.OnEach(errs, func(i int) error { return processes[i].readStatus(ctx, admin) })
	return processes, wire.Join(listErr, wire.Summarize(errs, string(kind)+"s"))
}

// listProcesses reads GET /extracts or GET /replicats (all releases; role User).
// The items carry a status from 21.3 on. threads=none leaves the threads of
// coordinated Replicats out where the release knows the parameter, and
// withoutThreads where it does not.
func listProcesses(ctx context.Context, admin *rest.Endpoint, kind ProcessType) ([]*Process, error) {
	route := processRoutes[kind]
	items, err := listItems(ctx, admin, route+"?threads=none")
	if rest.HasStatus(err, http.StatusBadRequest) {
		items, err = listItems(ctx, admin, route)
	}
	if kind == Replicat {
		items = withoutThreads(items)
	}
	processes := make([]*Process, len(items))
	for i, item := range items {
		processes[i] = &Process{Name: item.Name, Type: kind, Status: strings.ToLower(item.Status)}
	}
	return processes, err
}

// withoutThreads leaves out what may be the threads of another item.
func withoutThreads(items []item) []item {
	names := make(map[string]bool, len(items))
	for _, i := range items {
		names[i.Name] = true
	}
	return slices.DeleteFunc(items, func(i item) bool {
		group, is := groupOfThread(i.Name)
		return is && names[group]
	})
}

// groupOfThread returns the coordinated Replicat of which name may be a thread:
// its own name of 5 characters at most, and three digits.
func groupOfThread(name string) (string, bool) {
	digits := len(name) - 3
	if digits <= 0 || digits > 5 || strings.Trim(name[digits:], "0123456789") != "" {
		return "", false
	}
	return name[:digits], true
}

// readStatus fills in what GET /{extracts|replicats}/{p}/info/status tells. On
// failure the status from the list remains, if that had one.
func (p *Process) readStatus(ctx context.Context, admin *rest.Endpoint) error {
	s, err := rest.Get[processStatus](ctx, admin, processRoutes[p.Type]+"/"+rest.Segment(p.Name)+"/info/status")
	if err != nil {
		return err
	}
	if s.Status != "" {
		p.Status = strings.ToLower(s.Status)
	}
	p.Lag, p.LagAge, p.Started = s.Lag, s.LagAge, s.LastStarted
	if p.Type == Replicat {
		p.Position = s.Position.trailPosition()
	}
	return nil
}
