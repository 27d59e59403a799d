package ogg

import (
	"context"
	"errors"
	"slices"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// Deployment is one deployment of an installation as a poll found it.
type Deployment struct {
	Name string
	// Status is running, stopped, restart, killed or abended (12.3: not the last two);
	// empty when it could not be read. If no Service Manager lists a managed deployment, see
	// Client.SetManagedStatus.
	Status string
	// Enabled says whether the Service Manager manages the deployment; nil when it could
	// not be read.
	Enabled *bool
	// Ran is whether the deployment was seen to run since it has been listed, and Unexpected whether
	// it is in another state than expected; nil if nothing is expected or the state is not known.
	Ran        bool
	Unexpected *bool
	// Listed is which of the lists below are complete.
	Listed Listed
	// Kept is since when what the latest poll did not read is known, in what Client.Last returns.
	Kept Kept
	// Build is nil while no service of the deployment can report it.
	Build *Build
	// APIVersions are those that the Service Manager offers, in its own deployment alone;
	// none while they are not known.
	APIVersions []APIVersion
	// Services are sorted by name.
	Services []*Service
	// Processes are the Extracts, then the Replicats, each sorted by name.
	Processes []*Process
	// Definitions say what those processes are that are known so far, in the same order.
	Definitions []*Definition
	// LastErrors say why processes abended, in the same order, and Messages is what was logged; nil
	// if not counted.
	LastErrors []*LastError
	Messages   *Messages
	// Tasks are those of the Administration Service that are known so far.
	Tasks []*Task
	// Checkpoints are those of the Extracts, in the same order, by thread of the log.
	Checkpoints []*Checkpoint
	// Monitoring is what the Performance Metrics Service reports.
	Monitoring
	// Workers are those of each Replicat that runs, by mode.
	Workers []*Workers
	// Tables are the operations by table of each Extract and Replicat that is running.
	Tables []*Tables
	// Trails are those that the Administration Service lists and that could be read, and others
	// that Extracts write, of which less is known.
	Trails []*Trail
	// ExtractTrails are the trails that the Distribution Service knows Extracts to write.
	ExtractTrails []*ExtractTrail
	// Heartbeats are those that the Performance Metrics Service reports, and
	// TableHeartbeats those last read from the heartbeat tables of the databases.
	Heartbeats      []*Heartbeat
	TableHeartbeats []*TableHeartbeat
	// Certificates are those that the Service Manager stores for the deployment and that
	// could be read.
	Certificates []*Certificate
	// DistributionPaths and ReceiverPaths are in the order of GoldenGate's lists.
	DistributionPaths []*DistributionPath
	ReceiverPaths     []*ReceiverPath
	// DataStreams are those of the Distribution Service, in the order of its list.
	DataStreams []*DataStream
	// Reads are the reads of this deployment and their outcomes.
	Reads []Read
	// Remarks, sorted, say where the answers were ambiguous, although nothing failed.
	Remarks []string
}

// Service returns the deployment's service of that name, nil if it has none.
func (d *Deployment) Service(name string) *Service {
	i := slices.IndexFunc(d.Services, func(s *Service) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return d.Services[i]
}

// failed reports whether something failed for a collector.
func (d *Deployment) failed(collector string) bool {
	return slices.ContainsFunc(d.Reads, func(r Read) bool { return r.Collector == collector && r.Err != nil })
}

// record adds the outcome of a read to earlier ones for the same collector. Its error can be shown.
func (d *Deployment) record(r Read) {
	r.Err = wire.Show(r.Err)
	for i := range d.Reads {
		if before := &d.Reads[i]; before.Collector == r.Collector {
			before.Took += r.Took
			if !isCounted(before.Err, r.Err) {
				before.Err = wire.Show(wire.Join(before.Err, r.Err))
			}
			return
		}
	}
	d.Reads = append(d.Reads, r)
}

// isCounted reports whether err is one more duplicate beside those in the error before, which counts
// it: a list may have thousands.
func isCounted(before, err error) bool {
	all, _ := errors.AsType[*DuplicateError](before)
	one, _ := errors.AsType[*DuplicateError](err)
	if all == nil || one == nil || err != error(one) { //nolint:errorlint // nothing but a duplicate
		return false
	}
	all.More += 1 + one.More
	return true
}

// listedDeployment is an entry of GET /installation/deployments (19c and later) and,
// without the name, what GET /deployments/{d} returns (12.3 and later).
type listedDeployment struct {
	Name    string `json:"deploymentName"`
	Status  string `json:"status"`
	Enabled *bool  `json:"enabled"`
}

// about returns the deployment that the entry is about, and whether the entry has its name.
func (d listedDeployment) about() (string, bool) { return d.Name, d.Name != "" }

// listDeployments reads GET /installation/deployments (19c and later; role Any in 21.3, User in
// 26ai); nil if the release lacks it.
func listDeployments(ctx context.Context, sm *rest.Endpoint) (*[]listedDeployment, error) {
	list, err := rest.GetIfPresent[struct {
		Deployments []listedDeployment `json:"deployments"`
	}](ctx, sm, "/installation/deployments")
	if list == nil {
		return nil, err
	}
	deployments, err := selfListed(sm, "/installation/deployments", "deployments", list.Deployments)
	return &deployments, err
}

// getDeployment reads GET /deployments/{d} (all releases; role User).
func getDeployment(ctx context.Context, sm *rest.Endpoint, name string) (listedDeployment, error) {
	d, err := rest.Get[listedDeployment](ctx, sm, "/deployments/"+rest.Segment(name))
	d.Name = name
	return d, err
}
