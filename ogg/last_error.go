package ogg

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// LastError is why an Extract or Replicat abended the last time that the client saw it abended.
type LastError struct {
	Process string
	Type    ProcessType
	// Code is that of the first error in the report of the run other than OGG-01668, PROCESS
	// ABENDING, with which every such report ends; OGG-01668 if there is no other.
	Code string
	// At is when the error was reported; zero if that is not known. A report has the local time of
	// its host: how far that is from UTC follows from when the run started.
	At wire.Timestamp
	// Line is the text of the error, with everything replaced that may be a name or a secret, at most
	// 300 bytes; empty without Options.Mask.
	Line string

	told atomic.Bool
}

// abendingCode is the code with which the report of every abended process ends.
const abendingCode = "OGG-01668"

// onceAnAbend is the time between two reads of the report of one run: none is read again.
const onceAnAbend = 10 * 365 * 24 * time.Hour

// lastErrorMemory keeps the last errors, by process. That of a process that runs again is kept for
// about a day.
type lastErrorMemory struct{ slowFacts[lastReport] }

// lastReport is what a report said, and why that is not known if it will not be either when the report
// is read again. One that says nothing may not be written to its end yet: it was read so many times.
type lastReport struct {
	found *LastError
	err   error
	tries int
	at    time.Time
}

// restart notes that a process does not look abended: its report is to be read when it does again, and
// what failed before is of no interest any more.
func (m *lastErrorMemory) restart(name string, now time.Time) {
	if known, is := m.facts.Get(name); is {
		known.value, known.err = lastReport{found: known.value.found}, nil
		m.facts.Set(name, known)
		m.facts.Renew(name, now)
	}
}

// A report that says nothing is read again up to mostTries times in all, with a pause of tryEvery.
const (
	mostTries = 3
	tryEvery  = time.Minute
)

// maySayMore reports whether it is time to read the report again although it was read.
func (r lastReport) maySayMore(now time.Time) bool {
	return 0 < r.tries && r.tries < mostTries && now.Sub(r.at) >= tryEvery
}

// lastReportFrom reads the report of a process, which said something else before.
func lastReportFrom(ctx context.Context, v *visit, admin *rest.Endpoint, p *Process, before lastReport) (lastReport, error) {
	found, err := readLastError(ctx, v, admin, p, before.found)
	switch {
	case rest.IsTooLarge(err):
		return lastReport{found: found, err: err}, nil
	case err == nil && found == nil:
		return lastReport{tries: before.tries + 1, at: v.options.Now()}, nil
	default:
		return lastReport{found: found}, err
	}
}

// readLastErrors reads the report of each process that has abended, once for each abend: GET
// /{extracts|replicats}/{p}/info/reports/{P}.rpt (all releases; role User). The given processes say
// which have; without them that is in the lists from 21.3 on.
func readLastErrors(ctx context.Context, v *visit, processes []*Process) ([]*LastError, bool, error) {
	admin := v.asks("adminsrvr")
	if admin == nil {
		return nil, false, nil
	}
	memory := wire.Remembered[lastErrorMemory](v.memory)
	listed, listErr := abendable(ctx, v, admin, processes)
	byName := make(map[string]*Process, len(listed))
	var names, abended []slowName
	for _, p := range listed {
		n := slowName{string(p.Type) + "/" + p.Name, slowState{started: micros(p.Started)}}
		names, byName[n.name] = append(names, n), p
		switch p.Status {
		case "abended":
			if known, _, _ := memory.get(n.name); known.maySayMore(v.options.Now()) {
				memory.facts.Renew(n.name, v.options.Now())
			}
			abended = append(abended, n)
		case "":
		default:
			memory.restart(n.name, v.options.Now())
		}
	}
	if listErr == nil {
		memory.keep(names)
	}
	how := slowTerms{what: "report", interval: onceAnAbend, service: admin}
	memory.read(ctx, v, how, abended, func(ctx context.Context, name string, before lastReport) (lastReport, error) {
		return lastReportFrom(ctx, v, admin, byName[name], before)
	})
	var all []*LastError
	errs := make([]error, len(names))
	for i, n := range names {
		report, _, err := memory.get(n.name)
		if report.found != nil {
			all = append(all, report.found)
		}
		errs[i] = wire.Join(report.err, err)
	}
	if v.reads("process") { // which reports it
		listErr = nil
	}
	return all, true, wire.Join(listErr, wire.Summarize(errs, "reports"))
}

// abendable returns the listed Extracts and Replicats, with what was read of them.
func abendable(ctx context.Context, v *visit, admin *rest.Endpoint, processes []*Process) ([]*Process, error) {
	read := make(map[string]*Process, len(processes))
	for _, p := range processes {
		read[string(p.Type)+"/"+p.Name] = p
	}
	var all []*Process
	var errs []error
	for _, kind := range []ProcessType{Extract, Replicat} {
		items, err := listProcesses(ctx, v, admin, kind)
		errs = append(errs, err)
		for _, item := range items {
			p := read[string(kind)+"/"+item.Name]
			if p == nil {
				p = &Process{Name: item.Name, Type: kind, Status: item.Status}
			}
			all = append(all, p)
		}
	}
	return all, wire.Join(errs...)
}

