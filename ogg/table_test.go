package ogg_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// tables returns the response of statisticsTableExtract with the given inserts by table.
func tables(inserts ...string) string {
	var entries []string
	for _, entry := range inserts {
		name, n, _ := strings.Cut(entry, "=")
		entries = append(entries, fmt.Sprintf(`{"tableName":%q,"targetTableName":"T","mappedTotalInserts":%s}`, name, n))
	}
	return `{"response":{"statisticsTableExtract":[` + strings.Join(entries, ",") + `]}}`
}

// tablesOf returns the tables of a process.
func tablesOf(t *testing.T, inst *ogg.Installation, process string) *ogg.Tables {
	t.Helper()
	for _, of := range deployment(t, inst, "north").Tables {
		if of.Process == process {
			return of
		}
	}
	t.Fatalf("no tables of %s", process)
	return nil
}

// TestTablesUnlisted checks that the tables of a process without a list of them are unknown, and not
// none.
func TestTablesUnlisted(t *testing.T) {
	t.Parallel()
	for body, known := range map[string]bool{
		`{"response":{}}`: false,
		`{"response":{"statisticsTableExtract":null}}`: false,
		`{"response":{"statisticsTableExtract":[]}}`:   true,
	} {
		s, sm := simulate(t, north(oggtest.Release26ai))
		s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/statisticsTableExtract"}, oggtest.Fault{Body: body})
		all := deployment(t, poll(t, newClient(t, sm, "table")), "north").Tables
		if got := slices.ContainsFunc(all, func(of *ogg.Tables) bool { return of.Process == "EXT1" }); got != known {
			t.Errorf("%s: known is %t", body, got)
		}
	}
}

// TestTables checks that the busiest tables get series if there are too many, that they keep
// them, and that the sum is always right.
func TestTables(t *testing.T) {
	t.Parallel()
	i := modes(oggtest.Release26ai)
	s, sm := simulate(t, i)
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"table"}, Tables: ogg.TableOptions{
		Max: 2, Wants: func(table string) bool { return table != "HIDDEN" },
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n, step := range []struct {
		answer  string
		want    []string
		dropped int
	}{
		{tables("A=1", "HIDDEN=9"), []string{"A=1"}, 0},
		{tables("A=2", "B=1", "C=5"), []string{"A=2", "C=5", "_other=1"}, 1},
		{tables("A=3", "B=70", "C=6", "D=1"), []string{"A=3", "C=6", "_other=71"}, 2},
		{tables("A=3", "A=4", "C=6"), []string{"A=7", "C=6"}, 0}, // one source, two targets
	} {
		mend := s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/statisticsTableExtract"}, oggtest.Fault{Body: step.answer})
		got := tablesOf(t, poll(t, c), "EXT1")
		mend()
		var is []string
		for _, table := range got.Tables {
			inserts, _ := table.Inserts.Value()
			is = append(is, fmt.Sprintf("%s=%v", table.Name, inserts))
		}
		if !slices.Equal(is, step.want) || got.Dropped != step.dropped {
			t.Errorf("poll %d: got %v and %d dropped, want %v and %d", n+1, is, got.Dropped, step.want, step.dropped)
		}
	}
}

// TestTableRequests checks that there is one request for each running Extract and Replicat, and
// one for the list.
func TestTableRequests(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release26ai))
	inst := poll(t, newClient(t, sm, "table"))
	var got []string
	for _, r := range s.Requests() {
		if r.Service == "pmsrvr" {
			got = append(got, strings.TrimPrefix(r.Path, "/services/v2/mpoints/"))
		}
	}
	slices.Sort(got)
	want := []string{"COORD/statisticsTableReplicat", "EXT1/statisticsTableExtract", "PAR/statisticsTableReplicat", "processes"}
	if !slices.Equal(got, want) {
		t.Errorf("requested %v, want %v", got, want)
	}
	if n := len(tablesOf(t, inst, "EXT1").Tables); n != 1 {
		t.Errorf("with a cap of none: %d tables", n)
	}
}

// TestTableNamedLikeTheSum checks that a table with the name of the sum is part of the sum, however
// busy it is.
func TestTableNamedLikeTheSum(t *testing.T) {
	t.Parallel()
	s, sm := simulate(t, modes(oggtest.Release26ai))
	c, err := ogg.NewClient(sm, ogg.Options{Collectors: []string{"table"}, Tables: ogg.TableOptions{Max: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.Fault(oggtest.Target{Path: "/services/v2/mpoints/EXT1/statisticsTableExtract"}, oggtest.Fault{Body: tables("_other=9", "B=8", "C=1")})
	got := tablesOf(t, poll(t, c), "EXT1")
	if sum, _ := got.Tables[len(got.Tables)-1].Inserts.Value(); len(got.Tables) != 2 || got.Tables[0].Name != "B" || sum != 10 || got.Dropped != 2 {
		t.Errorf("got %+v", got)
	}
}
