package config

import (
	"regexp"
	"slices"
)

// Expectation is a rule that says in which state something is expected. The first rule that applies
// counts.
type Expectation struct {
	// Process or Path makes it a rule about the Extracts and Replicats, or the distribution and
	// receiver paths, of the deployments that Deployment matches; of all if that is not set. With
	// neither, it is about these deployments themselves.
	Deployment Pattern `yaml:"deployment"`
	Process    Pattern `yaml:"process"`
	Path       Pattern `yaml:"path"`
	// State is one of the Expect… constants.
	State string `yaml:"state"`
	// Required says that there has to be such an object. The pattern of its name, and Deployment if
	// it is set, are names then.
	Required bool `yaml:"required"`
}

// The states that can be expected.
const (
	ExpectRunning = "running"
	ExpectStopped = "stopped" // and anything else that does not run
	ExpectAny     = "any"
)

var expectableStates = []string{ExpectRunning, ExpectStopped, ExpectAny}

// Kind is what an Expectation is about.
type Kind string

// The kinds of what can be expected.
const (
	KindDeployment Kind = "deployment"
	KindProcess    Kind = "process"
	KindPath       Kind = "path"
)

// of returns what the rule is about, and the pattern of its name.
func (e *Expectation) of() (Kind, Pattern) {
	switch {
	case !e.Process.IsZero():
		return KindProcess, e.Process
	case !e.Path.IsZero():
		return KindPath, e.Path
	default:
		return KindDeployment, e.Deployment
	}
}

// AppliesTo reports whether the rule is about an object of a deployment. The name of a deployment is
// given twice.
func (e *Expectation) AppliesTo(kind Kind, deployment, name string) bool {
	about, pattern := e.of()
	return about == kind && e.MayBeIn(deployment) && pattern.MatchString(name)
}

// MayBeIn reports whether the rule is about the deployment, or about what is in it.
func (e *Expectation) MayBeIn(deployment string) bool {
	return e.Deployment.IsZero() || e.Deployment.MatchString(deployment)
}

// Names returns what the rule is about, and the names of the object and of its deployment as far as
// the rule has names rather than patterns. The deployment is "" if the object may be in any.
func (e *Expectation) Names() (kind Kind, deployment, name string) {
	kind, pattern := e.of()
	if literal, is := e.Deployment.literal(); is {
		deployment = literal
	}
	if literal, is := pattern.literal(); is {
		name = literal
	}
	return kind, deployment, name
}

// literal returns the only name that the pattern matches, and whether there is one.
func (p Pattern) literal() (string, bool) {
	if p.IsZero() {
		return "", false
	}
	name, whole := regexp.MustCompile(p.expr).LiteralPrefix()
	return name, whole && name != ""
}

// validateExpectations checks the rules of a list.
func (d *decoder) validateExpectations(rules []Expectation, list string) {
	for i := range rules {
		if path := index(list, i); !d.broken[path] && d.spend(0) {
			d.validateExpectation(&rules[i], path)
		}
	}
}

func (d *decoder) validateExpectation(e *Expectation, path string) {
	patterns := map[string]Pattern{"deployment": e.Deployment, "process": e.Process, "path": e.Path}
	named := false
	for key, pattern := range patterns {
		at := join(path, key)
		if !d.has(at) {
			continue
		}
		named = true
		_, literal := pattern.literal()
		switch {
		case d.broken[at] || d.reported(at):
		case pattern.IsZero():
			d.add(at, "must not be empty")
		case e.Required && !literal:
			d.add(at, "must be a plain name, not a pattern, because required is true")
		}
	}
	switch at := join(path, "state"); {
	case !named:
		d.add(path, "must have deployment, process or path")
	case d.has(join(path, "process")) && d.has(join(path, "path")):
		d.add(join(path, "path"), "must not be set together with process")
	case !d.has(at):
		d.add(at, "is missing")
	case !d.broken[at] && !slices.Contains(expectableStates, e.State):
		d.add(at, "must be running, stopped or any, not %s", quote(e.State))
	}
}
