package oggtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// reportRoutes are the reports of Extracts and Replicats.
var reportRoutes = slices.Concat(reportRoutesOf(Extract), reportRoutesOf(Replicat))

func reportRoutesOf(t ProcessType) []route {
	admin, root := []string{"adminsrvr"}, "/services/v2/"+string(t)+"/{process}/info/reports"
	return []route{
		{path: root, services: admin, describes: "reports", answer: func(x *exchange) (object, *failure) { return x.reports(t) }},
		{path: root + "/{report}", services: admin, describes: "report", answer: func(x *exchange) (object, *failure) { return x.report(t) }},
	}
}

// olderReports is how many reports of earlier runs GoldenGate keeps.
const olderReports = 10

// reports answers GET …/{process}/info/reports: the report of the latest run, those of earlier
// ones, and the discard file, which 12.3 does not list.
func (x *exchange) reports(t ProcessType) (object, *failure) {
	pr, _ := x.named(t)
	if pr == nil {
		return nil, notFound
	}
	items := list{}
	for _, name := range pr.reports(x.server.profile) {
		items = append(items, x.item(name))
	}
	return collection(items), nil
}

// report answers GET …/{process}/info/reports/{report}.
func (x *exchange) report(t ProcessType) (object, *failure) {
	pr, _ := x.named(t)
	if pr == nil || !slices.Contains(pr.reports(x.server.profile), x.vars["report"]) {
		return nil, notFound
	}
	var lines list
	switch name := x.vars["report"]; {
	case strings.HasSuffix(name, ".dsc"):
		lines = list{"Oracle GoldenGate Delivery - discarded records", "CUSTOMER_NAME = Miller", "CARD = 4111 1111 1111 1111"}
	case name == pr.spec.Name+".rpt":
		lines = append(pr.banner(x.dep, x.server.profile), pr.told(x.now)...)
	default:
		lines = pr.banner(x.dep, x.server.profile)
	}
	return object{{"$schema", "ogg:report"}, {"lines", lines}}, nil
}

// reports returns the names of a process's reports, of the latest run first.
func (pr *process) reports(p *profile) []string {
	if pr.run.started.IsZero() {
		return nil
	}
	all := []string{pr.spec.Name + ".rpt"}
	for n := range min(pr.run.starts-1, olderReports) {
		all = append(all, fmt.Sprintf("%s%d.rpt", pr.spec.Name, n))
	}
	if p.processCritical && pr.spec.DiscardsPerSecond > 0 {
		all = append(all, pr.spec.Name+".dsc")
	}
	return all
}

// banner returns the beginning of a report, with the parameters.
func (pr *process) banner(d *deployment, p *profile) list {
	lines := list{
		strings.Repeat("*", 72),
		"Oracle GoldenGate " + pr.title() + " Version " + p.version,
		strings.Repeat("*", 72),
		"",
	}
	return append(append(lines, pr.config(d, p)...), "")
}

// told returns what the process said in the latest run.
func (pr *process) told(now time.Time) list {
	events := pr.began(pr.run.started)
	switch {
	case pr.ended(now):
		events = append(events, pr.over(pr.run.stopped, pr.run.ending)...)
	case !pr.running(now):
		events = append(events, pr.over(pr.run.stopped, pr.end)...)
	}
	lines := list{}
	for _, e := range events {
		lines = append(lines, fmt.Sprintf("%s  %-7s %s  %s", e.at.UTC().Format("2006-01-02 15:04:05"), e.severity, e.code, e.text))
	}
	return lines
}
