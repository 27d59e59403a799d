package ogg

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// OtherTables is the name for the sum of all tables beyond the limit, in which a table that has
// that name itself is always counted.
const OtherTables = "_other"

// Tables are the operations of a process by table.
type Tables struct {
	// Process, Type and Started are those of the Monitored.
	Process, Type string
	Started       wire.Timestamp
	// Tables are sorted by name, OtherTables last.
	Tables []Table
	// Dropped is how many tables OtherTables sums up.
	Dropped int
}

// Table is what a process has done with one table.
type Table struct {
	Name string
	TableCounters
}

// TableCounters are counters that start at 0 with the process.
type TableCounters struct {
	Operations
	Discards          wire.Number `json:"totalDiscards"`
	Ignores           wire.Number `json:"totalIgnores"`
	RowFetches        wire.Number `json:"totalRowFetchAttempts"`  // Extract
	RowFetchFailures  wire.Number `json:"totalRowFetchFailures"`  // Extract
	ConflictsDetected wire.Number `json:"totalConflictsDetected"` // Replicat
	ConflictsResolved wire.Number `json:"totalConflictsResolved"` // Replicat
	ConflictsFailed   wire.Number `json:"totalConflictsFailed"`   // Replicat
}

// tablePoints are the points with figures by table (all releases), by the type of process.
var tablePoints = map[string]string{
	"extract":  "statisticsTableExtract",
	"replicat": "statisticsTableReplicat",
}

// tableStatistics is the response of either point. Neither list is documented as required, so that
// the tables of a process without one are unknown, which is no failure.
type tableStatistics struct {
	OfExtract  []listedTable `json:"statisticsTableExtract"`
	OfReplicat []listedTable `json:"statisticsTableReplicat"`
}

// MaxEntries is how many tables a process may list: all beyond a limit are summed up.
func (*tableStatistics) MaxEntries() int { return 100_000 }

// listedTable is an entry of statisticsTableExtract or statisticsTableReplicat.
type listedTable struct {
	Name string `json:"tableName"`
	TableCounters
}

// readTables reads GET /mpoints/{p}/statisticsTableExtract or statisticsTableReplicat for each
// running Extract and Replicat: 1 request each, and the list of processes if no other collector
// has read it.
func readTables(ctx context.Context, v *visit) ([]*Tables, bool, error) {
	pm, listErr := monitorOf(ctx, v)
	if pm == nil || listErr != nil && len(pm.processes) == 0 {
		return nil, pm != nil, listErr
	}
	var asked []*Monitored
	for _, p := range pm.processes {
		if p.replicates() && p.runs() && v.options.Performance.wantsProcess(p.Name) {
			asked = append(asked, p)
		}
	}
	tables, errs := make([]*Tables, len(asked)), make([]error, len(asked))
	pm.OnEach(errs, func(i int) (err error) {
		tables[i], err = readTablesOf(ctx, pm, asked[i], v.options.Tables)
		return err
	})
	tables = slices.DeleteFunc(tables, func(t *Tables) bool { return t == nil })
	return tables, true, wire.Join(listErr, wire.Summarize(errs, "processes"))
}

// readTablesOf reads the tables of one process; nil if it reports none.
func readTablesOf(ctx context.Context, pm *monitor, p *Monitored, o TableOptions) (*Tables, error) {
	response, err := point[tableStatistics](ctx, pm, p, tablePoints[p.Type])
	if response == nil || response.OfExtract == nil && response.OfReplicat == nil {
		return nil, err
	}
	lost, all := 0, map[string]TableCounters{}
	for _, t := range slices.Concat(response.OfExtract, response.OfReplicat) {
		switch {
		case t.Name == "":
			lost++
		case o.wants(t.Name):
			all[t.Name] = all[t.Name].plus(t.TableCounters)
		}
	}
	t := bounded(all, pm.points.admit(p, all, o.Max))
	t.Process, t.Type, t.Started = p.Name, p.Type, p.Started
	return t, unnamed(lost)
}

// admit returns which tables of the process have their own series: those that had them before,
// and as long as there is room, the busiest others. A table keeps its place until the process
// restarts, so that neither its counters nor those of OtherTables ever decrease.
func (m *pointMemory) admit(p *Monitored, all map[string]TableCounters, most int) map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	admitted := m.of(p).tables
	names := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(all[b].sum(), all[a].sum()), cmp.Compare(a, b))
	})
	for _, name := range names {
		if len(admitted) < most && name != OtherTables {
			admitted[name] = true
		}
	}
	return maps.Clone(admitted)
}

// bounded sums up the tables that are not admitted.
func bounded(all map[string]TableCounters, admitted map[string]bool) *Tables {
	t := &Tables{}
	var others TableCounters
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if admitted[name] {
			t.Tables = append(t.Tables, Table{name, all[name]})
		} else {
			t.Dropped++
			others = others.plus(all[name])
		}
	}
	if t.Dropped > 0 {
		t.Tables = append(t.Tables, Table{OtherTables, others})
	}
	return t
}

// plus returns the sum. A figure is known if either of the two is.
func (c TableCounters) plus(other TableCounters) TableCounters {
	return TableCounters{
		Operations: c.Operations.plus(other.Operations),
		Discards:   c.Discards.Plus(other.Discards), Ignores: c.Ignores.Plus(other.Ignores),
		RowFetches: c.RowFetches.Plus(other.RowFetches), RowFetchFailures: c.RowFetchFailures.Plus(other.RowFetchFailures),
		ConflictsDetected: c.ConflictsDetected.Plus(other.ConflictsDetected),
		ConflictsResolved: c.ConflictsResolved.Plus(other.ConflictsResolved),
		ConflictsFailed:   c.ConflictsFailed.Plus(other.ConflictsFailed),
	}
}

// plus returns the sum. A figure is known if either of the two is.
func (o Operations) plus(other Operations) Operations {
	return Operations{
		Inserts: o.Inserts.Plus(other.Inserts), Updates: o.Updates.Plus(other.Updates),
		Deletes: o.Deletes.Plus(other.Deletes), Upserts: o.Upserts.Plus(other.Upserts),
		Truncates: o.Truncates.Plus(other.Truncates), Unsupported: o.Unsupported.Plus(other.Unsupported),
	}
}

// sum returns the number of operations of all known kinds.
func (o Operations) sum() float64 {
	total, _ := o.Inserts.Plus(o.Updates).Plus(o.Deletes).Plus(o.Upserts).Plus(o.Truncates).Plus(o.Unsupported).Value()
	return total
}
