package page

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// mostRows is how many rows of INFO ALL the page shows.
const mostRows = 1000

// table is INFO ALL.
type table struct {
	Rows []row
	// LeftOut says how many are not shown; empty if all are.
	LeftOut string
}

// row is a line of INFO ALL.
type row struct {
	Class, Word                               string
	ServiceManager, Deployment, Program, Name string
	Status, Lag, LagAge, Checkpoint           string
	Why, LastError                            string
	Read, ReadAt                              string
}

func newTable(s *status.Status) table {
	var all table
	rows := s.Rows
	if n := len(rows); n > mostRows {
		all.LeftOut = grouped(mostRows) + " of " + grouped(n) + " rows are shown, problems first."
		rows = rows[:mostRows]
	}
	all.Rows = make([]row, len(rows))
	for i, r := range rows {
		all.Rows[i] = newRow(s.At, r)
	}
	return all
}

func newRow(at time.Time, r status.Row) row {
	made := row{
		Class: class(r.State), Word: word(r.State),
		ServiceManager: line(r.ServiceManager), Deployment: line(r.Deployment), Program: words(r.Program), Name: line(r.Name),
		Status: line(r.Status), Lag: clock(r.LagSeconds), LagAge: clock(r.LagAgeSeconds), Checkpoint: clock(r.CheckpointAgeSeconds),
		Why: line(r.Why), LastError: line(r.LastErrorLine),
		Read: ago(at, r.ReadAt),
	}
	if made.LastError == "" {
		made.LastError = line(r.LastError)
	}
	if !r.ReadAt.IsZero() {
		made.ReadAt = momentOf(r.ReadAt).Machine
	}
	return made
}
