package ogg

import (
	"context"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Heartbeat is the latest heartbeat record that passed through a process, according to the
// Performance Metrics Service. It depends on heartbeat tables in the databases, not on the
// changes that users make.
type Heartbeat struct {
	// Process and Type are those of the Monitored that reports it: an Extract, a Replicat,
	// or the Distribution Service, which reports those of all its paths.
	Process, Type string
	// Name is the process or distribution path that the record passed through.
	Name string
	// Lag is the lag of the record, from the source database up to here, and Age the time
	// since it passed, in seconds.
	Lag, Age wire.Number
}

// heartbeats is what GET /mpoints/{process}/heartbeat returns (21.3 and later; role User). The
// answer is 404 also when no heartbeat passes.
type heartbeats struct {
	Heartbeats []struct {
		Name string      `json:"heartbeatName"`
		Lag  wire.Number `json:"heartbeatLag"` // ms
		Age  wire.Number `json:"heartbeatAge"` // ms
	} `json:"heartbeats"`
}

// readHeartbeats reads the heartbeats of the Distribution Service, which reports all paths at
// once, and of each running Extract and Replicat: 1 + P requests.
func readHeartbeats(ctx context.Context, v *visit) ([]*Heartbeat, bool, error) {
	pm, listErr := monitorFor(ctx, v)
	var asked []*Monitored
	if pm != nil {
		asked = slices.DeleteFunc(slices.Clone(pm.processes), func(p *Monitored) bool { return !p.passesHeartbeats() })
	}
	if len(asked) == 0 {
		return nil, listErr != nil, listErr
	}
	passed, errs := make([][]*Heartbeat, len(asked)), make([]error, len(asked))
	pm.OnEach(errs, func(i int) (err error) {
		passed[i], err = readHeartbeat(ctx, pm, asked[i])
		return err
	})
	all := slices.DeleteFunc(slices.Concat(passed...), func(h *Heartbeat) bool {
		return h.Type == "distserver" && !v.config.WantsPath(h.Name)
	})
	return all, true, wire.Join(listErr, wire.Summarize(errs, "heartbeats"))
}

// passesHeartbeats reports whether the process may have heartbeats. The workers of a Replicat
// have none of their own.
func (p *Monitored) passesHeartbeats() bool {
	switch p.Type {
	case "extract", "replicat", "distserver":
		return p.Status == "running" && !p.IsWorker()
	default:
		return false
	}
}

// readHeartbeat reads the heartbeats of one process. Of duplicates the first counts. Without any,
// the list is empty: it is required.
func readHeartbeat(ctx context.Context, pm *monitor, p *Monitored) ([]*Heartbeat, error) {
	response, err := point[heartbeats](ctx, pm, p, "heartbeat")
	if response == nil {
		return nil, err
	}
	entries, err := listed(pm.Endpoint, "/mpoints/"+rest.Segment(p.Name)+"/heartbeat", "heartbeats", response.Heartbeats)
	if err != nil {
		return nil, err
	}
	passed := make([]*Heartbeat, len(entries))
	for i, h := range entries {
		passed[i] = &Heartbeat{Process: p.Name, Type: p.Type, Name: h.Name, Lag: h.Lag.Per(1e3), Age: h.Age.Per(1e3)}
	}
	return unique(passed, func(h *Heartbeat) string { return h.Name })
}
