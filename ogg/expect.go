package ogg

import (
	"slices"

	"github.com/ogg-exporter/ogg_exporter/config"
)

// The states of what is expected to run that are known; of any other it is not known whether it runs.
var knownStates = map[config.Kind][]string{
	config.KindDeployment: {"running", "stopped", "restart", "killed", "abended"},
	config.KindProcess:    {"starting", "running", "stopped", "killed", "abended"},
	config.KindPath:       {"running", "stopping", "stopped", "paused", "killed", "uninitialized"},
}

// judgement compares an installation with the rules of what is expected.
type judgement struct {
	*Installation

	config *config.ServiceManager
	rules  rules
	uses   []RuleUse // by rule, the objects that it applies to
	yes    *bool     // what all verdicts share
	no     *bool
}

// judge fills in what is unexpected in an installation, what is required of it, and to how much the
// rules apply. It says nothing of what was not read.
func judge(inst *Installation, sm *config.ServiceManager, rules rules) {
	if inst.Err != nil {
		return
	}
	j := &judgement{inst, sm, rules, make([]RuleUse, len(rules)), new(true), new(false)}
	for _, d := range inst.Deployments {
		isManaged := d.Enabled == nil || *d.Enabled // otherwise the Service Manager does not run it
		d.Unexpected = j.unexpected(config.KindDeployment, d.Name, d.Name, d.Status, d.Ran && isManaged)
		isEndless := d.endless()
		for _, p := range d.Processes {
			p.Unexpected = j.unexpected(config.KindProcess, d.Name, p.Name, p.Status, p.Ran && isEndless[p.Type][p.Name])
		}
		for _, p := range d.DistributionPaths {
			p.Unexpected = j.unexpected(config.KindPath, d.Name, p.Name, p.Status, p.Ran)
		}
		for _, p := range d.ReceiverPaths {
			p.Unexpected = j.unexpected(config.KindPath, d.Name, p.Name, p.Status, p.Ran)
		}
	}
	for i := range rules {
		if isListed := j.lists(&rules[i]); j.uses[i].Objects > 0 || isListed {
			j.uses[i].Rule = rules[i].number
			inst.Rules = append(inst.Rules, j.uses[i])
		}
		if rules[i].Required {
			inst.Requirements = append(inst.Requirements, j.required(i)...)
		}
	}
}

// unexpected returns whether an object is in another state than expected; nil if nothing is expected of
// it, or its state is not known. Without a rule, what runs says whether it is expected to run. With one
// that allows any state, each is expected, so that alerts about a stop know that it is allowed.
func (j *judgement) unexpected(kind config.Kind, deployment, name, status string, runs bool) *bool {
	expected := ""
	if i := j.rules.first(kind, deployment, name); i >= 0 {
		j.uses[i].add(kind, deployment, name)
		expected = j.rules[i].State
	} else if runs {
		expected = config.ExpectRunning
	}
	switch {
	case expected == "" || !slices.Contains(knownStates[kind], status):
		return nil
	case expected == config.ExpectAny || (status == "running") == (expected == config.ExpectRunning):
		return j.no
	default:
		return j.yes
	}
}

// mostFirst is how many of the objects that a rule applies to are named.
const mostFirst = 5

// add notes an object that the rule applies to.
func (u *RuleUse) add(kind config.Kind, deployment, name string) {
	u.Objects++
	switch {
	case len(u.First) == mostFirst:
	case kind == config.KindDeployment:
		u.First = append(u.First, name)
	default:
		u.First = append(u.First, deployment+"/"+name)
	}
}

// endless returns the processes of which it was read what they are, and that are not known to end by
// themselves, as initial loads do.
func (d *Deployment) endless() map[ProcessType]map[string]bool {
	of := map[ProcessType]map[string]bool{Extract: {}, Replicat: {}}
	for _, known := range d.Definitions {
		of[known.Type][known.Process] = known.Kind != initialLoad
	}
	return of
}

// lists reports whether everything is listed that the rule may be about.
func (j *judgement) lists(r *rule) bool {
	return j.Listed && (r.kind == config.KindDeployment || !slices.ContainsFunc(j.Deployments, func(d *Deployment) bool {
		return r.MayBeIn(d.Name) && !d.Listed.has(r.kind)
	}))
}

// required returns where an object is listed that a rule requires, or that it is missing. Of one that an
// earlier rule is about it says nothing, nor of one that is not to be read.
func (j *judgement) required(i int) []Requirement {
	r := &j.rules[i]
	var all []Requirement
	found := false
	for _, d := range j.Deployments {
		if !r.MayBeIn(d.Name) || !d.hasObject(r.kind, r.name) {
			continue
		}
		found = true
		if j.rules.first(r.kind, d.Name, r.name) == i {
			all = append(all, Requirement{Deployment: d.Name, Kind: r.kind, Name: r.name})
		}
	}
	if !found && j.lists(r) && j.wants(r) && j.rules.first(r.kind, r.deployment, r.name) == i {
		all = append(all, Requirement{r.deployment, r.kind, r.name, true})
	}
	return all
}

// wants reports whether what the rule names is to be read.
func (j *judgement) wants(r *rule) bool {
	switch {
	case r.deployment != "" && !j.config.Wants(r.deployment):
		return false
	case r.kind == config.KindProcess:
		return j.config.WantsProcess(r.name)
	case r.kind == config.KindPath:
		return j.config.WantsPath(r.name)
	default:
		return true
	}
}

// hasObject reports whether the deployment has an object of that kind and name, or is it.
func (d *Deployment) hasObject(kind config.Kind, name string) bool {
	switch kind {
	case config.KindProcess:
		return slices.ContainsFunc(d.Processes, func(p *Process) bool { return p.Name == name })
	case config.KindPath:
		return slices.ContainsFunc(d.DistributionPaths, func(p *DistributionPath) bool { return p.Name == name }) ||
			slices.ContainsFunc(d.ReceiverPaths, func(p *ReceiverPath) bool { return p.Name == name })
	default:
		return d.Name == name
	}
}
