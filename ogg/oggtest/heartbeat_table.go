package oggtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Connection is a database connection of an Administration Service.
type Connection struct {
	// Name is domain.alias.
	Name string

	// NoTable says that the database has no heartbeat table.
	NoTable bool

	// Frequency is how often the table gets a heartbeat: whole seconds, 60 when 0.
	Frequency time.Duration

	// Heartbeats are the paths by which heartbeats come into the database.
	Heartbeats []Heartbeat
}

// Heartbeat is one way that heartbeats take.
type Heartbeat struct {
	// Path is the way as text: "EXTORD ==> REPORD". Nothing comes any more while a process
	// of it that is of the same deployment is down.
	Path string

	// SourceDatabase and TargetDatabase are the names of the databases at its ends.
	SourceDatabase, TargetDatabase string

	// Lag, LagSwing and LagPeriod are those of Process, in fractions of seconds too.
	Lag                 time.Duration
	LagSwing, LagPeriod time.Duration

	// Age is how old a heartbeat already is when it comes.
	Age time.Duration
}

// heartbeatTableRoutes are the Administration Service's connections and their heartbeat
// tables. To ask for a table opens a database session.
var heartbeatTableRoutes = []route{
	{
		path: "/services/v2/connections", services: []string{"adminsrvr"},
		describes: "connections", answer: (*exchange).connections,
	},
	{
		path: "/services/v2/connections/{connection}/tables/heartbeat", services: []string{"adminsrvr"},
		has:       func(p *profile) bool { return p.heartbeatTables },
		describes: "tablesHeartbeat", answer: (*exchange).heartbeatTable,
	},
	{
		path: "/services/v2/connections/{connection}/tables/heartbeat/{process}", services: []string{"adminsrvr"},
		has:       func(p *profile) bool { return p.heartbeatTables },
		describes: "processHeartbeat", answer: (*exchange).processHeartbeat,
	},
}

// DatabaseSessions returns how many database sessions a deployment had to open since it was
// added: one for each request for a heartbeat table, also one that it then does not find.
// It panics when there is no such deployment.
func (s *Server) DatabaseSessions(deployment string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return int(s.mustDeployment(deployment).sessions.Load())
}

// connections answers GET /services/v2/connections. It opens no database session.
func (x *exchange) connections() (object, *failure) {
	items := list{}
	for _, c := range x.dep.spec.Connections {
		items = append(items, x.item(c.Name))
	}
	return collection(items), nil
}

// heartbeatTable answers GET /services/v2/connections/{connection}/tables/heartbeat (19c on).
func (x *exchange) heartbeatTable() (object, *failure) {
	c := x.session()
	if c == nil {
		return nil, notFound
	}
	return join(
		object{
			{"$schema", "ogg:tablesHeartbeat"},
			{"frequency", number(c.frequency() / time.Second)},
			{"retentionTime", number(30)},
			{"purgeFrequency", number(1)},
			{"partitioned", false},
			{"targetOnly", false},
		},
		when(x.server.profile.heartbeatUpgrades,
			member{"dbUniqueName", false},
			member{"trackingExtractRestart", true},
			member{"upgrade", false},
		),
	), nil
}

// processHeartbeat answers GET …/tables/heartbeat/{process} (19c on): the newest heartbeat of
// every path with that process.
func (x *exchange) processHeartbeat() (object, *failure) {
	c, name := x.session(), x.vars["process"]
	if c == nil || x.dep.process(name) == nil {
		return nil, notFound
	}
	heartbeats := list{}
	for _, h := range c.Heartbeats {
		if !slices.Contains(h.processes(), name) {
			continue
		}
		last := h.last(x.dep, x.server.created, c.frequency(), x.now)
		after := max(0, last.Sub(x.server.created))
		p := Process{Lag: h.Lag, LagSwing: h.LagSwing, LagPeriod: h.LagPeriod}
		heartbeats = append(heartbeats, object{
			{"path", h.Path},
			{"lagSeconds", hundredths(p.lagAfter(after, after))},
			{"ageSeconds", hundredths(x.now.Sub(last))},
			{"sourceDatabaseName", h.SourceDatabase},
			{"targetDatabaseName", h.TargetDatabase},
		})
	}
	return object{{"$schema", "ogg:processHeartbeat"}, {"heartbeats", heartbeats}}, nil
}

// session opens a database session and finds the heartbeat table, nil if there is none.
func (x *exchange) session() *Connection {
	all := x.dep.spec.Connections
	i := slices.IndexFunc(all, func(c Connection) bool { return c.Name == x.vars["connection"] })
	if i < 0 {
		return nil
	}
	x.dep.sessions.Add(1)
	if all[i].NoTable {
		return nil
	}
	return &all[i]
}

func (c *Connection) frequency() time.Duration { return cmp.Or(c.Frequency, time.Minute) }

// processes are the stations of the path.
func (h Heartbeat) processes() []string {
	stations := strings.Split(h.Path, "==>")
	for i := range stations {
		stations[i] = strings.TrimSpace(stations[i])
	}
	return stations
}

// last is when the newest heartbeat came that every process of the path let through.
func (h Heartbeat) last(d *deployment, created time.Time, every time.Duration, now time.Time) time.Time {
	end := now
	for _, name := range h.processes() {
		if pr := d.process(name); pr != nil && !pr.running() && pr.run.stopped.Before(end) {
			end = cmp.Or(pr.run.stopped, pr.run.created)
		}
	}
	return end.Add(-h.Age - max(0, end.Sub(created))%every)
}

// hundredths are seconds with two decimals.
func hundredths(d time.Duration) float64 { return math.Round(d.Seconds()*100) / 100 }

// checkConnections looks at the names of the deployment's connections.
func (d *deployment) checkConnections() error {
	for i, c := range d.spec.Connections {
		domain, alias, _ := strings.Cut(c.Name, ".")
		taken := slices.ContainsFunc(d.spec.Connections[:i], func(o Connection) bool { return o.Name == c.Name })
		if domain == "" || alias == "" || taken {
			return fmt.Errorf("connection name %q is not of its form, or taken", c.Name)
		}
	}
	return nil
}