// readLastError reads why a process abended; nil if its report does not say so, or cannot be read:
// that of an earlier abend would be misleading.
func readLastError(ctx context.Context, v *visit, admin *rest.Endpoint, p *Process, before *LastError) (*LastError, error) {
	route := processRoutes[p.Type] + "/" + rest.Segment(p.Name) + "/info/reports/" + rest.Segment(p.Name+".rpt")
	report, err := rest.GetWhole[reportAnswer](ctx, admin, route)
	switch {
	case rest.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case report.Lines.isOdd:
		err = fmt.Errorf("GET %s: lines is not a list of texts", admin.Base()+route) // and is not shown
	}
	if report.Lines.code == "" {
		return nil, err
	}
	found := &LastError{Process: p.Name, Type: p.Type, Code: report.Lines.code, At: report.Lines.at(p.Started)}
	if before != nil && before.Code == found.Code && before.At.Equal(found.At.Time) {
		return before, err // it was read again
	}
	if v.options.Mask != nil {
		found.Line = wire.OneLine(v.options.Mask(admin.Redact(string(report.Lines.text))))
	}
	return found, err
}

// reportAnswer is what GET /{extracts|replicats}/{p}/info/reports/{report} returns.
type reportAnswer struct {
	Lines reportLines `json:"lines"`
}

// MaxEntries is how many lines a report may have, of which one is kept.
func (*reportAnswer) MaxEntries() int { return 1_000_000 }

// reportLines are the lines of a report. It has the parameters of the process, which may contain
// passwords, and data of the databases: nothing is kept but the time at which it begins and the
// error.
type reportLines struct {
	began string
	code  string
	time  string
	zone  string
	// text is not a string, because one that repeats a secret of the login would make the answer
	// one that cannot be used: the code counts, and Redact takes care of the text.
	text  []byte
	isOdd bool // there is something else than texts
}

// longestError is how much of an error is looked at, in bytes.
const longestError = 2000

var (
	reportTime  = regexp.MustCompile(`^(?:\s{0,80}Starting at )?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)`)
	reportError = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?\s{1,20}ERROR\s{1,20}(OGG-\d{4,5})\b[ :]{0,20}(.*)`)
)

// UnmarshalJSONFrom reads a list of strings. It never fails, because its error would show what there
// is in their place.
func (r *reportLines) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*r = reportLines{}
	isOdd, err := readTexts(in, r.add)
	r.isOdd = isOdd
	return err
}

// add takes what is needed from a line.
func (r *reportLines) add(line string) {
	if r.began == "" {
		if m := reportTime.FindStringSubmatch(line); m != nil {
			r.began = strings.Clone(m[1])
		}
	}
	if r.code != "" && r.code != abendingCode || !strings.Contains(line, "ERROR") {
		return
	}
	m := reportError.FindStringSubmatch(line)
	if m == nil || r.code != "" && m[3] == abendingCode {
		return
	}
	r.time, r.zone, r.code, r.text = strings.Clone(m[1]), strings.Clone(m[2]), strings.Clone(m[3]), []byte(m[4][:min(len(m[4]), longestError)])
}

// A clock is at most farthestZone from UTC, by quarters of an hour. A report begins at most
// startsWithin from the start of the run.
const (
	farthestZone = 14 * time.Hour
	startsWithin = 2 * time.Minute
)

// at returns when the error was reported, in a run that started at a time, with which the report
// begins; zero if that is not known.
func (r *reportLines) at(started wire.Timestamp) wire.Timestamp {
	if r.zone != "" {
		at, err := time.Parse("2006-01-02T15:04:05Z07:00", wholeZone(r.time, r.zone))
		if err != nil {
			return wire.Timestamp{}
		}
		return wire.TimestampOf(at)
	}
	began, beganErr := localTime(r.began)
	at, atErr := localTime(r.time)
	passed := began.Sub(started.Time)
	zone := passed.Round(15 * time.Minute)
	isOther := zone.Abs() > farthestZone || (passed-zone).Abs() > startsWithin // report, or run
	if started.IsZero() || beganErr != nil || atErr != nil || isOther {
		return wire.Timestamp{}
	}
	return wire.TimestampOf(at.Add(-zone))
}

// localTime returns a time of a report as if it were UTC.
func localTime(text string) (time.Time, error) {
	return time.Parse(time.DateTime, strings.Replace(text, "T", " ", 1))
}

// wholeZone returns a time with its zone, in which a colon may be missing.
func wholeZone(at, zone string) string {
	if len(zone) == len("+0000") {
		zone = zone[:3] + ":" + zone[3:]
	}
	return strings.Replace(at, " ", "T", 1) + zone
}
