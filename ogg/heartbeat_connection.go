package ogg

import (
	"context"
	"net/http"
	"strings"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// TableHeartbeat is the latest heartbeat of a path in the heartbeat table of the target
// database. It may be as old as the interval at which the tables are read.
type TableHeartbeat struct {
	// Process is the Replicat at the end of the path.
	Process string
	// Path names the processes of the path: "EXT2 ==> REP1".
	Path string
	// Lag is the lag of the heartbeat, and Age the time since, in seconds, possibly
	// fractional, both as of Read.
	Lag, Age wire.Number
	// Read is when the table was read.
	Read wire.Timestamp
}

// listedHeartbeat is an entry of an ogg:processHeartbeat.
type listedHeartbeat struct {
	Path string      `json:"path"`
	Lag  wire.Number `json:"lagSeconds"`
	Age  wire.Number `json:"ageSeconds"`
}

// heartbeatsOf are those in the heartbeat table of a connection, by the Replicat at the end of
// their path.
type heartbeatsOf map[string][]*TableHeartbeat

// readHeartbeatsOf reads GET /connections/{c}/tables/heartbeatData (21.3 and later; role User),
// which opens a database session. There are no heartbeats in it if the release or the database
// has no such table, or if the answer has a form that is not documented: that of its extended
// heartbeats is not.
func readHeartbeatsOf(ctx context.Context, admin *rest.Endpoint, connection string) (heartbeatsOf, error) {
	lacking, route := wire.Remembered[wire.Lacking](admin.Memory()), tablesOf(connection)+"/heartbeatData"
	if lacking.Has(route, admin.Now()) {
		return nil, nil
	}
	response, err := rest.GetWhole[struct{ Heartbeats []listedHeartbeat }](ctx, admin, route)
	switch {
	case rest.HasStatus(err, http.StatusNotFound, http.StatusBadRequest, http.StatusMethodNotAllowed):
		lacking.NoteYet(route, admin.Now())
		return nil, nil
	case rest.IsOdd(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	lacking.Found(route)
	byEnd := map[string][]listedHeartbeat{}
	for _, h := range response.Heartbeats {
		byEnd[h.end()] = append(byEnd[h.end()], h)
	}
	found := heartbeatsOf{}
	for replicat, heartbeats := range byEnd {
		found[replicat], _ = latestHeartbeats(admin, replicat, heartbeats) // without a path, they are of no Replicat
	}
	return found, nil
}

// readHeartbeatsFor reads GET /connections/{c}/tables/heartbeat/{process} (19c and later; role
// User) for a Replicat, which opens a database session. Without a heartbeat table there are no
// heartbeats. It does not remember a 404: a table may be added at any time.
func readHeartbeatsFor(ctx context.Context, admin *rest.Endpoint, connection, replicat string) ([]*TableHeartbeat, error) {
	route := tablesOf(connection) + "/heartbeat/" + rest.Segment(replicat)
	response, err := rest.Get[struct{ Heartbeats []listedHeartbeat }](ctx, admin, route)
	if rest.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	heartbeats, err := listed(admin, route, "heartbeats", response.Heartbeats)
	if err != nil {
		return nil, err
	}
	return latestHeartbeats(admin, replicat, heartbeats)
}

// tablesOf returns the route of the tables of a connection.
func tablesOf(connection string) string {
	return "/connections/" + rest.Segment(connection) + "/tables"
}

// end returns the process at the end of the path.
func (h listedHeartbeat) end() string {
	return strings.Trim(h.Path[strings.LastIndex(h.Path, ">")+1:], " ()")
}

// latestHeartbeats returns the youngest heartbeat of each path, in the order of the list, and fails
// if others have no path.
func latestHeartbeats(admin *rest.Endpoint, replicat string, heartbeats []listedHeartbeat) ([]*TableHeartbeat, error) {
	read := wire.TimestampOf(admin.Now())
	var found []*TableHeartbeat
	lost, byPath := 0, map[string]*TableHeartbeat{}
	for _, h := range heartbeats {
		one := &TableHeartbeat{Process: replicat, Path: h.Path, Lag: h.Lag, Age: h.Age, Read: read}
		switch before := byPath[h.Path]; {
		case h.Path == "":
			lost++
		case before == nil:
			byPath[h.Path], found = one, append(found, one)
		case younger(one.Age, before.Age):
			*before = *one
		}
	}
	return found, unnamed(lost)
}

// younger reports whether an age is less than another one, which may be unknown.
func younger(age, than wire.Number) bool {
	a, known := age.Value()
	b, otherKnown := than.Value()
	return known && (!otherKnown || a < b)
}
