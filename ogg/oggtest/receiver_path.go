package oggtest

import "time"

// ReceiverPath is a path of the Receiver Service: it writes what a Distribution Service sends to a
// trail of its deployment. Its name is that of the sender's path (see DistributionPath.Target).
// Other fields are as in DistributionPath.
type ReceiverPath struct {
	Name, Description string

	Status  string
	Extract string

	// Trail is the trail to write, TrailPath its directory, and SourceTrail the trail read at the
	// other end. If empty, the names are the sender's, or generated if that is not simulated, and the
	// directory is generated.
	Trail, TrailPath string
	SourceTrail      string

	// Address is as in DistributionPath, with distsrvr.
	Address string

	// Remote is the Extract that the path gets its data from, and RemoteDeployment its deployment, if
	// they belong to another installation. What happens to them there has no effect here.
	Remote           *Process
	RemoteDeployment string

	TargetInitiated bool

	Lag                 time.Duration
	LagSwing, LagPeriod time.Duration

	NeverStarted, UnknownLag, NotRead, Critical bool

	Started, Stopped time.Duration

	// BytesPerSecond is as in Process, of a Replicat; TrailSizeMB and TrailKeep are those of the
	// trail to write.
	BytesPerSecond, TrailSizeMB, TrailKeep int64
}

// receiverPathRoutes are the Receiver Service's paths. Before 19c there are only a list and the
// configuration.
var receiverPathRoutes = pathRoutes(receiver, "recvsrvr", func(p *profile) bool { return p.receiverInfo })

// path returns the same path as the sender would describe it.
func (r ReceiverPath) path() DistributionPath {
	return DistributionPath{
		Name: r.Name, Description: r.Description, Status: r.Status, Extract: r.Extract,
		Trail: r.SourceTrail, TrailPath: r.TrailPath, TargetTrail: r.Trail, TargetInitiated: r.TargetInitiated,
		Address: r.Address,
		Lag:     r.Lag, LagSwing: r.LagSwing, LagPeriod: r.LagPeriod,
		NeverStarted: r.NeverStarted, UnknownLag: r.UnknownLag, NotRead: r.NotRead, Critical: r.Critical,
		Started: r.Started, Stopped: r.Stopped, BytesPerSecond: r.BytesPerSecond,
		TrailSizeMB: r.TrailSizeMB, TrailKeep: r.TrailKeep,
	}
}
