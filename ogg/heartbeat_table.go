package ogg

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// heartbeatTable keeps what was read from the heartbeat tables of a deployment. Each read of one opens
// a database session.
type heartbeatTable struct {
	reading     sync.Mutex // held by the poll that reads. Other polls use what is known.
	lists       slowFacts[tableLists]
	connections slowFacts[heartbeatsOf]      // what a table has, by connection
	replicats   slowFacts[[]*TableHeartbeat] // the heartbeats that count, by Replicat
}

// tableLists are the connections and Replicats of a deployment, sorted as they are listed, and what was
// odd in the lists.
type tableLists struct {
	connections, replicats []string
	err                    error
}

// readHeartbeatTable reads the heartbeat tables when that is due, and returns what was last
// read from them. Each interval costs, at the Administration Service,
//
//	2  requests for the lists of connections and Replicats, the latter shared with readProcesses,
//	C  for the C connections that Replicats use, each of which opens a database session,
//
// and R every 15 minutes for what the R Replicats are, shared with readDefinitions,
// and one for each Replicat that is not in the answer of its connection, which opens a database
// session, too: before 21.3 that is every Replicat. Whether such an answer has all heartbeats of
// a database is not documented.
//
// Extracts need no request, because a heartbeat reaches the table at the end of its path, where
// the Replicat is. And the Replicat's own configuration says which connection leads to its
// database, so the others get none: their logins may be out of date, and be locked by trying.
//
// A failure is reported, and its Replicat has no heartbeats, until the next read.
func readHeartbeatTable(ctx context.Context, v *visit) ([]*TableHeartbeat, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil || !v.options.HeartbeatTable.Read {
		return nil, false, nil
	}
	table := wire.Remembered[heartbeatTable](v.memory)
	table.refresh(ctx, v, admin)
	last, err := table.last()
	return last, true, err
}

// refresh reads what is due, one request after the other, unless another poll is reading. It takes at
// most half of the poll's time, and leaves the rest to the next poll, as well as what an abandoned
// poll was reading.
func (t *heartbeatTable) refresh(ctx context.Context, v *visit, admin *rest.Endpoint) {
	if !t.reading.TryLock() {
		return
	}
	defer t.reading.Unlock()
	how := slowTerms{what: "heartbeat tables", interval: v.options.HeartbeatTable.Interval, service: admin}
	failed := false
	t.lists.read(ctx, v, how, only(slowState{}), func(ctx context.Context, _ string, before tableLists) (tableLists, error) {
		lists, err := listTables(ctx, v, admin)
		if failed = err != nil; failed {
			return before, err
		}
		return lists, nil
	})
	if failed { // the next poll asks again, because that opens no session
		t.lists.facts.Renew("", v.options.Now())
	}
	lists, _, _ := t.lists.get("")
	t.connections.keep(named(lists.connections))
	t.replicats.keep(named(lists.replicats))
	how.costly = true
	t.replicats.read(ctx, v, how, named(lists.replicats), func(ctx context.Context, replicat string, _ []*TableHeartbeat) ([]*TableHeartbeat, error) {
		return t.read(ctx, v, how, replicat, lists.connections)
	})
}

// named returns the names of facts that have no state.
func named(names []string) []slowName {
	all := make([]slowName, len(names))
	for i, name := range names {
		all[i].name = name
	}
	return all
}

// listTables reads GET /connections (role User), and lists the Replicats, which opens no database
// session.
func listTables(ctx context.Context, v *visit, admin *rest.Endpoint) (tableLists, error) {
	var lists tableLists
	var err error
	lists.connections, err = listNames(ctx, admin, "/connections")
	if rest.IsNotFound(err) {
		err = nil
	}
	if err != nil && len(lists.connections) == 0 {
		return lists, err
	}
	lists.err = err
	if len(lists.connections) > 0 {
		replicats, err := listProcesses(ctx, v, admin, Replicat)
		if err != nil && len(replicats) == 0 { // the collector process reports duplicates
			return lists, err
		}
		for _, r := range replicats {
			lists.replicats = append(lists.replicats, r.Name)
		}
	}
	return lists, nil
}

// read reads the heartbeats of a Replicat: from the answer of its connection, or if that does not
// have any, with a request of its own. Without a login there are none.
func (t *heartbeatTable) read(ctx context.Context, v *visit, how slowTerms, replicat string, connections []string) ([]*TableHeartbeat, error) {
	connection, err := loginOf(ctx, v, how.service, replicat, connections)
	if connection == "" {
		return nil, err
	}
	how.needed = true
	t.connections.read(ctx, v, how, named([]string{connection}), func(ctx context.Context, connection string, _ heartbeatsOf) (heartbeatsOf, error) {
		return readHeartbeatsOf(ctx, how.service, connection)
	})
	all, _, err := t.connections.get(connection)
	found := all[replicat]
	if err == nil && found == nil {
		found, err = readHeartbeatsFor(ctx, how.service, connection, replicat)
	}
	if err != nil {
		renewDefinition(v, replicat) // its login may have changed
	}
	return found, err
}

// loginOf returns which of the connections leads to the database that the Replicat logs in to: each
// alias in the credential store has one. It is empty if the Replicat has no such login.
func loginOf(ctx context.Context, v *visit, admin *rest.Endpoint, replicat string, connections []string) (string, error) {
	definition, err := definitionNow(ctx, v, admin, replicat)(replicat)
	if definition == nil {
		return "", err
	}
	i := slices.IndexFunc(connections, func(c string) bool { return strings.EqualFold(c, definition.connection) })
	if i < 0 {
		return "", err
	}
	return connections[i], nil
}

// last returns what was last read for each Replicat, sorted by name, and the failures.
func (t *heartbeatTable) last() ([]*TableHeartbeat, error) {
	lists, _, listErr := t.lists.get("")
	var all []*TableHeartbeat
	var errs []error
	for _, replicat := range slices.Sorted(slices.Values(lists.replicats)) {
		found, _, err := t.replicats.get(replicat)
		all, errs = append(all, found...), append(errs, err)
	}
	return all, wire.Join(listErr, lists.err, wire.Summarize(errs, "heartbeat tables"))
}
