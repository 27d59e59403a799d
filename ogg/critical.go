package ogg

import "slices"

// claim is what makes the sample of a critical resource one of its own.
type claim struct{ deployment, microservice, name, kind string }

// claims are those of the critical resources that have been reported.
type claims map[claim]bool

// settleCritical keeps one report of each critical resource where services of the same name in
// several deployments report it: that of the deployment that it belongs to, or else the first. The
// others are failures of the deployments that made them. The Service Manager reports
// services of other deployments, too, but there is only one.
func settleCritical(deployments []*Deployment) {
	taken := claims{}
	for _, isOwn := range []bool{true, false} {
		for _, d := range deployments {
			for _, s := range d.Services {
				s.CriticalResources = slices.DeleteFunc(s.CriticalResources, func(r CriticalResource) bool {
					return (r.Deployment == d.Name) == isOwn && !taken.take(d, s, r)
				})
			}
		}
	}
}

// take reports whether the report is the first of its resource. If it is not, the deployment
// records the failure.
func (taken claims) take(d *Deployment, s *Service, r CriticalResource) bool {
	key := claim{r.Deployment, s.Name, r.Name, r.Type}
	if taken[key] {
		d.record(Read{Collector: "service", Err: &DuplicateError{Name: r.Deployment + " " + r.Type + " " + r.Name}})
		return false
	}
	taken[key] = true
	return true
}
