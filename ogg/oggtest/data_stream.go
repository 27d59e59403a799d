package oggtest

import "time"

// DataStream is a data stream of the Distribution Service (since 23ai): clients subscribe to what
// it reads from a trail. Performance Metrics has its figures since 26ai. Its fields are as in
// DistributionPath. A distribution path may have the same name.
type DataStream struct {
	Name, Status, Extract string
	Lag                   time.Duration
	NeverStarted          bool
	UnknownLag            bool
	Started, Stopped      time.Duration
}
