package ogg

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

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

// heartbeatTable is what was last read from the heartbeat tables of a deployment.
type heartbeatTable struct {
	// reading is held by the poll that reads, and guards next and round. Other polls use
	// what is known.
	reading sync.Mutex
	next    time.Time // when the next round may begin
	round   tableRound

	mu    sync.Mutex
	known map[string]tableRead // by Replicat
}

// tableRound is one pass over the Replicats of a deployment.
type tableRound struct {
	connections []string
	replicats   []string // that remain to be read
}

// tableRead is the result of the read for one Replicat.
type tableRead struct {
	heartbeats []*TableHeartbeat
	err        error
}

// readHeartbeatTable reads the heartbeat tables when that is due, and returns what was last
// read from them. Each interval costs, at the Administration Service,
//
//	2      requests for the lists of connections and Replicats,
//	2 × R  for R Replicats, R of which open a database session.
//
// It cannot be less: GET /connections/{c}/tables/heartbeat reports only how the table is set
// up, and no request returns the heartbeats of more than one process. Extracts need none,
// because a heartbeat reaches the table at the end of its path, where the Replicat is. And
// the Replicat's own configuration says which connection leads to its database, so the others
// need none either.
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

// refresh reads the tables, one request after the other, if that is due and no other poll is
// reading them. It takes at most half of the poll's time, and leaves the rest to the next poll.
func (t *heartbeatTable) refresh(ctx context.Context, v *visit, admin *rest.Endpoint) error {
	if !t.reading.TryLock() {
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
		t.round.replicats = t.round.replicats[1:]
		found, err := t.round.read(ctx, admin, name)
		now := wire.TimestampOf(v.options.Now())
		for _, h := range found {
			h.Read = now
		}
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
	t.round = tableRound{}
	connections, err := rest.GetIfPresent[itemList](ctx, admin, "/connections")
	if err != nil {
		return err
	}
	if connections != nil && len(connections.Items) > 0 {
		replicats, err := listProcesses(ctx, v, admin, Replicat)
		if err != nil && len(replicats) == 0 { // the collector process reports duplicates
			return err
		}
		for _, connection := range connections.Items {
			t.round.connections = append(t.round.connections, connection.Name)
		}
		for _, r := range replicats {
			if v.config.WantsProcess(r.Name) {
				t.round.replicats = append(t.round.replicats, r.Name)
			}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.known, func(name string, _ tableRead) bool { return !slices.Contains(t.round.replicats, name) })
	return nil
}

// read reads GET /connections/{c}/tables/heartbeat/{process} (19c and later; role User) for a
// Replicat. Without a database or a heartbeat table there are no heartbeats. It does not
// remember a 404: a table may be added at any time.
func (r *tableRound) read(ctx context.Context, admin *rest.Endpoint, replicat string) ([]*TableHeartbeat, error) {
	connection, err := r.connectionOf(ctx, admin, replicat)
	if connection == "" {
		return nil, err
	}
	type heartbeat struct {
		Path string      `json:"path"`
		Lag  wire.Number `json:"lagSeconds"`
		Age  wire.Number `json:"ageSeconds"`
	}
	response, err := rest.Get[struct{ Heartbeats []heartbeat }](ctx, admin,
		"/connections/"+rest.Segment(connection)+"/tables/heartbeat/"+rest.Segment(replicat))
	if rest.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	listed, err := unique(response.Heartbeats, func(h heartbeat) string { return h.Path })
	found := make([]*TableHeartbeat, len(listed))
	for i, h := range listed {
		found[i] = &TableHeartbeat{Process: replicat, Path: h.Path, Lag: h.Lag, Age: h.Age}
	}
	return found, err
}

// connectionOf reads GET /replicats/{r} (all releases; role User), and returns the connection
// to the database that the Replicat logs in to: each alias in the credential store has one,
// named domain.alias. It is empty if the Replicat has no such login.
func (r *tableRound) connectionOf(ctx context.Context, admin *rest.Endpoint, replicat string) (string, error) {
	type replicatConfig struct {
		Credentials struct{ Domain, Alias string }
	}
	config, err := rest.Get[replicatConfig](ctx, admin, "/replicats/"+rest.Segment(replicat))
	if err != nil {
		return "", err
	}
	login := cmp.Or(config.Credentials.Domain, "OracleGoldenGate") + "." + config.Credentials.Alias
	for _, c := range r.connections {
		if strings.EqualFold(c, login) {
			return c, nil
		}
	}
	return "", nil
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
	return all, wire.Summarize(errs, "heartbeat tables")
}
