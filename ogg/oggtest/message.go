package oggtest

import (
	"cmp"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// messageRoutes are the messages that the Performance Metrics Service has of processes.
var messageRoutes = []route{
	messageRoute("lastMessageId", "lastMessageId", (*exchange).lastMessageID),
	messageRoute("messages", "messages", (*exchange).messages),
	messageRoute("{item}/messages", "messages", (*exchange).messagesOf),
}

func messageRoute(path, describes string, answer func(*exchange) (object, *failure)) route {
	return route{path: "/services/v2/monitoring/" + path, services: []string{"pmsrvr"}, describes: describes, answer: answer}
}

// lastMessageID answers GET /services/v2/monitoring/lastMessageId.
func (x *exchange) lastMessageID() (object, *failure) {
	return object{{"$schema", "monitoring:lastMessageId"}, {"lastId", number(x.dep.events(x.now).last())}}, nil
}

// messages answers GET /services/v2/monitoring/messages?fromID=…&toID=…&offset=…&limit=…: those of
// all processes.
func (x *exchange) messages() (object, *failure) { return x.messagesFrom(""), nil }

// messagesOf answers GET /services/v2/monitoring/{item}/messages: those of one process.
func (x *exchange) messagesOf() (object, *failure) {
	m := x.monitored(x.vars["item"])
	if m == nil {
		return nil, notFound
	}
	return x.messagesFrom(m.name), nil
}

// messagesFrom returns messages of one process, or of all if it is empty. That both ends are
// included, and that offset comes before limit, is a guess.
func (x *exchange) messagesFrom(process string) object {
	q, all := x.URL.Query(), list{}
	from, to := queried(q, "fromID", 0), queried(q, "toID", math.MaxInt64)
	offset, limit := queried(q, "offset", 0), queried(q, "limit", math.MaxInt64)
	j := x.dep.events(x.now)
	for i, e := range j.kept {
		id := j.dropped + int64(i) + 1
		if id < from || id > to || process != "" && e.process != process {
			continue
		}
		if offset--; offset < 0 && int64(len(all)) < limit {
			all = append(all, e.message(id))
		}
	}
	return object{{"$schema", "monitoring:messages"}, {"message", all}}
}

// messageSpans returns the numbers of the messages of all processes.
func (x *exchange) messageSpans() map[string]span {
	if x.spans == nil {
		x.spans = x.dep.events(x.now).spans()
	}
	return x.spans
}

// queried returns a parameter of a query, or another number if it is missing or none.
func queried(q url.Values, name string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(q.Get(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// messageSeverities are the terms of the Performance Metrics Service. Only the first is documented.
var messageSeverities = map[severity]string{info: "GGInfo", warning: "GGWarning", failed: "GGError"}

// message returns the event as the Performance Metrics Service reports it.
func (e event) message(id int64) object {
	return object{
		{"identifier", number(id)},
		{"process", e.process},
		{"issued", e.at},
		{"code", e.code},
		{"severity", messageSeverities[e.severity]},
		{"text", e.text},
	}
}

// began returns what a process says when it starts.
func (pr *process) began(at time.Time) []event {
	codes := [2]string{"OGG-00992", "OGG-00993"}
	if pr.spec.Type == Replicat {
		codes = [2]string{"OGG-00995", "OGG-00996"}
	}
	return []event{
		pr.says(at, info, codes[0], pr.title()+" starting."),
		pr.says(at, info, codes[1], pr.title()+" started."),
	}
}

// over returns what a process said when it went down with a status: nothing if it was killed.
func (pr *process) over(at time.Time, status string) []event {
	switch {
	case status == "stopped" && pr.spec.Type == Replicat:
		return []event{pr.says(at, info, "OGG-00994", pr.title()+" stopped normally.")}
	case status == "stopped":
		return []event{pr.says(at, info, "OGG-00991", pr.title()+" stopped normally.")}
	case status != "abended":
		return nil
	}
	end := pr.says(at, failed, "OGG-01668", "PROCESS ABENDING.")
	if pr.spec.Type == Replicat {
		return []event{
			pr.says(at, warning, "OGG-01154", "SQL error 1403 mapping SALES.ORDERS to SALES_COPY.ORDERS, key 4711, card 4111 1111 1111 1111."),
			pr.reason(at, "OGG-01296", "Error mapping from SALES.ORDERS to SALES_COPY.ORDERS as c##ggadmin/"+Secret+"@db.example."),
			end,
		}
	}
	return []event{
		pr.reason(at, "OGG-00664", "OCI Error beginning session (status = 1017-ORA-01017: invalid username/password), user c##ggadmin, password "+Secret+"."),
		end,
	}
}

// reason returns why a process abended: as it was specified, or else as given.
func (pr *process) reason(at time.Time, code, text string) event {
	return pr.says(at, failed, cmp.Or(pr.spec.ErrorCode, code), cmp.Or(pr.spec.ErrorText, text))
}

func (pr *process) says(at time.Time, s severity, code, text string) event {
	return event{process: pr.spec.Name, at: at, logged: latest(at, pr.added), severity: s, code: code, text: text}
}

// title returns the process as messages call it.
func (pr *process) title() string { return strings.ToUpper(pr.spec.Type.noun()) + " " + pr.spec.Name }

// recall adds what processes did before they were added.
func (d *deployment) recall(processes []*process, now time.Time) {
	for _, pr := range processes {
		if pr.run.started.IsZero() {
			continue
		}
		d.journal.add(pr.began(pr.run.started)...)
		if !pr.running(now) && !pr.ended(now) {
			pr.end = pr.spec.Status
			d.journal.add(pr.over(pr.run.stopped, pr.end)...)
		}
	}
}

// events returns the journal at a moment, with the ends of the processes that have ended by
// themselves.
func (d *deployment) events(now time.Time) *journal {
	var ends []event
	for _, pr := range d.processes {
		if pr.ended(now) {
			ends = append(ends, pr.over(pr.run.stopped, pr.run.ending)...)
		}
	}
	return d.journal.with(ends)
}

// alter changes the status of a process, and records what that means.
func (d *deployment) alter(pr *process, now time.Time, change func()) {
	ran, starts := pr.running(now), pr.run.starts
	if pr.ended(now) {
		pr.end = pr.run.ending
		d.journal.add(pr.over(pr.run.stopped, pr.end)...)
	}
	change()
	switch {
	case pr.run.starts != starts:
		d.journal.add(pr.began(now)...)
	case ran && !pr.running(now):
		pr.end = pr.spec.Status
		d.journal.add(pr.over(now, pr.end)...)
	}
}
