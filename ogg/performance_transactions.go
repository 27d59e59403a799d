package ogg

import "github.com/ogg-exporter/ogg_exporter/wire"

// OpenTransactions are those that an Extract has read in part.
type OpenTransactions struct {
	Count int
	// Oldest is when the first of them began; zero when there is none, or none says.
	Oldest wire.Timestamp
}

// inflightTransactions is the answer of currentInflightTransactions (all releases).
type inflightTransactions struct {
	Transactions []struct {
		Started wire.Timestamp `json:"startTime"`
	} `json:"currentInflightTransactions"`
}

// noOpenTransactions is the message in place of an answer from an Extract that has none:
// that is none, and not unknown. Whether it comes with 200 or 404 is not known.
const noOpenTransactions = "OGG-25166"

func (r *inflightTransactions) open() *OpenTransactions {
	open := &OpenTransactions{Count: len(r.Transactions)}
	for _, t := range r.Transactions {
		if open.Oldest.IsZero() || !t.Started.IsZero() && t.Started.Before(open.Oldest.Time) {
			open.Oldest = t.Started
		}
	}
	return open
}
