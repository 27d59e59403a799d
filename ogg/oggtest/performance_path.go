package oggtest

import (
	"fmt"
	"path"
	"slices"
	"time"
)

// pathPoints are the points of the Distribution and Receiver Services. Each lists all paths.
var pathPoints = []point{
	{name: "distsrvrPathStats", of: (*monitored).distributes, tell: (*monitored).distsrvrPathStats},
	{name: "distsrvrNetworkStats", of: (*monitored).distributes, tell: (*monitored).distsrvrNetworkStats},
	{name: "distsrvrTableStats", of: (*monitored).distributes, tell: (*monitored).distsrvrTableStats},
	{
		name: "recvsrvrStats", tell: (*monitored).recvsrvrStats,
		of: func(m *monitored) bool { return m.kind == "RecvServer" },
	},
}

func (m *monitored) distributes() bool { return m.kind == "DistServer" }

// monitoredPath is a path as its service reports it. Its counters start with the path or the
// service, whichever started later.
type monitoredPath struct {
	*monitored
	path *distPath
	live bool // it has run at least once
}

// pathsOf returns the paths of a service, in the order of the deployment.
func (m *monitored) pathsOf(t pathType) []monitoredPath {
	all := make([]monitoredPath, 0, len(m.dep.paths[t]))
	for _, dp := range m.dep.paths[t] {
		all = append(all, m.ofPath(dp))
	}
	return all
}

func (m *monitored) ofPath(dp *distPath) monitoredPath {
	work := dp.work
	if e := m.dep.process(dp.spec.Extract); e != nil && m.distributes() {
		work.spec.Tables, work.spec.Heartbeat = e.spec.Tables, e.spec.Heartbeat
	}
	v := &monitored{exchange: m.exchange, process: &work, name: dp.spec.Name, seed: dp.seed, heard: m.heard}
	live := !work.run.started.IsZero()
	if !live {
		v.started = m.heard // so that all counters are 0
		return monitoredPath{v, dp, live}
	}
	v.started = work.run.started
	if m.started.After(v.started) {
		v.started = m.started
	}
	if stopped := work.run.stopped; !stopped.IsZero() && stopped.Before(v.heard) {
		v.heard = stopped
	}
	v.heard = v.started.Add(max(0, v.heard.Sub(v.started)).Truncate(time.Second))
	v.worked = v.alive()
	return monitoredPath{v, dp, live}
}

// distributed returns the data streams, in releases that list them, and the paths of the
// Distribution Service.
func (m *monitored) distributed() []monitoredPath {
	if !m.server.profile.points.pathStreaming {
		return m.pathsOf(distribution)
	}
	return append(m.pathsOf(dataStream), m.pathsOf(distribution)...)
}

// statistics returns a point of the Distribution Service; all have this form.
func (m *monitored) statistics(paths []monitoredPath, each func(monitoredPath) []object) (object, *failure) {
	all := list{}
	for _, p := range paths {
		for _, o := range each(p) {
			all = append(all, o)
		}
	}
	if len(all) == 0 && m.server.spec.NoData != NoDataEmpty {
		return nil, noData
	}
	return object{{"statistics", all}}, nil
}

// distsrvrPathStats has the operations of paths and, since 21.3, their status and lag in seconds.
func (m *monitored) distsrvrPathStats() (object, *failure) {
	release := m.server.profile
	return m.statistics(m.distributed(), func(p monitoredPath) []object {
		var started any
		if p.live {
			started = p.process.run.started
		}
		return []object{join(
			object{{"name", p.name}},
			p.lcrs(p.operations()),
			when(release.points.pathStatus, member{"status", p.path.status(release)}),
			when(release.points.pathStatus && !p.path.spec.UnknownLag, member{"lag", number(p.progress().lag / time.Second)}),
			when(release.points.pathStatus && p.path.is == distribution, member{"targetInitiated", p.path.spec.TargetInitiated}),
			when(release.points.pathStreaming, member{"lastStarted", started}, member{"dataStreaming", p.path.is == dataStream}),
		)}
	})
}

// lcrs breaks down what a path has read. It sends all but one in 200.
func (p monitoredPath) lcrs(n int64) object {
	return join(
		object{
			{"lcrsReceived", number(n)},
			{"lcrsSent", number(n - n/200)},
			{"totalInserts", number(n * 55 / 100)},
			{"totalUpdates", number(n * 35 / 100)},
			{"totalDeletes", number(n * 10 / 100)},
		},
		when(p.server.profile.points.upserts,
			member{"totalUpserts", number(n / 400)},
			member{"totalUnsupported", number(n / 90_000)},
		),
		object{
			{"totalDDLs", number(n / 40_000)},
			{"totalProcedures", number(n / 15_000)},
			{"totalOthers", number(n / 900)},
		},
	)
}

