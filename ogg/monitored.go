package ogg

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Monitored is a process as the Performance Metrics Service sees it: an Extract, a Replicat, or
// a service of the deployment.
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
	// Parent is the process that a worker belongs to. Before 23ai it is empty for the workers
	// of a parallel Replicat: which one they belong to is not reported.
	Parent string
	// Started, StatusChanged and LastHeartbeat are zero if not reported.
	Started, StatusChanged, LastHeartbeat wire.Timestamp
	// HeartbeatLag and HeartbeatAge, in seconds, are those of the heartbeat records in the
	// data (23ai and later).
	HeartbeatLag, HeartbeatAge wire.Number

	// The following are nil if the process has no such point, has no data yet, or does not
	// run: figures of an earlier run must not look current.
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
}

// is reports whether the process is of one of the types.
func (p *Monitored) is(types ...string) bool { return slices.Contains(types, p.Type) }

// mayBe reports whether the process works in the mode, or its mode is not known.
func (p *Monitored) mayBe(mode string) bool {
	return p.Mode == mode || p.Mode == "" || p.Mode == "unknown"
}

// IsWorker reports whether the process is a part of a Replicat, whose figures include its own: a
// thread of a coordinated one, or an applier or mapper of a parallel one.
func (p *Monitored) IsWorker() bool {
	return p.Parent != "" || p.Mode == "parallelapplier" || p.Mode == "parallelmapper"
}

// replicates reports whether the process is an Extract or Replicat, but not a worker of one.
func (p *Monitored) replicates() bool { return p.is("extract", "replicat") && !p.IsWorker() }

// runs reports whether the process can have figures of a current run.
func (p *Monitored) runs() bool {
	return !slices.Contains([]string{"registered", "stopped", "stoppedforced", "abend", "killed"}, p.Status)
}

// isAfter reports whether the process is a later run than other: it started later, or at the
// same time, as far as is known, and is the one that runs.
func (p *Monitored) isAfter(other *Monitored) bool {
	if !p.Started.Equal(other.Started.Time) {
		return p.Started.After(other.Started.Time)
	}
	return p.runs() && !other.runs()
}

// Microservice returns the name under which the Service Manager lists the process; empty if it
// is not a service.
func (p *Monitored) Microservice() string {
	return map[string]string{
		"adminserver": "adminsrvr", "distserver": "distsrvr", "recvserver": "recvsrvr",
		"pmserver": "pmsrvr", "servicemanager": ServiceManager,
	}[p.Type]
}

func isAny(*Monitored) bool                  { return true }
func isExtract(p *Monitored) bool            { return p.is("extract") }
func isReplicat(p *Monitored) bool           { return p.is("replicat") }
func readsTrails(p *Monitored) bool          { return p.is("replicat", "distserver") }
func mayBeParallel(p *Monitored) bool        { return p.is("replicat") && p.mayBe("parallel") }
func mayBeCoordinated(p *Monitored) bool     { return p.is("replicat") && p.mayBe("coordinated") }
func isService(p *Monitored) bool            { return p.Microservice() != "" }
func isPerformanceMetrics(p *Monitored) bool { return p.is("pmserver") }
