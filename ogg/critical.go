package ogg

import "slices"

// claim is what makes the sample of a critical resource one of its own.
type claim struct{ deployment, microservice, name, kind string }

// claims are those of the critical resources that have been reported, and by deployment the reports
// that are not the first.
type claims struct {
	taken  map[claim]bool
	others map[*Deployment]*duplicates
}

// settleCritical keeps one report of each critical resource where services of the same name in
// several deployments report it: that of the deployment that it belongs to, or else the first. The
// others are failures of the deployments that made them. The Service Manager reports
// services of other deployments, too, but there is only one.
func settleCritical(deployments []*Deployment) {
	all := claims{map[claim]bool{}, map[*Deployment]*duplicates{}}
	for _, isOwn := range []bool{true, false} {
		for _, d := range deployments {
			for _, s := range d.Services {
				s.CriticalResources = slices.DeleteFunc(s.CriticalResources, func(r CriticalResource) bool {
					return (r.Deployment == d.Name) == isOwn && !all.take(d, s, r)
				})
			}
		}
	}
	for d, others := range all.others {
		d.record(Read{Collector: "service", Err: others.err()})
	}
}

// take reports whether the report is the first of its resource.
func (c claims) take(d *Deployment, s *Service, r CriticalResource) bool {
	key := claim{r.Deployment, s.Name, r.Name, r.Type}
	if !c.taken[key] {
		c.taken[key] = true
		return true
	}
	if c.others[d] == nil {
		c.others[d] = &duplicates{}
	}
	c.others[d].add(r.Deployment + " " + r.Type + " " + r.Name)
	return false
}
