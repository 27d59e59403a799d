package status

import (
	"cmp"
	"slices"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/pipeline"
)

// New returns how everything does by the latest polls of all Service Managers, and by the graph of their
// pipelines, which may be nil. At is now, and version that of the exporter.
func New(sources []Source, graph *pipeline.Graph, at time.Time, version string) *Status {
	s := &Status{At: at.UTC().Truncate(time.Second), Version: version, Rows: []Row{}, ServiceManagers: []ServiceManager{}}
	for i := range sources {
		s.ServiceManagers = append(s.ServiceManagers, serviceManager(&sources[i]))
		s.Rows = append(s.Rows, rowsOf(&sources[i], at)...)
	}
	s.Pipelines = find(s.Rows).pipelines(graph)
	s.sort()
	s.count()
	return s
}

// rowsOf returns the rows of a Service Manager.
func rowsOf(source *Source, at time.Time) []Row {
	if source.Latest == nil {
		return nil
	}
	unhealthy := unhealthyIn(source.Latest)
	var rows []Row
	for _, d := range source.Latest.Deployments {
		rows = append(rows, rowsIn(newPlace(source, d, unhealthy))...)
	}
	for _, r := range source.Latest.Requirements {
		if r.Missing {
			rows = append(rows, missingRow(source, r))
		}
	}
	for i := range rows {
		if r := &rows[i]; source.isStale(r.ReadAt) {
			r.State, r.Why = Unknown, "was last read "+Duration(at.Sub(r.ReadAt).Seconds())+" ago"
		}
		rows[i].ReadAt = rows[i].ReadAt.UTC().Truncate(time.Second)
	}
	return rows
}

// rowsIn returns the rows of a deployment and of what is in it.
func rowsIn(p *place) []Row {
	d := p.deployment
	rows := []Row{p.deploymentRow()}
	for _, s := range d.Services {
		rows = append(rows, p.serviceRow(s))
	}
	for _, of := range d.Processes {
		rows = append(rows, p.processRow(of).keptSince(d.Kept.Processes))
	}
	for _, of := range d.DistributionPaths {
		rows = append(rows, p.pathRow("distribution_path", "distPath", &of.Path).keptSince(d.Kept.DistributionPaths))
	}
	for _, of := range d.ReceiverPaths {
		rows = append(rows, p.pathRow("receiver_path", "recvPath", &of.Path).keptSince(d.Kept.ReceiverPaths))
	}
	for _, of := range d.DataStreams {
		rows = append(rows, p.dataStreamRow(of).keptSince(d.Kept.DataStreams))
	}
	return rows
}

// programs are in the order in which rows of the same state in a deployment are listed; services, of which
// there may be others, come second.
var programs = map[string]int{
	"deployment": -1, string(ogg.Extract): 1, string(ogg.Replicat): 2, "process": 3,
	"distribution_path": 4, "receiver_path": 5, "path": 6, dataStream: 7,
}

// sort sorts everything: problems first, then by name.
func (s *Status) sort() {
	slices.SortStableFunc(s.Rows, func(a, b Row) int {
		return cmp.Or(
			rank(a.State)-rank(b.State), cmp.Compare(a.ServiceManager, b.ServiceManager), cmp.Compare(a.Deployment, b.Deployment),
			programs[a.Program]-programs[b.Program], cmp.Compare(a.Name, b.Name),
		)
	})
	slices.SortStableFunc(s.Pipelines, func(a, b Pipeline) int {
		return cmp.Or(rank(a.State)-rank(b.State), cmp.Compare(a.Pipeline, b.Pipeline))
	})
	slices.SortStableFunc(s.ServiceManagers, func(a, b ServiceManager) int {
		return cmp.Or(rank(a.State)-rank(b.State), cmp.Compare(a.Name, b.Name))
	})
}

// count counts the rows by state.
func (s *Status) count() {
	of := map[State]int{}
	for _, r := range s.Rows {
		of[r.State]++
	}
	s.Summary = Summary{Problems: of[Problem], Warnings: of[Warning], Unknown: of[Unknown], OK: of[OK], Off: of[Off]}
}
