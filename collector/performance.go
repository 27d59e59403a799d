package collector

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg"
)

var (
	pmUp = gauge("ogg_pm_up",
		"Whether the deployment's Performance Metrics Service answered (mpoints/processes).")
	pmProcessStatus = stateSet("ogg_pm_process_status",
		"Status of the process as the Performance Metrics Service reports it, which may differ from ogg_process_status; notresponsive: the service has not heard from the process for the monitorHeartBeatTimeout of its datastore (mpoints/processes: processState).",
		[]string{"registered", "starting", "running", "stopping", "stoppingforced", "stopped", "stoppedforced", "abend", "killed", "notresponsive"},
		"process", "process_type")
	pmProcessInfo = info("ogg_process_info",
		"Mode of the process, and the process that it is a worker of; before 23ai, parent is empty for the workers of a parallel Replicat (mpoints/processes: processMode, parentName; of a process that is not there, extracts/{e}: type, replicats/{r}: mode).",
		"process", "process_type", "mode", "parent")
	pmStatusChange = gauge("ogg_process_state_change_timestamp_seconds",
		"When the state of the process last changed, in Unix time (mpoints/processes: stateTime).",
		"process", "process_type")
	pmLastHeartbeat = gauge("ogg_process_last_heartbeat_timestamp_seconds",
		"When the Performance Metrics Service last heard from the process, in Unix time (mpoints/processes: lastHeartbeat).",
		"process", "process_type")
	pmHeartbeatLag = gauge("ogg_process_lcr_heartbeat_lag_seconds",
		"Lag of the heartbeat records in the process (mpoints/processes: lcrHeartbeatLag).",
		"process", "process_type").from("23ai")
	pmHeartbeatAge = gauge("ogg_process_lcr_heartbeat_age_seconds",
		"Age of the last heartbeat record in the process (mpoints/processes: lcrHeartbeatAge).",
		"process", "process_type").from("23ai")
)

// pmListMetrics come from the list of processes.
var pmListMetrics = []*metric{pmUp, pmProcessStatus, pmHeartbeatLag, pmHeartbeatAge, pmStatusChange, pmLastHeartbeat, replicatWorkers, pmProcessInfo}

var performanceCollector = Collector{
	Name: "performance", Help: "figures from the Performance Metrics Service on processes and services", Default: true, Role: "User",
	metrics: slices.Concat(
		pmListMetrics, pmServiceMetrics, transactionsMetrics, statisticsMetrics, operationPositionMetrics,
		trailIOMetrics, replicatMetrics, usageMetrics, cacheMetrics, trailDetailMetrics,
	),
	collect: collectPerformance,
}

// collectPerformance sends the figures of each process. A point that was not read has
// none.
func collectPerformance(to sink, d *ogg.Deployment) {
	to.boolean(pmUp, d.MonitoringUp, d.Name)
	collectWorkerCounts(to, d)
	for _, p := range d.Monitored {
		labels := []string{d.Name, p.Name, p.Type}
		collectListed(to, p, labels)
		collectUsage(to, p, labels)
		collectStatistics(to, p, labels)
		collectOperationPosition(to, p, labels)
		collectTrailIO(to, d, p, labels)
		collectCache(to, p, labels)
		collectReplicat(to, p, labels)
		collectTransactions(to, p, labels)
		collectPMService(to, d.Name, p)
	}
}

// collectListed sends what the list of processes reports. For a worker that is only its mode and
// its parent, because a parallel Replicat can have dozens of workers.
func collectListed(to sink, p *ogg.Monitored, labels []string) {
	to.sample(pmProcessInfo, 1, with(labels, p.Mode, p.Parent)...)
	if p.IsWorker() {
		return
	}
	to.states(pmProcessStatus, p.Status, labels...)
	to.timestamp(pmStatusChange, p.StatusChanged, labels...)
	to.timestamp(pmLastHeartbeat, p.LastHeartbeat, labels...)
	to.number(pmHeartbeatLag, p.HeartbeatLag, labels...)
	to.number(pmHeartbeatAge, p.HeartbeatAge, labels...)
}
