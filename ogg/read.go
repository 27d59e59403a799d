package ogg

import "time"

// Read is the outcome of reading one collector's part of a deployment.
type Read struct {
	Collector string
	Took      time.Duration
	Err       error
}
