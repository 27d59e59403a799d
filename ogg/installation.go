package ogg

import "time"

// Installation is what one poll found of a Service Manager and everything that it manages:
// plain data, complete except for what failed.
type Installation struct {
	// ServiceManager is the configured name.
	ServiceManager string
	// Begin is when the poll began, and Took how long it lasted.
	Begin time.Time
	Took  time.Duration
	// Err is why the Service Manager could not be read; nil if discovery succeeded, or if
	// services of a managed deployment answered instead.
	Err error
	// Deployments are sorted by name. The Service Manager itself is among them.
	Deployments []*Deployment
	// Requests counts the requests since the client was created, by microservice, sorted by
	// name.
	Requests []RequestStats
}
