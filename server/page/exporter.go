package page

import (
	"strconv"
	"time"

	"github.com/ogg-exporter/ogg_exporter/status"
)

// Exporter is the state of the exporter itself, beside what it has read.
type Exporter struct {
	// Build is the version with its revision and build.
	Build string
	// Since is when the configuration in force was loaded.
	Since time.Time
	// Failed is the latest reload if that failed; nil otherwise.
	Failed *Failure
	// Clouds are the entries of oci.
	Clouds []Cloud
	// Pages are the paths of the other pages.
	Pages []Page
	// Metrics is the path of the metrics of everything.
	Metrics string
	// Probe is the path of the page that reads one target, and Debug whether it may show its requests.
	Probe string
	Debug bool
	// Profiles is the path of Go's profiles; empty if they are off.
	Profiles string
	// JSON is the path of the status as JSON.
	JSON string
}

// Failure is a reload that failed.
type Failure struct {
	At    time.Time
	Lines []string
}

// Cloud is an entry of oci.
type Cloud struct {
	Name string
	// ReadAt is nil before the first refresh.
	ReadAt      *time.Time
	Took        time.Duration
	Deployments int
	Errors      []string
}

// Page is another page of the exporter.
type Page struct {
	Path, Name, About string
}

// exporter is the part of the page about the exporter.
type exporter struct {
	Exporter
	Since    moment
	Failed   *failure
	Managers []target
	LeftOut  string
	Clouds   []target
}

// failure is a reload that failed.
type failure struct {
	At    moment
	Lines []string
}

// target is a Service Manager or an entry of oci.
type target struct {
	Name, URL, Class, Word string
	Read, ReadAt, Took     string
	Deployments            int
	Result                 []string
	// Target is the name as the parameter of a probe.
	Target string
}

const (
	// mostTargets is how many Service Managers the page shows, and mostErrors how many errors of one.
	mostTargets = 500
	mostErrors  = 50
)

func newExporter(s *status.Status, e Exporter) exporter {
	made := exporter{Exporter: e, Since: momentOf(e.Since)}
	if e.Failed != nil {
		made.Failed = &failure{momentOf(e.Failed.At), few(e.Failed.Lines, mostErrors)}
	}
	managers := s.ServiceManagers
	if n := len(managers); n > mostTargets {
		made.LeftOut = grouped(mostTargets) + " of " + grouped(n) + " Service Managers are shown, problems first."
		managers = managers[:mostTargets]
	}
	for _, sm := range managers {
		row := newTarget(s.At, sm.Name, sm.ReadAt, sm.Errors)
		row.URL, row.Class, row.Word = line(sm.URL), class(sm.State), word(sm.State)
		if sm.TookSeconds != nil {
			row.Took = seconds(*sm.TookSeconds)
		}
		made.Managers = append(made.Managers, row)
	}
	for _, c := range e.Clouds {
		row := newTarget(s.At, c.Name, c.ReadAt, c.Errors)
		row.Deployments = c.Deployments
		if c.ReadAt != nil {
			row.Took = seconds(c.Took.Seconds())
		}
		made.Clouds = append(made.Clouds, row)
	}
	return made
}

// newTarget returns the row of a target that was last read at a time, nil for never.
func newTarget(now time.Time, name string, read *time.Time, errs []string) target {
	made := target{Name: line(name), Target: name, Read: "not yet"}
	if read != nil {
		made.Read, made.ReadAt, made.Result = ago(now, *read), momentOf(*read).Machine, few(errs, mostErrors)
		if len(errs) == 0 {
			made.Result = []string{"complete"}
		}
	}
	return made
}

// seconds returns how long something took.
func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) + " s" }

// latestOf returns when one of the Service Managers was last read; nil if none was.
func latestOf(all []status.ServiceManager) *time.Time {
	var latest *time.Time
	for _, sm := range all {
		if sm.ReadAt != nil && (latest == nil || sm.ReadAt.After(*latest)) {
			latest = sm.ReadAt
		}
	}
	return latest
}
