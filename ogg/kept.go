package ogg

import "time"

// Kept is when the polls began that read what a later one did not read, or could not; zero for what the
// latest one read. Of what it could not read only names and places in trails are kept: no status, and
// no lag.
type Kept struct {
	Processes, DistributionPaths, ReceiverPaths time.Time
	// Heartbeats are those of Performance Metrics: those of tables have a time each.
	DataStreams, Heartbeats time.Time
}
