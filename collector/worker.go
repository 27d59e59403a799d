package collector

import (
	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

var (
	// replicatWorkers is among the metrics of performance: it comes from the list of processes, at no
	// request.
	replicatWorkers = gauge("ogg_replicat_workers",
		"Workers of the Replicat that run, by mode: parallelapplier and parallelmapper of a parallel one, from 23ai on, coordinated for the threads of a coordinated one (mpoints/processes: parentName, processMode, processState).",
		"process", "process_type", "mode")
	workerCPU = counter("ogg_replicat_worker_cpu_seconds_total",
		"CPU time of all workers of the Replicat in that mode since it started, in user and kernel mode, including workers that have ended, as far as they were read before. Restarts with the Replicat or the exporter. Read every minute (mpoints/{w}/processPerformance: userTimeUs, kernelTimeUs).",
		"process", "process_type", "mode")
	workerResidentMemory = gauge("ogg_replicat_worker_resident_memory_bytes",
		"Resident memory of all workers of the Replicat in that mode; memory that they share counts for each. Read every minute (mpoints/{w}/processPerformance: workingSetSize).",
		"process", "process_type", "mode")
)

var workerCollector = Collector{
	Name: "worker", Help: "CPU time and memory of the workers of Replicats, as sums", Default: false, Role: "User",
	metrics: []*metric{workerCPU, workerResidentMemory},
	collect: collectWorkers,
}

func collectWorkers(to sink, d *ogg.Deployment) {
	for _, w := range d.Workers {
		labels := []string{d.Name, w.Replicat, "replicat", w.Mode}
		to.count(workerCPU, w.CPU, wire.Timestamp{}, labels...)
		to.number(workerResidentMemory, w.ResidentMemory, labels...)
	}
}

// collectWorkerCounts sends how many workers of each Replicat run.
func collectWorkerCounts(to sink, d *ogg.Deployment) {
	for _, c := range d.WorkerCounts {
		to.sample(replicatWorkers, float64(c.Running), d.Name, c.Replicat, "replicat", c.Mode)
	}
}