// distsrvrNetworkStats has the traffic of the paths' connections. Waits are in microseconds.
func (m *monitored) distsrvrNetworkStats() (object, *failure) {
	return m.statistics(m.distributed(), func(p monitoredPath) []object {
		sent := p.bytes()
		return []object{join(
			object{
				{"name", p.name},
				{"totalBytesSent", number(sent)},
				{"totalBytesReceived", number(sent / 90)},
				{"totalMessagesSent", number(sent / 16_000)},
				{"totalMessagesReceived", number(sent / 48_000)},
				{"sendWaitTime", number(sent / 250)},
				{"receiveWaitTime", p.each(time.Second) * 850_000},
			},
			when(p.server.profile.points.pathStreaming, member{"dataStreaming", p.path.is == dataStream}),
		)}
	})
}

// distsrvrTableStats has the paths' operations per table.
func (m *monitored) distsrvrTableStats() (object, *failure) {
	return m.statistics(m.pathsOf(distribution), func(p monitoredPath) []object {
		tables, n := make([]object, p.tables()), p.operations()
		for i := range tables {
			tables[i] = join(object{{"name", p.name}, {"tableName", tableName("SALES", i)}}, p.lcrs(p.ofTable(i, n)))
		}
		return tables
	})
}

// recvsrvrStats has what the paths have received and written. Since 23ai it names the path, in a
// member that is a guess; before, only addresses and files distinguish paths.
func (m *monitored) recvsrvrStats() (object, *failure) {
	all := list{}
	for _, p := range m.pathsOf(receiver) {
		if p.live {
			all = append(all, m.received(p))
		}
	}
	if len(all) == 0 && m.server.spec.NoData != NoDataEmpty {
		return nil, noData
	}
	return object{{"recvsrvrStats", all}}, nil
}

func (m *monitored) received(p monitoredPath) object {
	asked := *m.exchange
	asked.svc, asked.prefix = m.service, "/services"
	if m.server.front != nil {
		asked.prefix = prefix(m.dep, m.service)
	}
	source, target := asked.pathURIs(p.path)
	bytes, at := p.bytes(), p.progress()
	file := func(trail string, in files) string {
		sequence, _ := in.position(at.bytes)
		return fmt.Sprintf("%s%09d", path.Base(trail), sequence)
	}
	var data any
	if bytes > 0 {
		data = at.source.Add(at.lag)
	}
	release := m.server.profile
	return join(
		when(release.points.trailArrays, member{"pathName", p.name}),
		object{
			{"localUri", target},
			{"remoteUri", source},
			{"lastCommandReceived", "PUT"},
			{"lastCommandTimestamp", p.heard},
			{"lastDataTimestamp", data},
			{"lastFileReceived", file(p.path.input(m.dep, release), p.path.origin())},
			{"targetFileName", file(p.path.output(m.dep, release), p.path.target())},
			{"flushSizeThreshold", number(27_985)},
			{"flushTimeThreshold", number(1)},
			{"messageBufferSize", number(27_985)},
			{"sendBufferSize", number(65_536)},
			{"receiveBufferSize", number(65_536)},
			{"totalMessagesSent", number(bytes / 48_000)},
			{"totalMessagesReceived", number(bytes / 16_000)},
			{"totalSends", number(bytes / 40_000)},
			{"totalReceives", number(bytes / 12_000)},
			{"totalBytesSent", number(bytes / 90)},
			{"totalBytesReceived", number(bytes)},
			{"totalBytesWritten", number(bytes)},
			{"totalCommands", p.each(10 * time.Second)},
			{"totalSendWaitTime", number(bytes / 900)},
			{"totalReceiveWaitTime", p.each(time.Second) * 910_000},
		},
	)
}

// trailsSent returns the trails that the Distribution Service reads, each as its first reader sees
// it.
func (m *monitored) trailsSent() list {
	trails, seen := list{}, []string{}
	for _, p := range m.pathsOf(distribution) {
		name, directory := p.place()
		if !p.live || slices.Contains(seen, path.Join(directory, name)) {
			continue
		}
		seen = append(seen, path.Join(directory, name))
		trails = append(trails, trailRead(name, directory, p.progress(), p.bytes(), p.timesAtEOF()))
	}
	return trails
}

// pathHeartbeats returns the heartbeats of distribution paths whose Extract has any.
func (m *monitored) pathHeartbeats() list {
	all := list{}
	for _, p := range m.pathsOf(distribution) {
		if lag, age, flows := p.heartbeat(); flows && p.live {
			all = append(all, beat(p.name, lag, age))
		}
	}
	return all
}
