package ogg

import "github.com/ogg-exporter/ogg_exporter/config"

// Listed says which lists of what a deployment has a poll read whole, so that what they lack is not
// there. The list of a service that a running deployment does not have is empty.
type Listed struct{ Processes, DistributionPaths, ReceiverPaths bool }

// has reports whether everything of a kind is listed.
func (l Listed) has(kind config.Kind) bool {
	if kind == config.KindProcess {
		return l.Processes
	}
	return l.DistributionPaths && l.ReceiverPaths
}

// Requirement is an object that a rule of the configuration requires.
type Requirement struct {
	// Deployment is empty if the object may be in any, and Missing.
	Deployment string
	Kind       config.Kind
	Name       string
	// Missing is whether the object is not listed.
	Missing bool
}

// RuleUse is how many objects a rule of the configuration applies to, of those that could be read.
type RuleUse struct {
	// Rule is the number of the rule, see Client.Expect.
	Rule    string
	Objects int
	// First are the first few of them: DEPLOYMENT/NAME, of a deployment only its name.
	First []string
}
