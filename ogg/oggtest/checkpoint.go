package oggtest

import (
	"cmp"
	"strconv"
	"time"
)

// checkpointRoutes are the checkpoints of Extracts and Replicats.
var checkpointRoutes = []route{checkpointRoute(Extract), checkpointRoute(Replicat)}

func checkpointRoute(t ProcessType) route {
	return route{
		path: "/services/v2/" + string(t) + "/{process}/info/checkpoints", services: []string{"adminsrvr"},
		describes: t.noun() + "Checkpoints",
		answer:    func(x *exchange) (object, *failure) { return x.checkpoints(t) },
	}
}

// mostHistory is how many earlier checkpoints GoldenGate returns at most.
const mostHistory = 100

// checkpoints answers GET …/{process}/info/checkpoints?history=N.
func (x *exchange) checkpoints(t ProcessType) (object, *failure) {
	pr, now := x.named(t)
	if pr == nil {
		return nil, notFound
	}
	n, _ := strconv.Atoi(x.URL.Query().Get("history"))
	earlier := list{}
	for i := 1; i <= min(n, mostHistory); i++ {
		at := now.checkpoint.Add(-time.Duration(i) * checkpointEvery)
		if at.Before(pr.run.started) {
			break
		}
		earlier = append(earlier, x.processCheckpoint(pr, pr.at(at)))
	}
	return join(
		object{{"$schema", "ogg:" + t.noun() + "Checkpoints"}, {"current", x.processCheckpoint(pr, now)}},
		when(len(earlier) > 0, member{"history", earlier}),
	), nil
}

// processCheckpoint returns one checkpoint: where the process reads and, for an Extract, writes.
func (x *exchange) processCheckpoint(pr *process, at progress) object {
	starting := pr.at(pr.run.started)
	if pr.spec.Type == Replicat {
		return object{{"input", list{object{
			{"starting", x.trailCheckpoint(pr, starting)},
			{"current", x.trailCheckpoint(pr, at)},
		}}}}
	}
	inputs := list{}
	for thread := 1; thread <= pr.spec.threadsOfLog(); thread++ {
		inputs = append(inputs, x.logCheckpoints(pr, thread, starting, at))
	}
	return object{
		{"input", inputs},
		{"output", list{object{{"current", pr.trail(x.dep, x.server.profile, at)}}}},
	}
}

// trailCheckpoint returns a position in the trail that a Replicat reads, with the time when it was
// recorded.
func (x *exchange) trailCheckpoint(pr *process, at progress) object {
	return append(pr.trail(x.dep, x.server.profile, at), member{"timestamp", at.checkpoint})
}

// logCheckpoints returns the read checkpoints of an Extract in one thread of the log. The open
// transactions are in the first.
func (x *exchange) logCheckpoints(pr *process, thread int, starting, at progress) object {
	recovery := at.source
	if thread == 1 {
		recovery = pr.recovery(at.source)
	}
	return object{
		{"starting", x.logCheckpoint(pr, thread, starting.source)},
		{"recovery", x.logCheckpoint(pr, thread, recovery)},
		{"current", x.logCheckpoint(pr, thread, at.source)},
	}
}

// recovery returns the source time from which an Extract that has come to a source time reads again
// after a restart: that of the oldest open transaction.
func (pr *process) recovery(read time.Time) time.Time {
	if pr.spec.OpenTransactions > 0 {
		return earliest(read, pr.oldest)
	}
	return read
}

// logCheckpoint returns a position in the log with the time of its record; without a time, and with
// an offset that stands for "now", before the first start. Whether GoldenGate means the record's
// time is not known: its command line does.
func (x *exchange) logCheckpoint(pr *process, thread int, at time.Time) object {
	var when any = at
	sequence, place := int64(0), x.server.profile.fromNow()
	if pr.run.started.IsZero() {
		when = nil
	} else {
		s, offset := redoPosition(pr.bytesUntil(at))
		sequence, place = s, number(offset)
	}
	return object{{"timestamp", when}, {"thread", number(thread)}, {"sequence", number(sequence)}, {"offset", place}}
}

// fromNow returns the offset that stands for "now": a string in 21.3.
func (p *profile) fromNow() any {
	if p.textSentinel {
		return "-2"
	}
	return number(-2)
}

// threadsOfLog returns how many threads the database's log has.
func (p Process) threadsOfLog() int { return cmp.Or(p.RedoThreads, 1) }
