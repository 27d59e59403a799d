package ogg

import "time"

// Read is how the read of one collector's part of a deployment went.
type Read struct {
	Collector string
	Took      time.Duration
	Err       error
}
