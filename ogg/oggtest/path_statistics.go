package oggtest

import (
	"path"
	"time"
)

// pathStatisticsRoutes are the counters of paths, of which each service has its own.
var pathStatisticsRoutes = []route{
	{
		path: "/services/v2/sources/{path}/stats", services: []string{"distsrvr"},
		describes: "distPathStats", answer: (*exchange).distPathStats,
	},
	{
		path: "/services/v2/targets/{path}/stats", services: []string{"recvsrvr"},
		describes: "targetPathStats", answer: (*exchange).targetPathStats,
	},
	{
		path: "/services/v2/targets/{path}/progress", services: []string{"recvsrvr"},
		describes: "targetPathProgress", answer: (*exchange).targetPathProgress,
	},
}

// counted returns the counters of the requested path, as Performance Metrics has them too; nil if
// there is no such path.
func (x *exchange) counted(t pathType) *monitoredPath {
	dp := x.dep.path(t, x.vars["path"])
	if dp == nil {
		return nil
	}
	p := x.monitoredService(x.svc).ofPath(dp)
	return &p
}

// distPathStats answers GET /services/v2/sources/{distpath}/stats: operations, the connection, and
// the operations per table, which make it large.
func (x *exchange) distPathStats() (object, *failure) {
	p := x.counted(distribution)
	if p == nil {
		return nil, notFound
	}
	n, tables := p.operations(), list{}
	for i := range p.tables() {
		tables = append(tables, p.dailyTable(i, p.ofTable(i, n)))
	}
	sent := p.bytes()
	return join(
		object{{"$schema", "ogg:distPathStats"}},
		p.sent(n),
		object{
			{"procedure", number(n / 15_000)},
			{"unsupported", number(n / 90_000)},
			{"other", number(n / 900)},
			{"netStats", object{
				{"sendWaitTime", number(sent / 250)},
				{"recvWaitTime", p.each(time.Second) * 850_000},
				{"totalBytesSent", number(sent)},
				{"totalMsgsSent", number(sent / 16_000)},
				{"localAddress", object{{"host", "127.0.0.1"}, {"port", number(40_000 + p.spread(20_000))}}},
				{"remoteAddress", object{{"host", "target.example"}, {"port", number(9014)}}},
			}},
			{"tableStatsDaily", tables},
		},
	), nil
}

// sent returns the numbers of records, of which ddl has become ddlReceived and ddlSent in 21.3.
func (p *monitoredPath) sent(n int64) object {
	newer, ddl := p.server.profile.points.pathStatus, number(n/40_000)
	return join(
		object{
			{"lcrReceived", number(n)},
			{"lcrSent", number(n - n/200)},
			{"inserts", number(n * 55 / 100)},
			{"updates", number(n * 35 / 100)},
			{"deletes", number(n * 10 / 100)},
		},
		when(newer, member{"upserts", number(n / 400)}, member{"ddlReceived", ddl}, member{"ddlSent", ddl}),
		when(!newer, member{"ddl", ddl}),
	)
}

// dailyTable returns the operations of a table.
func (p *monitoredPath) dailyTable(i int, n int64) object {
	return join(
		object{
			{"$schema", "ogg:distPathTableStats"},
			{"tableName", tableName("SALES", i)},
			{"lcrReceived", number(n)},
			{"lcrSent", number(n - n/200)},
			{"inserts", number(n * 55 / 100)},
			{"updates", number(n * 35 / 100)},
			{"deletes", number(n * 10 / 100)},
		},
		when(p.server.profile.points.pathStatus, member{"upserts", number(n / 400)}, member{"truncates", number(n / 60_000)}),
	)
}

// targetPathStats answers GET /services/v2/targets/{path}/stats: what is documented of it. The
// members of fileIoStats are not.
func (x *exchange) targetPathStats() (object, *failure) {
	p := x.counted(receiver)
	if p == nil {
		return nil, notFound
	}
	bytes := p.bytes()
	return object{
		{"$schema", "ogg:targetPathStats"},
		{"netStats", object{
			{"totalMsgsReceived", number(bytes / 16_000)},
			{"totalMsgsSent", number(bytes / 48_000)},
			{"remoteAddress", object{{"host", "source.example"}, {"port", number(40_000 + p.spread(20_000))}}},
		}},
		{"fileIoStats", object{}},
	}, nil
}

// targetPathProgress answers GET /services/v2/targets/{path}/progress: how far the path has come in
// its trail. The types of the members are not documented.
func (x *exchange) targetPathProgress() (object, *failure) {
	p := x.counted(receiver)
	if p == nil {
		return nil, notFound
	}
	trails := list{}
	if p.live {
		at := p.progress()
		trails = append(trails, join(
			object{{"name", path.Base(p.path.output(x.dep, x.server.profile))}},
			when(p.path.spec.Extract != "", member{"extract", p.path.spec.Extract}),
			object{{"source", "ORCLPDB1"}, {"bsn", number(at.scn)}, {"pos", number(at.offset)}, {"xid", "1.2.3"}},
		))
	}
	return object{{"$schema", "ogg:targetPathProgress"}, {"trails", trails}}, nil
}
