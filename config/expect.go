package config

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
