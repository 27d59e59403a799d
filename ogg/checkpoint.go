package ogg

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Checkpoint is where an Extract is in one thread of the database's log, as of its last checkpoint.
type Checkpoint struct {
	Process string
	// Thread is the number of the redo thread; where none is reported, as for other databases, the
	// number of the source in the list.
	Thread string
	// Recovery is the oldest record that the Extract needs after a restart, and Read is up to where
	// it has read.
	Recovery, Read LogPosition
}

// LogPosition is a position in the log of a database.
type LogPosition struct {
	// Time is that of the record or of the checkpoint: which of them is not documented. Zero if not
	// reported, as before the first start.
	Time wire.Timestamp
	// Sequence is the number of the log file.
	Sequence wire.Number
}

const (
	// checkpointsEvery is the time between two reads of the checkpoints of an Extract that runs.
	checkpointsEvery = time.Minute
	// checkpointsAtRestEvery is the same of one that does not, whose checkpoints stay where they are.
	checkpointsAtRestEvery = time.Hour
)

// checkpointMemory keeps the checkpoints of the Extracts of a deployment between the reads.
type checkpointMemory struct{ slowFacts[[]*Checkpoint] }

// readCheckpoints reads GET /extracts/{e}/info/checkpoints (all releases; role User): every minute
// for each Extract that runs, every hour for the others, and sooner when an Extract has started or
// ended, which the given processes say. After a failed read the last checkpoints stay.
func readCheckpoints(ctx context.Context, v *visit, processes []*Process) ([]*Checkpoint, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	extracts, listErr := listProcesses(ctx, v, admin, Extract)
	running, others := byActivity(definitionNames(v, Extract, extracts, processes))
	memory := wire.Remembered[checkpointMemory](v.memory)
	if listErr == nil {
		memory.keep(slices.Concat(running, others))
	}
	from := func(ctx context.Context, extract string, before []*Checkpoint) ([]*Checkpoint, error) {
		return checkpointsOf(ctx, admin, extract, before)
	}
	memory.read(ctx, v, slowTerms{what: "checkpoint", interval: checkpointsEvery, service: admin}, running, from)
	memory.read(ctx, v, slowTerms{what: "checkpoint", interval: checkpointsAtRestEvery, service: admin}, others, from)
	var all []*Checkpoint
	errs := make([]error, len(extracts))
	for i, e := range extracts {
		var known []*Checkpoint
		known, _, errs[i] = memory.get(e.Name)
		all = append(all, known...)
	}
	if v.reads("process") { // which reports it
		listErr = nil
	}
	return all, true, wire.Join(listErr, wire.Summarize(errs, "checkpoints"))
}

// byActivity divides processes into those that run, or may do so, and those that do not.
func byActivity(names []slowName) (running, others []slowName) {
	for _, n := range names {
		switch n.state.status {
		case "", "running", "starting":
			running = append(running, n)
		default:
			others = append(others, n)
		}
	}
	return running, others
}

// checkpointsOf reads the checkpoints of an Extract.
func checkpointsOf(ctx context.Context, admin *rest.Endpoint, extract string, before []*Checkpoint) ([]*Checkpoint, error) {
	answer, err := rest.GetWhole[extractCheckpoints](ctx, admin, processRoutes[Extract]+"/"+rest.Segment(extract)+"/info/checkpoints")
	if rest.IsNotFound(err) {
		return nil, nil // it has none
	}
	if err != nil && !rest.IsOdd(err) {
		return before, err
	}
	found, duplicates := unique(answer.checkpoints(extract), func(c *Checkpoint) string { return c.Thread })
	return found, wire.Join(err, duplicates)
}

// extractCheckpoints is the needed part of an ogg:extractCheckpoints. A source has one of several
// forms, by the kind of the database; what another than Oracle's lacks is not reported.
type extractCheckpoints struct {
	Current struct {
		Input []struct{ Recovery, Current logPlace } `json:"input"`
	} `json:"current"`
}

// checkpoints returns those of an Extract.
func (a *extractCheckpoints) checkpoints(extract string) []*Checkpoint {
	found := make([]*Checkpoint, len(a.Current.Input))
	for i, source := range a.Current.Input {
		thread, known := source.Current.Thread.Value()
		if !known {
			if thread, known = source.Recovery.Thread.Value(); !known {
				thread = float64(i + 1)
			}
		}
		found[i] = &Checkpoint{extract, strconv.FormatFloat(thread, 'g', -1, 64), source.Recovery.position(), source.Current.position()}
	}
	return found
}

// logPlace is a position in the log as an Extract reports it.
type logPlace struct {
	Timestamp wire.Timestamp `json:"timestamp"`
	Thread    wire.Number    `json:"thread"`
	Sequence  wire.Number    `json:"sequence"`
	Offset    beginNow       `json:"offset"`
}

// position returns the place as the snapshot has it. An Extract that is to begin now has none yet.
func (p logPlace) position() LogPosition {
	if p.Offset {
		return LogPosition{}
	}
	return LogPosition{p.Timestamp, p.Sequence}
}

// beginNow is whether an offset is the one that stands for "now": -2, since 21.3 as a text. Others
// are not needed, and have other forms for other databases.
type beginNow bool

// UnmarshalJSONFrom reads anything.
func (b *beginNow) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	raw, err := in.ReadValue()
	*b = string(raw) == "-2" || string(raw) == `"-2"`
	return err
}
