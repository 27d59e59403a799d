package ogg

import (
	"context"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// ServiceManager is the name of the deployment, and of the service in it, under
// which GoldenGate lists the Service Manager itself.
const ServiceManager = "ServiceManager"

// Deployment is one deployment of an installation as a poll found it.
type Deployment struct {
	Name string
	// Status is running, stopped, restart, killed or abended (12.3: not the
	// last two); empty when it could not be read. Where no Service Manager answers
	// for a managed deployment, it is as Client.SetManagedStatus says.
	Status string
	// Enabled says whether the Service Manager manages the deployment; nil when
	// it could not be read.
	Enabled *bool
	// Build is nil while no service of the deployment can be asked for it.
	Build *Build
	// Services are sorted by name.
	Services []*Service
	// Processes are the Extracts, then the Replicats, each sorted by name.
	Processes []*Process
	// Monitored are the processes that the Performance Metrics Service lists, and
	// MonitoringUp whether it answered; nil where the deployment has none.
	Monitored    []*Monitored
	MonitoringUp *bool
	// Trails are those that the Administration Service lists and that could be read.
	Trails []*Trail
	// Heartbeats are what the Performance Metrics Service knows of them, and
	// TableHeartbeats what was last read of the databases' heartbeat tables.
	Heartbeats      []*Heartbeat
	TableHeartbeats []*TableHeartbeat
	// Certificates are those that the Service Manager keeps for the deployment and
	// that could be read.
	Certificates []*Certificate
	// DistributionPaths and ReceiverPaths are in the order of GoldenGate's lists.
	DistributionPaths []*DistributionPath
	ReceiverPaths     []*ReceiverPath
	// Reads says what was read of this deployment and how that went.
	Reads []Read

	alone      bool // no Service Manager tells of it
	client     *Client
	collectors []string // that the poll reads for; nil is all
	monitoring *monitoring
}

// Service returns the deployment's service of that name, nil if it has none.
func (d *Deployment) Service(name string) *Service {
	for _, s := range d.Services {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// asks returns the service to be asked for name's resources, nil if there is
// none that can answer.
func (d *Deployment) asks(name string) *Service {
	if s := d.Service(name); s != nil && s.answers() {
		return s
	}
	return nil
}

// record keeps how a read went, together with what was read before for the same
// collector.
func (d *Deployment) record(r Read) {
	for i := range d.Reads {
		if before := &d.Reads[i]; before.Collector == r.Collector {
			before.Took += r.Took
			before.Err = wire.Join(before.Err, r.Err)
			return
		}
	}
	d.Reads = append(d.Reads, r)
}

// listedDeployment is an entry of GET /installation/deployments (19c and later)
// and, without the name, what GET /deployments/{d} returns (12.3 and later).
type listedDeployment struct {
	Name    string `json:"deploymentName"`
	Status  string `json:"status"`
	Enabled *bool  `json:"enabled"`
}

// listDeployments reads GET /installation/deployments (19c and later; role Any);
// nil where the release lacks it.
func listDeployments(ctx context.Context, sm *endpoint) (*[]listedDeployment, error) {
	list, err := getIfPresent[struct{ Deployments []listedDeployment }](ctx, sm, "/installation/deployments")
	if list == nil {
		return nil, err
	}
	return &list.Deployments, nil
}

// getDeployment reads GET /deployments/{d} (all releases; role User).
func getDeployment(ctx context.Context, sm *endpoint, name string) (listedDeployment, error) {
	d, err := get[listedDeployment](ctx, sm, "/deployments/"+segment(name))
	d.Name = name
	return d, err
}

// readBuild fills in the deployment's build, from the first of its services that
// can answer.
func readBuild(ctx context.Context, d *Deployment) (bool, error) {
	for _, name := range []string{"adminsrvr", "distsrvr", "recvsrvr", "pmsrvr", ServiceManager} {
		if s := d.asks(name); s != nil {
			var err error
			d.Build, err = s.endpoint.build(ctx, s.Started)
			return true, err
		}
	}
	return false, nil
}
