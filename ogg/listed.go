package ogg

import "slices"

// listed returns what was listed whole of what is in the deployment. For collectors that are not read,
// that is nothing: the snapshot lacks what they list.
func (v *visit) listed(d *Deployment) Listed {
	has := func(collector, service string, routes ...string) bool {
		if v.peer(service) == nil {
			return v.reads(collector) && d.Status == "running" && !d.failed("service")
		}
		return v.reads(collector) && !slices.ContainsFunc(routes, func(route string) bool { return !v.isWhole(route) })
	}
	return Listed{
		Processes:         has("process", "adminsrvr", processRoutes[Extract], processRoutes[Replicat]),
		DistributionPaths: has("distribution_path", "distsrvr", "/sources"),
		ReceiverPaths:     has("receiver_path", "recvsrvr", "/targets"),
	}
}
