package oggtest

import "slices"

// extractTrailRoutes are the Distribution Service's Extracts with their trails.
var extractTrailRoutes = []route{{
	path: "/services/v2/exttrails", services: []string{"distsrvr"}, describes: "exttrails", answer: (*exchange).extractTrails,
}}

// extractTrails answers GET /services/v2/exttrails: every Extract of the deployment with the trail
// that it writes, how far it has written and, since 21.3, which files there are.
func (x *exchange) extractTrails() (object, *failure) {
	p, extracts := x.server.profile, list{}
	all := x.dep.trails(p, x.now)
	for _, pr := range x.dep.processes {
		if pr.spec.Type != Extract {
			continue
		}
		trails := list{}
		name := pr.trailName(x.dep, p)
		named := func(t Trail) bool { return t.Name == name }
		if i := slices.IndexFunc(all, named); i >= 0 && (pr.out.name == "" || slices.ContainsFunc(x.dep.spec.Trails, named)) {
			trails = append(trails, x.writtenTrail(all[i]))
		} else if i >= 0 {
			trails = append(trails, x.writtenTrail(x.dep.trail(pr.out, x.now)))
		}
		extracts = append(extracts, object{{"name", pr.spec.Name}, {"isRunning", pr.running(x.now)}, {"trails", trails}})
	}
	return object{{"$schema", "ogg:extractTrailsList"}, {"extracts", extracts}}, nil
}

// writtenTrail returns a trail as the Distribution Service reports it.
func (x *exchange) writtenTrail(t Trail) object {
	more := x.server.profile.trails
	return join(
		x.trailName(t),
		t.end(),
		object{{"sizeMB", number(t.sizeMB())}, {"remote", t.Remote}},
		when(more, t.bounds()...),
		when(more, t.usage()...),
	)
}
