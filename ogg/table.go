package ogg

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// OtherTables is the name under which the tables beyond the cap are summed up.
const OtherTables = "_other"

// TableOptions bound the collector table.
type TableOptions struct {
	// Wants reports whether a table is to be counted; nil is all.
	Wants func(table string) bool
	// Max is how many tables of a process have series of their own; 0 is none.
	Max int
}

// Tables are the operations of a process by table.
type Tables struct {
	// Tables are sorted by name, OtherTables last.
	Tables []Table
	// Dropped is how many tables are summed up as OtherTables.
	Dropped int
}

// Table is what a process did to one table: counters that begin at 0 with the
// process.
type Table struct {
	Name string
	Operations
}

// tablePoints are the points with figures by table (all releases).
var tablePoints = []monitoringPoint{
	{
		name: "statisticsTableExtract",
		asks: func(p *Monitored) bool { return p.is("extract") },
	},
	{
		name: "statisticsTableReplicat",
		asks: func(p *Monitored) bool { return p.is("replicat") },
	},
}

// listedTable is an entry of statisticsTableExtract or statisticsTableReplicat.
type listedTable struct {
	Name string `json:"tableName"`
	Operations
}

// readTables reads GET /mpoints/{p}/statisticsTableExtract or
// statisticsTableReplicat of each Extract and Replicat that runs: 1 request each,
// and the list of processes where the collector performance has not read it.
func readTables(ctx context.Context, d *Deployment) (bool, error) {
	pm, processes, err := d.monitored(ctx)
	if pm == nil || err != nil && len(processes) == 0 {
		return pm != nil, err
	}
	var asked []*Monitored
	for _, p := range processes {
		if p.replicates() && p.runs() && d.client.options.Performance.wantsProcess(p.Name) {
			asked = append(asked, p)
		}
	}
	d.Monitored = processes
	errs := make([]error, len(asked))
	pm.onEach(errs, func(i int) error { return asked[i].readTables(ctx, pm, d.client.options.Tables) })
	return true, wire.Summarize(errs, "processes")
}

// readTables reads the tables of one process.
func (p *Monitored) readTables(ctx context.Context, pm *endpoint, o TableOptions) error {
	for _, of := range tablePoints {
		if !of.asks(p) {
			continue
		}
		response, err := point[struct{ StatisticsTableExtract, StatisticsTableReplicat []listedTable }](ctx, pm, p, of.name)
		if response == nil {
			return err
		}
		all := map[string]Operations{}
		for _, t := range slices.Concat(response.StatisticsTableExtract, response.StatisticsTableReplicat) {
			if t.Name != "" && (o.Wants == nil || o.Wants(t.Name)) {
				all[t.Name] = all[t.Name].plus(t.Operations)
			}
		}
		p.Tables = bounded(all, pm.points.admit(p, all, o.Max))
	}
	return nil
}

// admit returns which tables of the process have series of their own: those that
// had them before, and as long as there is room the busiest others. A table
// keeps its place until the process starts anew, so that neither its counter nor
// that of the others ever falls.
func (m *pointMemory) admit(p *Monitored, all map[string]Operations, most int) map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	admitted := m.of(p).tables
	names := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(all[b].sum(), all[a].sum()), cmp.Compare(a, b))
	})
	for _, name := range names {
		if len(admitted) < most {
			admitted[name] = true
		}
	}
	return maps.Clone(admitted)
}

// bounded sums up what is not admitted.
func bounded(all map[string]Operations, admitted map[string]bool) *Tables {
	t := &Tables{}
	var others Operations
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

// plus adds up; a figure is known if one of the two is.
func (o Operations) plus(other Operations) Operations {
	return Operations{
		Inserts: o.Inserts.Plus(other.Inserts), Updates: o.Updates.Plus(other.Updates),
		Deletes: o.Deletes.Plus(other.Deletes), Upserts: o.Upserts.Plus(other.Upserts),
		Truncates: o.Truncates.Plus(other.Truncates), Unsupported: o.Unsupported.Plus(other.Unsupported),
	}
}

// sum is the number of operations of all kinds that are known.
func (o Operations) sum() float64 {
	total, _ := o.Inserts.Plus(o.Updates).Plus(o.Deletes).Plus(o.Upserts).Plus(o.Truncates).Plus(o.Unsupported).Value()
	return total
}
