package status

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/ogg"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// place is a deployment of which rows are made, with what is known about what is in it.
type place struct {
	source     *Source
	deployment *ogg.Deployment
	// unhealthy has what GoldenGate reports as critical and unhealthy.
	unhealthy   map[resource]bool
	definitions map[process]*ogg.Definition
	lastErrors  map[process]*ogg.LastError
}

// process identifies an Extract or Replicat of a deployment.
type process struct {
	kind ogg.ProcessType
	name string
}

// resource identifies what is critical: an Extract, Replicat or path, of which GoldenGate may say only
// ER. The kind is process, distPath or recvPath.
type resource struct{ deployment, kind, name string }

// kinds are the kinds of critical resources that have rows of their own.
var kinds = map[string]string{
	"extract": "process", "replicat": "process", "ER": "process", "distPath": "distPath", "recvPath": "recvPath",
}

// unhealthyIn returns what is critical and unhealthy in an installation.
func unhealthyIn(inst *ogg.Installation) map[resource]bool {
	all := map[resource]bool{}
	for _, d := range inst.Deployments {
		for _, s := range d.Services {
			for _, r := range s.CriticalResources {
				if kind := kinds[r.Type]; kind != "" && isNo(r.Healthy) {
					all[resource{r.Deployment, kind, r.Name}] = true
				}
			}
		}
	}
	return all
}

// newPlace returns the place of a deployment.
func newPlace(source *Source, d *ogg.Deployment, unhealthy map[resource]bool) *place {
	p := &place{source, d, unhealthy, map[process]*ogg.Definition{}, map[process]*ogg.LastError{}}
	for _, known := range d.Definitions {
		p.definitions[process{known.Type, known.Process}] = known
	}
	for _, e := range d.LastErrors {
		p.lastErrors[process{e.Type, e.Process}] = e
	}
	return p
}

// row returns the row of something in the deployment that the latest poll read.
func (p *place) row(program, name, status string, v verdict) Row {
	return Row{
		ServiceManager: p.source.Name, Deployment: p.deployment.Name, Program: program, Name: name,
		Status: status, State: v.state, Why: v.why, ReadAt: p.source.Latest.Begin,
	}
}

// keptSince returns the row of what an earlier poll read; the zero time if it was the latest.
func (r Row) keptSince(read time.Time) Row {
	if !read.IsZero() {
		r.ReadAt = read
	}
	return r
}

// isCritical reports whether GoldenGate reports something in the deployment as critical and unhealthy.
func (p *place) isCritical(kind, name string) bool {
	return p.unhealthy[resource{p.deployment.Name, kind, name}]
}

// isDown reports whether the deployment is known not to run.
func (p *place) isDown() bool {
	return p.deployment.Status != "running" && p.deployment.Status != "unknown" && p.deployment.Status != ""
}

// failed reports whether something could not be read for a collector.
func (p *place) failed(collector string) bool {
	for _, r := range p.deployment.Reads {
		if r.Collector == collector && r.Err != nil {
			return true
		}
	}
	return false
}

// isMeantToRun reports whether the Service Manager is to run the Administration Service.
func (p *place) isMeantToRun() bool {
	admin := p.deployment.Service("adminsrvr")
	return !isNo(p.deployment.Enabled) && (admin == nil || !isNo(admin.Enabled))
}

// started returns when something started; nil if it never did.
func started(at wire.Timestamp) *time.Time {
	if at.IsZero() {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// unread is the verdict on what has no state that could be read.
var unread = verdict{Unknown, "its state could not be read"}

// odd is the verdict on a state that no release is known to have.
var odd = verdict{Warning, "GoldenGate reports a state that is not known"}

// is returns that something is in a state, in words.
func is(status string) string {
	switch status {
	case "abended":
		return "has abended"
	case "killed":
		return "was killed"
	case "restart":
		return "is restarting"
	default:
		return "is " + status
	}
}
