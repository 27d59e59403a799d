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
	// Listed is whether those are all deployments that are to be read.
	Listed bool
	// Requirements are what the rules require, unless it is not known whether it is listed, and
	// Rules how much the rules apply to; without those that apply to nothing that was read, while
	// there is something that could not be read.
	Requirements []Requirement
	Rules        []RuleUse
	// LeftOut is what was not read, as Client.LeaveOut says.
	LeftOut LeftOut
	// Requests counts the requests since the client was created, by microservice, sorted by
	// name.
	Requests []RequestStats
}
