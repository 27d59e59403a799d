package ogg

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// heartbeatTable is what was last read from the heartbeat tables of a deployment.
type heartbeatTable struct {
	// reading is held by the poll that reads, and guards the following. Other polls use what
	// is known.
	reading sync.Mutex
	next    time.Time // when the next round may begin
	round   tableRound
	logins  map[string]tableLogin // by Replicat

	mu      sync.Mutex
	listErr error                // of the lists with which the round began
	known   map[string]tableRead // by Replicat
}

// tableRound is one pass over the Replicats of a deployment.
type tableRound struct {
	connections []string
	replicats   []string                // that remain to be read
	read        map[string]heartbeatsOf // by connection
}

// tableLogin is the connection to the database that a Replicat logs in to, and until when that
// need not be read again.
type tableLogin struct {
	connection string
	until      time.Time
}

// loginsEvery is the time between two reads of the login of a Replicat.
const loginsEvery = time.Hour

// tableRead is the result of the read for one Replicat.
type tableRead struct {
	heartbeats []*TableHeartbeat
	err        error
}

// readHeartbeatTable reads the heartbeat tables when that is due, and returns what was last
// read from them. Each interval costs, at the Administration Service,
//
//	2  requests for the lists of connections and Replicats,
//	C  for the C connections that Replicats use, each of which opens a database session,
//	R  each hour for the logins of R Replicats,
//
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
	refreshErr := table.refresh(ctx, v, admin)
	last, readErr := table.last()
	return last, true, wire.Join(refreshErr, readErr)
}

// refresh reads the tables, one request after the other, if that is due, the poll is not hurried,
// and no other poll is reading them. It takes at most half of the poll's time, and leaves the rest
// to the next poll, as well as what an abandoned poll was reading.
func (t *heartbeatTable) refresh(ctx context.Context, v *visit, admin *rest.Endpoint) error {
	if v.hurried || !t.reading.TryLock() {
		return nil
	}
	defer t.reading.Unlock()
	if len(t.round.replicats) == 0 {
		if v.options.Now().Before(t.next) {
			return nil
		}
		if err := t.begin(ctx, v, admin); err != nil {
			return err
		}
	}
	end, _ := ctx.Deadline() // every poll has one
	enough := time.Now().Add(time.Until(end) / 2)
	for len(t.round.replicats) > 0 && time.Now().Before(enough) {
		name := t.round.replicats[0]
		found, err := t.read(ctx, admin, name)
		if errors.Is(context.Cause(ctx), context.Canceled) {
			return nil
		}
		t.round.replicats = t.round.replicats[1:]
		t.keep(name, tableRead{found, err})
	}
	if len(t.round.replicats) == 0 {
		t.next = v.options.Now().Add(v.options.HeartbeatTable.Interval)
	}
	return nil
}

// begin lists what to read with GET /connections (role User) and GET /replicats, which open no
// database session, and forgets the Replicats that are gone.
func (t *heartbeatTable) begin(ctx context.Context, v *visit, admin *rest.Endpoint) error {
	round := tableRound{read: map[string]heartbeatsOf{}}
	within, odd := rest.WithOddities(ctx)
	connections, listErr := listNames(within, admin, "/connections")
	if rest.IsNotFound(listErr) {
		listErr = nil
	}
	if listErr != nil && len(connections) == 0 {
		return listErr
	}
	if round.connections = connections; len(connections) > 0 {
		replicats, err := listProcesses(within, v, admin, Replicat)
		if err != nil && len(replicats) == 0 { // the collector process reports duplicates
			return err
		}
		for _, r := range replicats {
			if v.config.WantsProcess(r.Name) {
				round.replicats = append(round.replicats, r.Name)
			}
		}
	}
	t.round = round
	gone := func(name string) bool { return !slices.Contains(round.replicats, name) }
	maps.DeleteFunc(t.logins, func(name string, _ tableLogin) bool { return gone(name) })
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listErr = wire.Join(listErr, odd.Err())
	maps.DeleteFunc(t.known, func(name string, _ tableRead) bool { return gone(name) })
	return nil
}

// read reads the heartbeats of a Replicat: from the answer of its connection, or if that does not
// have any, with a request of its own. Without a login there are none.
func (t *heartbeatTable) read(ctx context.Context, admin *rest.Endpoint, replicat string) ([]*TableHeartbeat, error) {
	connection, err := t.login(ctx, admin, replicat)
	if connection == "" {
		return nil, err
	}
	all, asked := t.round.read[connection]
	if !asked {
		all = readHeartbeatsOf(ctx, admin, connection)
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return nil, all.err
	}
	t.round.read[connection] = all
	found := all.replicats[replicat]
	if all.err == nil && found == nil {
		within, odd := rest.WithOddities(ctx)
		found, err = readHeartbeatsFor(within, admin, connection, replicat)
		err = wire.Join(err, odd.Err())
	}
	if err = wire.Join(all.err, err); err != nil {
		delete(t.logins, replicat) // it may have changed
	}
	return found, err
}

// login returns the connection to the database that the Replicat logs in to, see connectionOf. It
// reads it every hour, and each time as long as there is none.
func (t *heartbeatTable) login(ctx context.Context, admin *rest.Endpoint, replicat string) (string, error) {
	known := t.logins[replicat]
	if admin.Now().Before(known.until) && slices.Contains(t.round.connections, known.connection) {
		return known.connection, nil
	}
	connection, err := connectionOf(ctx, admin, replicat, t.round.connections)
	if connection != "" {
		if t.logins == nil {
			t.logins = map[string]tableLogin{}
		}
		t.logins[replicat] = tableLogin{connection, admin.Now().Add(loginsEvery)}
	}
	return connection, err
}

// keep remembers what was read for a Replicat.
func (t *heartbeatTable) keep(replicat string, r tableRead) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]tableRead{}
	}
	t.known[replicat] = r
}

// last returns what was last read for each Replicat, sorted by name, and the failures.
func (t *heartbeatTable) last() ([]*TableHeartbeat, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*TableHeartbeat
	var errs []error
	for _, replicat := range slices.Sorted(maps.Keys(t.known)) {
		all = append(all, t.known[replicat].heartbeats...)
		errs = append(errs, t.known[replicat].err)
	}
	return all, wire.Join(t.listErr, wire.Summarize(errs, "heartbeat tables"))
}
