package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// OpenTransactions are those that an Extract has read only partly.
type OpenTransactions struct {
	Count int
	// Oldest is when the first of them began; zero if there is none, or if that is not
	// reported.
	Oldest wire.Timestamp
	// OldestLog is the redo log in which that one began, and OldestThread the redo thread that
	// wrote the log.
	OldestLog, OldestThread wire.Number
}

// inflightTransactions is the response of currentInflightTransactions (all releases). The list is
// not documented as required: without it, and without the message noOpenTransactions, the number of
// transactions is unknown, which is no failure.
type inflightTransactions struct {
	Transactions []*inflightTransaction `json:"currentInflightTransactions"` // nil for an odd one
}

// MaxEntries is how many transactions a process may list: only their number is kept.
func (*inflightTransactions) MaxEntries() int { return 100_000 }

type inflightTransaction struct {
	Started wire.Timestamp `json:"startTime"`
	Log     wire.Number    `json:"redoSeq"`
	Thread  wire.Number    `json:"redoThread"`
}

// noOpenTransactions is the code of the message that an Extract without open transactions
// sends in place of a response: their number is 0, not unknown. Whether its status is 200 or
// 404 is not documented.
const noOpenTransactions = "OGG-25166"

func (r *inflightTransactions) open() *OpenTransactions {
	if r.Transactions == nil {
		return nil
	}
	open := &OpenTransactions{}
	for _, t := range r.Transactions {
		if t == nil {
			continue
		}
		open.Count++
		if !t.Started.IsZero() && (open.Oldest.IsZero() || t.Started.Before(open.Oldest.Time)) {
			open.Oldest, open.OldestLog, open.OldestThread = t.Started, t.Log, t.Thread
		}
	}
	return open
}
