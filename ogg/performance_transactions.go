package ogg

import (
	"context"
	"errors"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// OpenTransactions are those that an Extract has read in part.
type OpenTransactions struct {
	Count int
	// Oldest is when the first of them began; zero when there is none, or none
	// says.
	Oldest wire.Timestamp
}

// transactionsPoint is GET /mpoints/{p}/currentInflightTransactions (all
// releases). Where nothing is open the service answers with a message and
// without a response: that is none, and not unknown.
var transactionsPoint = monitoringPoint{
	name: "currentInflightTransactions",
	asks: func(p *Monitored) bool { return p.is("extract") },
	read: readTransactions,
}

func readTransactions(ctx context.Context, pm *endpoint, p *Monitored) error {
	const name = "currentInflightTransactions"
	if pm.points.lacks(p, name) {
		return nil
	}
	response, err := get[struct {
		CurrentInflightTransactions []struct{ StartTime wire.Timestamp }
	}](ctx, pm, "/mpoints/"+segment(p.Name)+"/"+name)
	var api *APIError
	switch {
	case errors.Is(err, errNoResponse), errors.As(err, &api) && api.Code == noOpenTransactions:
		p.Transactions = &OpenTransactions{}
		return nil
	case lacks(err):
		pm.points.noteLacking(p, name)
		return nil
	case err != nil:
		return err
	}
	p.Transactions = &OpenTransactions{Count: len(response.CurrentInflightTransactions)}
	for _, t := range response.CurrentInflightTransactions {
		if oldest := p.Transactions.Oldest; oldest.IsZero() || !t.StartTime.IsZero() && t.StartTime.Before(oldest.Time) {
			p.Transactions.Oldest = t.StartTime
		}
	}
	return nil
}

// noOpenTransactions is the message of an Extract that has none. Whether it
// comes with 200 or 404 is not known.
const noOpenTransactions = "OGG-25166"
