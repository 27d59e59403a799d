package ocitest

import (
	"maps"
	"slices"
)

// compartments answers GET /compartments of the service Identity for a whole tenancy: the
// compartments that the user may read, but not the tenancy itself. The caller holds s.mu.
func (s *Server) compartments(query map[string]string, f *Fault) answer {
	root := query["compartmentId"]
	if root != TenancyID || query["compartmentIdInSubtree"] != "true" || query["accessLevel"] != "ACCESSIBLE" {
		return fail(notFound)
	}
	var items []object
	for _, id := range slices.Sorted(maps.Keys(s.plane.Parents)) {
		if s.readable(id) {
			items = append(items, object{"id": id, "compartmentId": s.plane.Parents[id], "name": id, "lifecycleState": "ACTIVE"})
		}
	}
	return s.pageOf(items, query, f)
}
