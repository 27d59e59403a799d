package oggtest

import "time"

// ReceiverPath is a path of the Receiver Service: it writes a trail of its deployment with
// what a Distribution Service sends. Its name is the sender's, of the form of a
// DistributionPath's; what is not explained here is as there.
type ReceiverPath struct {
	Name, Description string

	Status  string
	Extract string

	// Trail is the trail that is written, TrailPath its directory, and SourceTrail the trail
	// that is read at the other end. Made up when empty.
	Trail, TrailPath string
	SourceTrail      string

	TargetInitiated bool

	Lag                 time.Duration
	LagSwing, LagPeriod time.Duration

	NeverStarted, UnknownLag, NotRead, Critical bool

	Started, Stopped time.Duration
	BytesPerSecond   int64
}

// receiverPathRoutes are the Receiver Service's paths. Before 19c there are only their list
// and configuration; the forms of stats and progress are not known.
var receiverPathRoutes = pathRoutes(receiver, "recvsrvr", func(p *profile) bool { return p.receiverInfo })

// path is the same path as its sender would say it.
func (r ReceiverPath) path() DistributionPath {
	return DistributionPath{
		Name: r.Name, Description: r.Description, Status: r.Status, Extract: r.Extract,
		Trail: r.SourceTrail, TrailPath: r.TrailPath, TargetTrail: r.Trail, TargetInitiated: r.TargetInitiated,
		Lag: r.Lag, LagSwing: r.LagSwing, LagPeriod: r.LagPeriod,
		NeverStarted: r.NeverStarted, UnknownLag: r.UnknownLag, NotRead: r.NotRead, Critical: r.Critical,
		Started: r.Started, Stopped: r.Stopped, BytesPerSecond: r.BytesPerSecond,
	}
}
