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

	// Frequency is the interval of heartbeats in whole seconds; 60 s if 0.
	Frequency time.Duration

	// Heartbeats are the paths of incoming heartbeats.
	Heartbeats []Heartbeat
}

// Heartbeat is a path that heartbeats take.
type Heartbeat struct {
	// Path lists its processes: "EXTORD ==> REPORD". No heartbeat arrives while one of them that
	// belongs to this deployment is down.
	Path string

	// SourceDatabase and TargetDatabase are the names of the databases at its ends.
	SourceDatabase, TargetDatabase string

	// Lag, LagSwing and LagPeriod are as in Process, but may have fractions of seconds. Without
	// them and Age, they are those of the last process of the path if it belongs to this
	// deployment.
	Lag                 time.Duration
	LagSwing, LagPeriod time.Duration

	// Age is how old a heartbeat is when it arrives.
	Age time.Duration
}

// heartbeatTableRoutes are the Administration Service's connections and their heartbeat tables.
// Requesting a table opens a database session.
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
	{
		path: "/services/v2/connections/{connection}/tables/heartbeatData", services: []string{"adminsrvr"},
		has:       func(p *profile) bool { return p.heartbeatData },
		describes: "heartbeatData", answer: (*exchange).heartbeatData,
	},
}

// DatabaseSessions returns how many database sessions a deployment has opened since it was added:
// one for each request for a heartbeat table, even if there is none. It panics if there is no such
// deployment.
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

// heartbeatTable answers GET /services/v2/connections/{connection}/tables/heartbeat (since 19c).
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

// processHeartbeat answers GET …/tables/heartbeat/{process} (since 19c): the latest heartbeat of
// every path that includes the process.
func (x *exchange) processHeartbeat() (object, *failure) {
	c, name := x.session(), x.vars["process"]
	if c == nil || x.dep.process(name) == nil {
		return nil, notFound
	}
	return x.heartbeats(c, func(h Heartbeat) bool { return slices.Contains(h.processes(), name) }), nil
}

// heartbeatData answers GET …/tables/heartbeatData (since 21.3): the latest heartbeat of every
// path, in the form that is documented. That of its extended heartbeats is unknown, and so are the
// effects of its parameters q, limit and offset.
func (x *exchange) heartbeatData() (object, *failure) {
	c := x.session()
	if c == nil {
		return nil, notFound
	}
	return x.heartbeats(c, func(Heartbeat) bool { return true }), nil
}

// heartbeats returns those of a connection that are wanted.
func (x *exchange) heartbeats(c *Connection, wanted func(Heartbeat) bool) object {
	heartbeats := list{}
	for _, h := range c.Heartbeats {
		if !wanted(h) {
			continue
		}
		lag, last := h.latest(x.dep, x.server.created, c.frequency(), x.now)
		heartbeats = append(heartbeats, object{
			{"path", h.Path},
			{"lagSeconds", hundredths(lag)},
			{"ageSeconds", hundredths(x.now.Sub(last))},
			{"source", h.SourceDatabase},
			{"target", h.TargetDatabase},
		})
	}
	return object{{"$schema", "ogg:processHeartbeat"}, {"heartbeats", heartbeats}}
}

// session opens a database session and returns the connection; nil if it has no heartbeat table.
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

// processes returns the processes of the path.
func (h Heartbeat) processes() []string {
	stations := strings.Split(h.Path, "==>")
	for i := range stations {
		stations[i] = strings.TrimSpace(stations[i])
	}
	return stations
}

// latest returns the lag of the latest heartbeat, and when it arrived.
func (h Heartbeat) latest(d *deployment, created time.Time, every time.Duration, now time.Time) (lag time.Duration, arrived time.Time) {
	stations := h.processes()
	if pr := d.process(stations[len(stations)-1]); pr != nil && h.Lag+h.LagSwing+h.Age == 0 && !pr.run.started.IsZero() {
		lag, arrived = pr.heartbeat(every, now)
		return lag, arrived
	}
	arrived = h.last(d, created, every, now)
	after := max(0, arrived.Sub(created))
	p := Process{Lag: h.Lag, LagSwing: h.LagSwing, LagPeriod: h.LagPeriod}
	return p.lagAfter(after, after), arrived
}

// last returns when the latest heartbeat arrived that every process of the path let through.
func (h Heartbeat) last(d *deployment, created time.Time, every time.Duration, now time.Time) time.Time {
	end := now
	for _, name := range h.processes() {
		if pr := d.process(name); pr != nil && !pr.running(now) && pr.run.stopped.Before(end) {
			end = cmp.Or(pr.run.stopped, pr.run.created)
		}
	}
	return end.Add(-h.Age - max(0, end.Sub(created))%every)
}

// hundredths returns seconds with two decimals.
func hundredths(d time.Duration) float64 { return math.Round(d.Seconds()*100) / 100 }

// checkConnections checks the names of the deployment's connections.
func (d *deployment) checkConnections() error {
	for i, c := range d.spec.Connections {
		domain, alias, _ := strings.Cut(c.Name, ".")
		taken := slices.ContainsFunc(d.spec.Connections[:i], func(o Connection) bool { return o.Name == c.Name })
		if domain == "" || alias == "" || taken {
			return fmt.Errorf("connection name %q is invalid or taken", c.Name)
		}
	}
	return nil
}
