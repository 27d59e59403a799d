package ogg

import (
	"context"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Monitoring is what the Performance Metrics Service of a deployment reports.
type Monitoring struct {
	// MonitoringUp is whether the service answered; nil if the deployment has none.
	MonitoringUp *bool
	// Monitored are the processes that it lists.
	Monitored []*Monitored
	// WorkerCounts are the workers among them that run.
	WorkerCounts []*WorkerCount
}

// monitoringPoint is one point of the Performance Metrics Service: its name, which processes
// may have it, and how to read it into their Monitored.
type monitoringPoint struct {
	name string
	asks func(*Monitored) bool
	read func(context.Context, *monitor, *Monitored) error
}

// monitoringPoints are the points that the collector performance reads: GET
// /mpoints/{process}/{name} (role User).
var monitoringPoints = []monitoringPoint{
	at("processPerformance", isAny, func(p *Monitored, r *processPerformance) { p.Usage = r.usage() }),
	at("statisticsExtract", isExtract, func(p *Monitored, s *Statistics) { p.Statistics = s }),
	at("statisticsReplicat", isReplicat, func(p *Monitored, s *Statistics) { p.Statistics = s }),
	at("positionEr", (*Monitored).replicates, func(p *Monitored, r *positionEr) { p.Position = r.position() }),
	at("trailInput", readsTrails, func(p *Monitored, r *trailIOs) { p.Trails = r.appendTo(p.Trails, false) }),
	at("trailOutput", isExtract, func(p *Monitored, r *trailIOs) { p.Trails = r.appendTo(p.Trails, true) }),
	at("cacheStatistics", (*Monitored).replicates, func(p *Monitored, s *CacheStatistics) { p.Cache = s }),
	at("parallelReplicat", mayBeParallel, func(p *Monitored, r *ParallelReplicat) { p.Parallel = r }),
	at("coordinationReplicat", mayBeCoordinated, func(p *Monitored, r *Coordination) { p.Coordination = r }),
	atOr("currentInflightTransactions", isExtract, noOpenTransactions, &inflightTransactions{Transactions: []*inflightTransaction{}}, func(p *Monitored, r *inflightTransactions) { p.Transactions = r.open() }),
	at("serviceHealth", isService, func(p *Monitored, h *ServiceHealth) { p.Health = h }),
	at("pmsrvrStats", isPerformanceMetrics, func(p *Monitored, c *Collecting) { p.Collecting = c }),
}

// at returns the point of that name, whose response set stores in the process.
func at[T any](name string, asks func(*Monitored) bool, set func(*Monitored, *T)) monitoringPoint {
	return atOr(name, asks, "", nil, set)
}

// atOr is at for a point that reports "nothing" by a message with that code, which stands for the
// response none.
func atOr[T any](name string, asks func(*Monitored) bool, code string, none *T, set func(*Monitored, *T)) monitoringPoint {
	return monitoringPoint{name, asks, func(ctx context.Context, pm *monitor, p *Monitored) error {
		response, err := pointOr(ctx, pm, p, name, code, none)
		if response != nil {
			set(p, response)
		}
		return err
	}}
}

// PerformancePoints names the points that the collector performance reads.
func PerformancePoints() []string {
	names := make([]string, len(monitoringPoints))
	for i, p := range monitoringPoints {
		names[i] = p.name
	}
	return names
}

// readPerformance reads the list of the Performance Metrics Service, and the points of each
// running process: 1 request, 6 for each Extract, 5 to 6 for each Replicat, and 1 to 3 for
// each service.
func readPerformance(ctx context.Context, v *visit) (Monitoring, bool, error) {
	pm, listErr := monitorOf(ctx, v)
	if pm == nil {
		return Monitoring{MonitoringUp: v.knownDown("pmsrvr")}, false, nil
	}
	up := pm.processes != nil
	questions := questionsFor(v, pm.processes)
	errs := make([]error, len(questions))
	pm.OnEach(errs, func(i int) error { return questions[i].read(ctx, pm, questions[i].of) })
	return Monitoring{&up, pm.processes, countWorkers(pm.processes)}, true, wire.Join(listErr, wire.Summarize(errs, "points"))
}

// question is a point to request for a process.
type question struct {
	monitoringPoint
	of *Monitored
}

// questionsFor returns the points to request. Of several services of a kind only the first that
// runs counts: another one would result in the same series.
func questionsFor(v *visit, processes []*Monitored) []question {
	var questions []question
	asked := map[string]bool{}
	for _, p := range processes {
		if !p.runs() || p.IsWorker() {
			continue
		}
		if service := p.Microservice(); service != "" {
			if asked[service] {
				continue
			}
			asked[service] = true
		}
		for _, point := range monitoringPoints {
			if point.asks(p) && v.options.Performance.wants(p.Name, point.name) && !v.leftOut.has(point.name) {
				questions = append(questions, question{point, p})
			}
		}
	}
	return questions
}
