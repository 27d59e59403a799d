package oggtest

// healthRoutes are answered by every service.
var healthRoutes = []route{
	{path: "/services/v2/config/health", describes: "health", answer: (*exchange).health},
	{
		path: "/services/v2/config/health/check", open: true,
		has:    func(p *profile) bool { return p.healthCheck },
		answer: (*exchange).healthCheck,
	},
}

// health answers GET /services/v2/config/health. criticalResources is absent when there are
// none; only the Administration Service has any.
func (x *exchange) health() (object, *failure) {
	critical, healthy := x.critical()
	return join(
		object{
			{"$schema", "ogg:health"},
			{"deploymentName", x.dep.spec.Name},
			{"healthy", healthy && !x.svc.spec.Unhealthy},
			{"serviceName", x.svc.spec.Name},
			{"started", x.svc.started},
		},
		when(len(critical) > 0, member{"criticalResources", critical}),
	), nil
}

// healthCheck answers GET /services/v2/config/health/check, which 12.3 does not have.
func (x *exchange) healthCheck() (object, *failure) {
	_, healthy := x.critical()
	return join(
		object{
			{"$schema", "ogg:healthSummary"},
			{"deploymentName", x.dep.spec.Name},
			{"healthy", healthy && !x.svc.spec.Unhealthy},
			{"serviceName", x.svc.spec.Name},
			{"started", x.svc.started},
		},
		when(x.server.profile.ids,
			member{"deploymentId", x.dep.id},
			member{"serviceId", x.svc.id},
			member{"serviceManagerId", x.server.find(serviceManager).id},
		),
	), nil
}

// critical lists the critical resources of the service that answers.
func (x *exchange) critical() (resources list, healthy bool) {
	healthy = true
	if x.svc.spec.Name != "adminsrvr" {
		return nil, true
	}
	for _, p := range x.dep.processes {
		if !p.spec.Critical {
			continue
		}
		ok := p.spec.Status == "running"
		healthy = healthy && ok
		resources = append(resources, object{
			{"name", p.spec.Name},
			{"type", p.spec.Type.noun()},
			{"status", p.spec.Status},
			{"healthy", ok},
		})
	}
	return resources, healthy
}
