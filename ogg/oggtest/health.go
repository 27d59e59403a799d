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

// health answers GET /services/v2/config/health. criticalResources is absent if there are none.
// They are processes and tasks in the Administration Service, and paths in the Distribution and Receiver
// Services.
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

// healthCheck answers GET /services/v2/config/health/check, which 12.3 lacks.
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

// critical returns the critical resources of the service.
func (x *exchange) critical() (resources list, healthy bool) {
	healthy = true
	add := func(critical bool, name, kind, status string) {
		if !critical {
			return
		}
		ok := status == "running"
		healthy = healthy && ok
		resources = append(resources, object{{"name", name}, {"type", kind}, {"status", status}, {"healthy", ok}})
	}
	if x.svc.spec.Name == "adminsrvr" {
		for _, p := range x.dep.processes {
			add(p.spec.Critical, p.spec.Name, p.spec.Type.noun(), p.status(x.now))
		}
		resources, healthy = x.criticalTasks(resources, healthy)
	}
	for t, paths := range x.dep.paths {
		for _, dp := range paths {
			add(dp.spec.Critical && x.svc.spec.Name == t.service(), dp.spec.Name, t.resource(), dp.status(x.server.profile))
		}
	}
	return resources, healthy
}

// criticalTasks adds the critical tasks, which are healthy unless their latest run failed.
func (x *exchange) criticalTasks(resources list, healthy bool) (list, bool) {
	for _, t := range x.dep.tasks {
		if t.spec.Critical {
			status := t.status(x.now)
			ok := status != "abended"
			healthy = healthy && ok
			resources = append(resources, object{{"name", t.spec.Name}, {"type", "task"}, {"status", status}, {"healthy", ok}})
		}
	}
	return resources, healthy
}
